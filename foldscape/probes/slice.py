"""The loss along the sharpest directions (arXiv 1807.05031)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from foldscape.cost.work import Work, search
from foldscape.events import Event
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.subject import Subject


class SliceProbe(Probe):
    """Cut the loss along the Hessian's top eigenvectors."""

    kind: Literal["slice"] = "slice"
    every: int = Field(4, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    directions: int = Field(1, ge=1, le=10)
    """How many of the sharpest directions."""
    points: int = Field(61, ge=5, le=1001)
    """Points of a cut."""
    radius: float = Field(0.25, gt=0, le=100)
    """Half length of a cut, as a share of the weights' norm."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Slice`` event a direction; none for a direction that was not found."""
        from foldscape.probes.measuring.slices import slices

        yield from slices(subject, self.directions, self.points, self.radius)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return search(self.directions) + Work(products=10, passes=1.3 * self.directions * self.points)
