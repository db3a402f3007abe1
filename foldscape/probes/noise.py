"""Gradient noise and overlaps with the sharpest directions along a run (arXiv 1711.04623, 1812.04754)."""

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


class NoiseProbe(Probe):
    """Measure the gradient noise scale, the gradient's overlap with the sharpest directions and how those turn."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("noise_scale", "gradient noise scale", "points", event="noise"),
        Column(
            "gradient_energy",
            "gradient in the top span",
            "share",
            mean="arithmetic",
            event="noise",
            field="energy",
            set_by=("k",),
        ),
        Column("overlap_last", "overlap with the last", "share", mean="arithmetic", event="noise", set_by=("k",)),
        Column("overlap_first", "overlap with the first", "share", mean="arithmetic", event="noise", set_by=("k",)),
        Column("noise_cosine", "cosine of noise and Hessian", mean="arithmetic", event="noise", field="cosine"),
    )
    kind: Literal["noise"] = "noise"
    every: int = Field(10, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    k: int = Field(5, ge=1, le=20)
    """How many of the sharpest directions."""
    draws: int = Field(0, ge=0, le=10_000)
    """Random vectors behind the cosine between gradient covariance and Hessian, at least 2; 0 leaves it out."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Noise`` event; none where the loss has no finite gradient."""
        from foldscape.probes.measuring.noise import noise

        yield from noise(subject, self.k, self.draws)

    @property
    def measured_columns(self) -> tuple[Column, ...]:
        """All but the cosine, unless that was asked for."""
        return tuple(column for column in self.columns if self.draws or column.name != "noise_cosine")

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return search(self.k) + Work(products=4 + 2 * self.draws, seconds=2e-4)
