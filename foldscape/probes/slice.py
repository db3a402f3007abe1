"""The loss along the sharpest direction (science F1, B2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from foldscape.events import Event
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.training.subject import Subject


class SliceProbe(Probe):
    """Cut the loss along the Hessian's top eigenvector."""

    kind: Literal["slice"] = "slice"
    every: int = Field(4, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    points: int = Field(61, ge=5, le=1001)
    """Points of the cut."""
    radius: float = Field(0.25, gt=0, le=100)
    """Half length of the cut, as a share of the weights' norm."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Slice`` event, or none when the sharpest direction was not found."""
        from foldscape.training.sharpness import loss_slice

        cut = loss_slice(subject, self.points, self.radius)
        if cut is not None:
            yield cut
