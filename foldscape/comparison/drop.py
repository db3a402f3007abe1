"""Claims that a measure ends below the peak it came to on the way, such as accuracy once labels are learnt by heart."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from foldscape.comparison.align import Clock, clock_of, common_point, value_at
from foldscape.comparison.claim import DropClaim, PublishedSettings
from foldscape.comparison.curve import Curve
from foldscape.comparison.judgement import JudgedDrop
from foldscape.comparison.published import has
from foldscape.comparison.statistics import difference_of_pairs, sign_flip_p


def judge_drop(number: int, claim: DropClaim, curves: Sequence[Curve]) -> list[JudgedDrop]:
    """Judge a claim of a fall after the peak.

    Args:
        number: Its number among those of its source.
        claim: The claim.
        curves: The runs, with the setting of each axis by name in ``settings``.

    Returns:
        A row a measure, clock and choice of the other axes.
    """
    return [
        _judged(number, claim, measure, clock, dict(rest), members)
        for rest, members in _strata(claim, curves).items()
        for measure in claim.measures
        for clock in claim.clocks
    ]


def drop_of(curve: Curve, by: Clock, target: float, measure: str) -> tuple[float, float]:
    """Give a measure at a point, and the highest that was measured up to there.

    Args:
        curve: The run.
        by: The clock.
        target: Its reading.
        measure: Name of a column.

    Returns:
        The end and the peak, never below it; NaN where the run does not come there.
    """
    end = float(value_at(curve, by, target, measure)[0])
    clock, values = clock_of(curve, by), curve[measure]
    before = (clock >= target if by == "loss" else clock <= target) & np.isfinite(values)
    return end, max(end, values[before].max(initial=-math.inf))


def _strata(claim: DropClaim, curves: Sequence[Curve]) -> dict[tuple[tuple[str, str], ...], list[Curve]]:
    found: dict[tuple[tuple[str, str], ...], dict[int, Curve]] = {}
    for curve in curves:
        if has(curve.settings, claim.settings):
            rest = tuple((axis, str(name)) for axis, name in curve.settings.items() if axis not in claim.settings)
            found.setdefault(rest, {})[curve.seed] = curve
    return {rest: [own[seed] for seed in sorted(own)] for rest, own in found.items()}


def _judged(
    number: int, claim: DropClaim, measure: str, clock: Clock, settings: PublishedSettings, members: Sequence[Curve]
) -> JudgedDrop:
    point = common_point(members, clock)
    read = np.array([drop_of(curve, clock, point.target, measure) for curve in members])
    end, peak = read[np.isfinite(read).all(axis=1)].T
    effect, p = difference_of_pairs(end, peak), sign_flip_p(end - peak + claim.at_least)
    return JudgedDrop(number, measure, point, settings, len(end), effect, p, -claim.at_least)
