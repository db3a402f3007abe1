"""The ends of the Hessian's spectrum along a run, with scale-free partners (Rangamani et al., arXiv 1902.02434)."""

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

Granularity = Literal["none", "tensor", "layer", "block", "element"]


class CurvatureProbe(Probe):
    """Measure the largest Hessian eigenvalues, the smallest if asked for, and the scale-invariant flatness."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("lambda_none", "λ raw", "nats", flatness=True, always=True, event="curvature", field="lambda_max"),
        *(
            Column(
                f"lambda_{name}",
                f"λ by {name}",
                flatness=True,
                always=True,
                event="curvature",
                field=f"flatness.{name}",
            )
            for name in ("tensor", "layer", "block", "element")
        ),
        Column("lambda_smallest", "smallest λ", "nats", mean="arithmetic", event="curvature", field="smallest"),
    )
    kind: Literal["curvature"] = "curvature"
    every: int = Field(4, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    k: int = Field(1, ge=1, le=20)
    """How many of the largest eigenvalues."""
    smallest: bool = False
    """Whether to find the smallest eigenvalue too."""
    granularities: tuple[Granularity, ...] = ("element",)
    """Granularities of the scale-invariant flatness."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Curvature`` event."""
        from foldscape.probes.measuring.curvature import curvature

        yield curvature(subject, self.k, self.smallest, self.granularities)

    @property
    def measured_columns(self) -> tuple[Column, ...]:
        """The largest eigenvalue, and what else was asked for."""
        asked = {"lambda_none", *(f"lambda_{name}" for name in self.granularities)}
        asked |= {"lambda_smallest"} if self.smallest else set()
        return tuple(column for column in self.columns if column.name in asked)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        searches = search(self.k) + (search() if self.smallest else Work())
        for _ in self.granularities:
            searches += search()
        return searches
