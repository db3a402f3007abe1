"""The loss along the line from the last hill through the net, with the hills and without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from foldscape.cost.work import Work
from foldscape.events import Event
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.subject import Subject


class HillSliceProbe(Probe):
    """Cut loss and hills along the line from the last hill's top through the net."""

    kind: Literal["hill_slice"] = "hill_slice"
    points: int = Field(61, ge=5, le=1001)
    """Points of a cut."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``HillSlice`` event; none without a hill, on its very top, or where the loss has no plain place."""
        from foldscape.probes.measuring.hill_slice import hill_slice

        yield from hill_slice(subject, self.points)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work(passes=1.3 * self.points, seconds=1e-4)
