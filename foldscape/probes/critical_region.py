"""The exact critical sample ratio of a plane run, and how much of it a search finds (arXiv 1706.05394)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from foldscape.cost.work import Work
from foldscape.events import Event
from foldscape.measures.column import Column
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.data.base import DataSet
    from foldscape.net.spec import NetSpec
    from foldscape.subject import Subject


class CriticalRegionProbe(Probe):
    """Count the critical points of a plane run exactly, and those that LASS finds; no other run tells anything."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            "csr_exact", "exact critical sample ratio", "share", mean="arithmetic", event="critical_region",
            set_by=("radius", "part"),
        ),
        Column(
            "lass_recall", "share of the critical points that LASS finds", "share", mean="arithmetic",
            event="critical_region", set_by=("radius", "part"),
        ),
    )  # fmt: skip
    kind: Literal["critical_region"] = "critical_region"
    every: int = Field(4, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    radius: float = Field(0.1, gt=0, le=1000)
    """Radius r in the maximum norm, in data units."""
    part: Literal["train", "test"] = "train"
    """Which points."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``CriticalCounted`` event; none where there is no plane or no straight boundary."""
        from foldscape.probes.measuring.critical_region import count

        yield from count(subject, self.radius, self.part)

    def problem_with(self, net: NetSpec, data: DataSet) -> str:
        """Say that it needs the pieces of a net; see ``Probe.problem_with``."""
        if net.can.pieces:
            return ""
        return f"kind critical_region needs exact pieces, and those of {net.can.plural} are not known; take it out"

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work(passes=90, seconds=1e-3)
