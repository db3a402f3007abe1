"""Claims about a sign: in each setting a measure lies above or below a number."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from foldscape.comparison.align import Clock, common_point, value_at
from foldscape.comparison.claim import SignClaim
from foldscape.comparison.curve import Curve
from foldscape.comparison.judgement import JudgedSign
from foldscape.comparison.published import has
from foldscape.comparison.statistics import NOTHING, Interval, mean_of

QUANTILE = 1.96
"""Standard errors on each side of a 95 % interval."""


def judge_signs(number: int, claim: SignClaim, curves: Sequence[Curve]) -> list[JudgedSign]:
    """Judge a claim about a sign.

    Args:
        number: Its number among those of its source.
        claim: The claim.
        curves: The runs.

    Returns:
        A row a measure, clock and setting.
    """
    settings: dict[tuple[tuple[str, str], ...], list[Curve]] = {}
    for curve in curves:
        if not has(curve.settings, claim.settings):
            continue
        settings.setdefault(tuple((axis, str(name)) for axis, name in curve.settings.items()), []).append(curve)
    return [
        _judged(number, claim, measure, clock, dict(setting), members)
        for setting, members in settings.items()
        for measure in claim.measures
        for clock in claim.clocks
    ]


def _judged(
    number: int, claim: SignClaim, measure: str, clock: Clock, setting: dict[str, str], members: Sequence[Curve]
) -> JudgedSign:
    point = common_point(members, clock)
    names = [measure] if claim.error is None else [measure, claim.error]
    read = np.array([[value_at(one, point.by, point.target, name)[0] for name in names] for one in members])
    read = read[np.isfinite(read).all(axis=1)]
    return JudgedSign(
        number, measure, point, setting, len(read), _interval(read), math.nan, claim.bound,
        above=claim.above is not None, by_points=claim.error is not None,
    )  # fmt: skip


def _interval(read: np.ndarray) -> Interval:
    """Give the mean over seeds; these share their test points, so that more do not make the error of one smaller."""
    if not len(read):
        return NOTHING
    if read.shape[1] == 1:
        return mean_of(read[:, 0])
    value, error = read.mean(axis=0).tolist()
    return Interval(value, value - QUANTILE * error, value + QUANTILE * error)
