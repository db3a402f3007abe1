"""Mini-batches along the sharpest directions (arXiv 1807.05031)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from foldscape.cost.work import Work, search
from foldscape.events import Event
from foldscape.measures.column import Column
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.subject import Subject


class DirectionsProbe(Probe):
    """Measure alignments, cross-sections and what a step does along the sharpest directions."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("batch_alignment", "alignment of mini-batches", mean="arithmetic", event="directions"),
    )
    kind: Literal["directions"] = "directions"
    every: int = Field(20, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    k: int = Field(5, ge=1, le=20)
    """How many of the sharpest directions."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Directions`` event; none where the loss has no finite gradient."""
        from foldscape.probes.measuring.directions import directions

        yield from directions(subject, self.k)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return search(self.k) + Work(products=10, passes=15 * self.k + 70 * (self.k + 2))
