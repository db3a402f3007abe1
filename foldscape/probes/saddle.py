"""The index of the point where a run stands: the share of directions that bend downwards (arXiv 1406.2572)."""

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


class SaddleProbe(Probe):
    """Measure the share of the Hessian's eigenvalues that are negative, to hold against the loss."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("saddle_index", "saddle index", "share", mean="arithmetic", event="saddle", field="share"),
        Column(
            "saddle_index_error",
            "standard error of the saddle index",
            "share",
            mean="arithmetic",
            event="saddle",
            field="error",
        ),
    )
    kind: Literal["saddle"] = "saddle"
    every: int = Field(20, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    steps: int = Field(80, ge=2, le=500)
    """Lanczos steps of a run; nets of at most 300 parameters need none."""
    runs: int = Field(8, ge=1, le=100)
    """Runs from random vectors, on which the standard error stands."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Saddle`` event; none where the loss has no finite gradient."""
        from foldscape.probes.measuring.saddle import saddle

        yield from saddle(subject, self.steps, self.runs)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work(products=1.5 * self.steps * self.runs, seconds=5e-5 * self.steps * self.runs)
