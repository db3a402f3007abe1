"""The reading of a measure: flatter, sharper or undecided, with everything that it stands on.

Logarithms are compared. In pairs by an exact sign-flip test up to 12 pairs, else by sharing the runs out anew; p is
corrected for all rows of the comparison (Holm). A reading needs a corrected p of at most 0.05; no reading says which
is better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from foldscape.comparison.align import CLOCKS, Clock, Point, value_at
from foldscape.comparison.contrast import Contrast
from foldscape.comparison.curve import Curve, Floats, finite
from foldscape.comparison.measures import Measure
from foldscape.comparison.statistics import (
    Interval,
    floor_of_p,
    floor_words,
    holm,
    permutation_p,
    ratio_of_groups,
    ratio_of_pairs,
    sign_flip_p,
)

LEVEL = 0.05
"""Largest corrected p that gives a reading."""
LOSS_APART = 0.10
"""Share by which training losses may differ before a row is flagged."""


@dataclass(frozen=True)
class Verdict:
    """One row: a measure of a contrast at one point.

    Attributes:
        contrast: The groups.
        measure: The measure.
        point: Where they are compared.
        first: Values of the first group, in pairs or not.
        second: Values of the second.
        left_out: Pairs, or runs where not paired, that never come to the point or have no positive value there.
        ratio: Ratio of geometric means with its 95 % interval.
        p: Two-sided p, not corrected.
        p_holm: The same, corrected for all rows of the comparison.
        loss_ratio: Ratio of the geometric means of the training losses there.
        rows: Rows that it was corrected for.
        others: The same row on the other clocks.
    """

    contrast: Contrast
    measure: Measure
    point: Point
    first: Floats
    second: Floats
    left_out: int
    ratio: Interval
    p: float
    loss_ratio: float
    p_holm: float = math.nan
    rows: int = 1
    others: tuple[Verdict, ...] = field(default=(), repr=False)

    @property
    def reading(self) -> str:
        """``flatter``, ``sharper`` or ``undecided``, of the first group against the second."""
        if not self.p_holm <= LEVEL or self.ratio.value == 1:
            return "undecided"
        return "flatter" if self.ratio.value < 1 else "sharper"

    @property
    def sizes(self) -> tuple[int, int | None]:
        """Number of pairs and ``None``, or of runs in each group."""
        return len(self.first), None if self.contrast.paired else len(self.second)

    @property
    def floor(self) -> float:
        """The smallest p that so many runs can give."""
        return floor_of_p(*self.sizes)

    @property
    def flag(self) -> str:
        """A warning when the losses differ too much for the sharpness to be compared; else empty."""
        apart = abs(math.log(self.loss_ratio)) if self.loss_ratio > 0 else 0.0
        if apart <= math.log(1 + LOSS_APART):
            return ""
        return f"The training losses differ by ×{self.loss_ratio:.2g}; sharpness falls with the loss by itself."

    @property
    def words(self) -> str:
        """Say the reading with its numbers."""
        said = f"×{self.ratio.value:.3g} [{self.ratio.low:.3g}, {self.ratio.high:.3g}]"
        return f"{self.measure.label}: {self.contrast.name} {said}, p {self.p_holm:.2g}: {self.reading}"

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON."""
        pairs, second = self.sizes
        return {
            "contrast": self.contrast.key, "measure": self.measure.key, "label": self.measure.label,
            "by": self.point.by, "target": self.point.target,
            "first": self.first.tolist(), "second": self.second.tolist(),
            "n": pairs, "n_second": second, "left_out": self.left_out,
            "ratio": finite(self.ratio.value), "low": finite(self.ratio.low), "high": finite(self.ratio.high),
            "p": finite(self.p), "p_holm": finite(self.p_holm), "floor": self.floor, "rows": self.rows,
            "floor_words": floor_words(pairs, second, self.rows, LEVEL),
            "reading": self.reading, "flag": self.flag, "loss_ratio": finite(self.loss_ratio),
            "others": [self._beside(other) for other in self.others],
        }  # fmt: skip

    def _beside(self, other: Verdict) -> dict[str, Any]:
        """Give the same row on another clock, and whether it reads the same."""
        numbers = {"ratio": finite(other.ratio.value), "p_holm": finite(other.p_holm), "n": len(other.first)}
        same = None if not len(other.first) else other.reading == self.reading
        return {"by": other.point.by, "target": other.point.target, "reading": other.reading, "same": same, **numbers}


def verdicts(
    found: Sequence[Contrast], measures: Sequence[Measure], points: dict[Clock, Point], by: Clock, *, seed: int = 0
) -> list[Verdict]:
    """Judge every measure of every contrast at one point, with the readings at the other points beside it.

    Args:
        found: The contrasts.
        measures: Those that were measured.
        points: A point on every clock that has one.
        by: The clock of the reading.
        seed: Seed of draws and resamples.

    Returns:
        A row a contrast and measure.
    """
    if by not in points:
        return []
    rows = {clock: _rows(found, measures, points[clock], seed) for clock in CLOCKS if clock in points}
    others = [tuple(rows[clock][at] for clock in rows if clock != by) for at in range(len(rows[by]))]
    return [replace(row, others=beside) for row, beside in zip(rows[by], others, strict=True)]


def _rows(found: Sequence[Contrast], measures: Sequence[Measure], point: Point, seed: int) -> list[Verdict]:
    rows = [_judge(contrast, measure, point, seed) for contrast in found for measure in measures]
    corrected = holm([row.p for row in rows])
    tested = int(np.isfinite(corrected).sum())
    return [replace(row, p_holm=float(p), rows=tested) for row, p in zip(rows, corrected, strict=True)]


def _judge(contrast: Contrast, measure: Measure, point: Point, seed: int) -> Verdict:
    paired = contrast.paired
    members = list(zip(*contrast.pairs, strict=True)) if paired else (contrast.first.curves, contrast.second.curves)
    first, second = (_values(curves, point, measure.key) for curves in members)
    usable = [np.isfinite(values) & (values > 0) for values in (first, second)]
    if paired:
        usable = [usable[0] & usable[1]] * 2
    a, b = first[usable[0]], second[usable[1]]
    left_out = len(first) - len(a) + (0 if paired else len(second) - len(b))
    losses = [_values(curves, point, "train_loss")[use] for curves, use in zip(members, usable, strict=True)]
    ratio = (ratio_of_pairs if paired else ratio_of_groups)(a, b, seed=seed)
    p = sign_flip_p(np.log(a) - np.log(b), seed=seed) if paired else permutation_p(np.log(a), np.log(b), seed=seed)
    return Verdict(contrast, measure, point, a, b, left_out, ratio, p, _ratio(*losses))


def _values(curves: Sequence[Curve], point: Point, measure: str) -> Floats:
    return np.array([value_at(curve, point.by, point.target, measure)[0] for curve in curves])


def _ratio(first: Floats, second: Floats) -> float:
    logs = [np.log(values[np.isfinite(values) & (values > 0)]) for values in (first, second)]
    if not all(len(each) for each in logs):
        return math.nan
    return math.exp(logs[0].mean() - logs[1].mean())
