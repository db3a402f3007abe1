"""What each block of a residual net does, along a run (Jastrzębski et al. 2018, arXiv 1710.04773)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from foldscape.cost.work import Work
from foldscape.data.base import DataSet
from foldscape.events import Event
from foldscape.measures.column import Column
from foldscape.net.spec import NetSpec
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.subject import Subject

_ON = ("part", "subset")
BLOCKS = 8
"""Blocks of a usual net, for foreseeing what measuring takes."""


def _number(name: str, label: str, unit: str = "", *, set_by: tuple[str, ...] = _ON) -> Column:
    return Column(name, label, unit, mean="arithmetic", event="iterative", field=f"values.{name}", set_by=set_by)


def _unrolled(name: str, label: str) -> Column:
    return _number(name, label, "share", set_by=(*_ON, "extra"))


class IterativeProbe(Probe):
    """Measure what each residual block does to what passes it, and unroll the last one."""

    columns: ClassVar[tuple[Column, ...]] = (
        _number("mean_cosine", "mean cosine of blocks and gradient"),
        _number("highest_cosine", "largest cosine of a block and the gradient"),
        _number("highest_cosine_error", "standard error of the largest cosine over samples"),
        _number("residual_ratio", "mean size of what a block adds over what comes"),
        Column(
            "feature_growth", "growth of features along the last stage", event="iterative",
            field="values.feature_growth", set_by=_ON,
        ),
        _number("first_block_accuracy", "accuracy after the first block", "share"),
        _number("last_block_accuracy", "accuracy after the last block", "share"),
        _number("depth_gain", "accuracy gained from the first block to the last", "share"),
        _unrolled("unrolled_accuracy", "accuracy with the last block unrolled"),
        _unrolled("unrolled_change", "change of accuracy by unrolling"),
        _unrolled("scaled_change", "change of accuracy by unrolling with residuals shared out"),
        _number("borderline_share", "borderline samples", "share", set_by=(*_ON, "gap")),
        _number("last_corrected", "borderline samples that the last block corrects", "share", set_by=(*_ON, "gap")),
    )  # fmt: skip
    kind: Literal["iterative"] = "iterative"
    every: int = Field(10, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    part: Literal["test", "train"] = "test"
    """Which points."""
    most: int = Field(1000, ge=1, le=20_000)
    """Points at most, the same throughout a run."""
    gap: float = Field(0.2, ge=0, le=1)
    """Gap between the two largest probabilities below which a sample is borderline."""
    extra: int = Field(4, ge=0, le=16)
    """Extra times that the last block is applied, at most."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``IterativeMeasured`` event; none where the net has no residual block or the part no points."""
        from foldscape.probes.measuring.iterative import by_each_block

        yield from by_each_block(subject, self)

    def problem_with(self, net: NetSpec, data: DataSet) -> str:
        """Say what of it does not fit some net; see ``Probe.problem_with``."""
        if net.residual_on(data.shape, data.classes):
            return ""
        return (
            f"kind iterative looks at blocks that add to what comes and leave its shape as it is, and net.wiring "
            f"{net.wiring} has none here; use wiring res_mlp or resnet, or take it out"
        )

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        times = 3 + BLOCKS / 2 + 2 * (self.extra + 1) / BLOCKS
        return Work(passes=times * min(self.most, 2000) / 2000, seconds=5e-3)
