"""The reading of a measure: flatter, sharper or undecided, with everything that it stands on.

Logarithms are compared, of accuracies the values. In pairs by an exact sign-flip test up to 12 pairs, else by sharing
the runs out anew. The measure that was fixed beforehand decides alone: its p is corrected (Holm) for the contrasts in
which it is read, the others' for all rows but its own; where none was fixed, all rows are corrected together. A
reading needs a corrected p of at most 0.05; no reading says which is better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.comparison.align import CLOCKS, Clock, Point, value_at
from foldscape.comparison.contrast import Contrast
from foldscape.comparison.curve import Curve
from foldscape.comparison.statistics import (
    Interval,
    difference_of_groups,
    difference_of_pairs,
    effect_words,
    floor_of_p,
    floor_words,
    holm,
    permutation_p,
    ratio_of_groups,
    ratio_of_pairs,
    sign_flip_p,
)
from foldscape.measures.column import Column
from foldscape.wire import finite

LEVEL = 0.05
"""Largest corrected p that gives a reading."""
EFFECTS = {
    (True, True): ratio_of_pairs,
    (True, False): ratio_of_groups,
    (False, True): difference_of_pairs,
    (False, False): difference_of_groups,
}
"""How large an effect is, by whether ratios mean something and whether runs come in pairs."""
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
        ratio: Ratio of geometric means with its 95 % interval; of accuracies the difference of means.
        p: Two-sided p, not corrected.
        p_holm: The same, corrected for the rows that stand beside it.
        loss_ratio: Ratio of the geometric means of the training losses there.
        rows: Rows that it was corrected for.
        decides: Whether this is the measure that was fixed beforehand.
        others: The same row on the other clocks.
    """

    contrast: Contrast
    measure: Column
    point: Point
    first: Float64Array
    second: Float64Array
    left_out: int
    ratio: Interval
    p: float
    loss_ratio: float
    p_holm: float = math.nan
    rows: int = 1
    decides: bool = False
    others: tuple[Verdict, ...] = field(default=(), repr=False)

    @property
    def reading(self) -> str:
        """``flatter`` or ``sharper``, ``lower`` or ``higher``, or ``undecided``: the first group against the second."""
        even = 1 if self.measure.log else 0
        if not self.p_holm <= LEVEL or self.ratio.value == even:
            return "undecided"
        return self.measure.readings[0 if self.ratio.value < even else 1]

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
        said = effect_words(self.ratio, self.measure.log)
        return f"{self.measure.label}: {self.contrast.name} {said}, p {self.p_holm:.2g}: {self.reading}"

    @property
    def answer(self) -> str:
        """Say the reading first, as the answer to the question that it was to decide."""
        said = effect_words(self.ratio, self.measure.log)
        count = f"{len(self.first)} pair{'' if len(self.first) == 1 else 's'}" if self.contrast.paired else "not paired"
        name = f"{self.contrast.name}, {self.measure.label}"
        return f"{self.reading.capitalize()}: {name} {said}, {count}, p {self.p_holm:.2g}."

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON."""
        pairs, second = self.sizes
        return {
            "contrast": self.contrast.key, "measure": self.measure.name, "label": self.measure.label,
            "by": self.point.by, "target": self.point.target,
            "first": self.first.tolist(), "second": self.second.tolist(),
            "n": pairs, "n_second": second, "left_out": self.left_out, "is_ratio": self.measure.log,
            "decides": self.decides, "answer": self.answer if self.decides else "",
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
    found: Sequence[Contrast],
    measures: Sequence[Column],
    points: dict[Clock, Point],
    by: Clock,
    *,
    primary: str = "",
    seed: int = 0,
) -> list[Verdict]:
    """Judge every measure of every contrast at one point, with the readings at the other points beside it.

    Args:
        found: The contrasts.
        measures: Those that were measured.
        points: A point on every clock that has one.
        by: The clock of the reading.
        primary: Name of the measure that was fixed beforehand; empty where none was.
        seed: Seed of draws and resamples.

    Returns:
        A row a contrast and measure.
    """
    if by not in points:
        return []
    rows = {clock: _rows(found, measures, points[clock], primary, seed) for clock in CLOCKS if clock in points}
    others = [tuple(rows[clock][at] for clock in rows if clock != by) for at in range(len(rows[by]))]
    return [replace(row, others=beside) for row, beside in zip(rows[by], others, strict=True)]


def _rows(
    found: Sequence[Contrast], measures: Sequence[Column], point: Point, primary: str, seed: int
) -> list[Verdict]:
    rows = [_judge(contrast, measure, point, seed) for contrast in found for measure in measures]
    decides = np.array([row.measure.name == primary for row in rows], bool)
    p, corrected, tested = np.array([row.p for row in rows]), np.zeros(len(rows)), np.zeros(len(rows), int)
    for part in (decides, ~decides):
        corrected[part], tested[part] = holm(p[part]), np.isfinite(p[part]).sum()
    told = zip(rows, corrected.tolist(), tested.tolist(), decides.tolist(), strict=True)
    return [replace(row, p_holm=p_holm, rows=count, decides=first) for row, p_holm, count, first in told]


def _judge(contrast: Contrast, measure: Column, point: Point, seed: int) -> Verdict:
    paired = contrast.paired
    members = list(zip(*contrast.pairs, strict=True)) if paired else (contrast.first.curves, contrast.second.curves)
    first, second = (_values(curves, point, measure.name) for curves in members)
    usable = [np.isfinite(values) & ((values > 0) | (not measure.log)) for values in (first, second)]
    if paired:
        usable = [usable[0] & usable[1]] * 2
    a, b = first[usable[0]], second[usable[1]]
    left_out = len(first) - len(a) + (0 if paired else len(second) - len(b))
    losses = [_values(curves, point, "train_loss")[use] for curves, use in zip(members, usable, strict=True)]
    effect = EFFECTS[measure.log, paired](a, b, seed=seed)
    x, y = (np.log(a), np.log(b)) if measure.log else (a, b)
    p = sign_flip_p(x - y, seed=seed) if paired else permutation_p(x, y, seed=seed)
    return Verdict(contrast, measure, point, a, b, left_out, effect, p, _ratio(*losses))


def _values(curves: Sequence[Curve], point: Point, measure: str) -> Float64Array:
    return np.array([value_at(curve, point.by, point.target, measure)[0] for curve in curves])


def _ratio(first: Float64Array, second: Float64Array) -> float:
    logs = [np.log(values[np.isfinite(values) & (values > 0)]) for values in (first, second)]
    if not all(len(each) for each in logs):
        return math.nan
    return math.exp(logs[0].mean() - logs[1].mean())
