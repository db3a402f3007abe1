"""The density of the whole spectrum along a run (arXiv 1901.10159)."""

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


class DensityProbe(Probe):
    """Measure the density of the eigenvalues."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("outliers", "outliers", mean="arithmetic", event="density", set_by=("matrix",)),
        Column("bulk_edge", "edge of the bulk", "nats", event="density", set_by=("matrix",)),
        Column("negative_mass", "negative mass", "share", mean="arithmetic", event="density", set_by=("matrix",)),
        Column("effective_rank", "effective rank", event="density", set_by=("matrix",)),
    )
    kind: Literal["density"] = "density"
    every: int = Field(50, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    matrix: Literal["hessian", "gauss_newton", "gradient_covariance"] = "hessian"
    """Whose eigenvalues."""
    steps: int = Field(80, ge=2, le=500)
    """Lanczos steps of a run."""
    runs: int = Field(4, ge=1, le=100)
    """Runs from random vectors."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Density`` event; none where the loss has no finite gradient."""
        from foldscape.probes.measuring.density import density

        yield from density(subject, self.matrix, self.steps, self.runs)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work(products=1.5 * self.steps * self.runs, seconds=5e-5 * self.steps * self.runs)
