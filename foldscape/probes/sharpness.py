"""The loss near the weights along a run (SAM: arXiv 2010.01412; ASAM: 2102.11600; relative flatness: 2001.00939)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from foldscape.cost.work import Work
from foldscape.events import Event
from foldscape.measures.column import Column
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.subject import Subject


class SharpnessProbe(Probe):
    """Measure SAM, ASAM and average sharpness, and the relative flatness of the output layer."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("sam", "SAM", "nats", flatness=True, event="sharpness", set_by=("rho",)),
        Column("sam_ascent", "SAM by ascent", "nats", flatness=True, event="sharpness", set_by=("rho",)),
        Column("asam", "ASAM", "nats", flatness=True, event="sharpness", set_by=("adaptive_rho",)),
        Column("asam_ascent", "ASAM by ascent", "nats", flatness=True, event="sharpness", set_by=("adaptive_rho",)),
        Column(
            "average_sharpness",
            "average sharpness",
            "nats",
            flatness=True,
            event="sharpness",
            field="average",
            set_by=("rho",),
        ),
        Column("relative_flatness", "relative flatness", flatness=True, event="sharpness"),
    )
    kind: Literal["sharpness"] = "sharpness"
    every: int = Field(20, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    rho: float = Field(0.05, gt=0, le=100)
    """Radius, parameter units."""
    adaptive_rho: float = Field(0.5, gt=0, le=100)
    """Radius in units of the parameters' own sizes."""
    ascent: int = Field(20, ge=0, le=1000)
    """Steps of projected ascent."""
    draws: int = Field(20, ge=2, le=10_000)
    """Random steps behind the average."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Sharpness`` event; none where the loss has no finite gradient."""
        from foldscape.probes.measuring.sharpness import measure_sharpness

        yield from measure_sharpness(subject, self.rho, self.adaptive_rho, self.ascent, self.draws)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        climbs = 2 * (self.ascent + 1)
        return Work(products=1.3 * climbs, passes=2 * climbs + 2 * self.draws, seconds=1e-4 * climbs)
