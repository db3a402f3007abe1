"""The frame: the net's weights with their exact geometry, or its confusion when the data are not plane."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from foldscape.cost.work import Work
from foldscape.events import Event
from foldscape.model import added
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.subject import Subject


class FrameProbe(Probe):
    """Record weights, fold lines, decision boundary and fold points; on other data, predictions by class."""

    kind: Literal["frame"] = "frame"
    reach: float = added(0.0, ge=0, le=1000)
    """How far outside the picture the decision boundary is told too, in data units: the critical region near an edge
    of the picture may come from there."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give a ``Frame`` on plane data, ``Predictions`` on other data."""
        from foldscape.probes.measuring.frame import frame, predictions

        yield frame(subject, self.reach) if subject.split.is_plane else predictions(subject)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work(wholes=0.5, seconds=3e-4)
