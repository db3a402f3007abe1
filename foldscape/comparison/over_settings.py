"""Claims about many settings at once: a measure follows another over them, or is equal where another is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.comparison.align import Point, clock_of, common_point, value_at
from foldscape.comparison.claim import EqualClaim, RankClaim
from foldscape.comparison.comparable import unlike, why_not_comparable
from foldscape.comparison.curve import Curve
from foldscape.comparison.group import key_of
from foldscape.comparison.judgement import JudgedOverSettings
from foldscape.comparison.rank import RankCorrelation, rank_correlation
from foldscape.comparison.statistics import NOTHING, RESAMPLES, Interval
from foldscape.measures.declared import MEASURES

RunsBySeed = Mapping[int, Curve]
"""The runs of one setting, by seed."""
AGREE = 0.01
"""Share by which numbers may differ that count as one."""


def judge_over_settings(
    number: int, claim: RankClaim | EqualClaim, curves: Sequence[Curve]
) -> list[JudgedOverSettings]:
    """Judge a claim of an order or of equality.

    Args:
        number: Its number among those of its source.
        claim: The claim.
        curves: The runs, each setting as often as it has seeds.

    Returns:
        A row a measure and clock; of equality one for each set of settings that agree.
    """
    settings = _settings(curves)
    found: list[JudgedOverSettings] = []
    for clock in claim.clocks if len(settings) > 1 else ():
        point = common_point(curves, clock)
        refused = why_not_comparable(_unlike(settings))
        for measure in claim.measures:
            if refused:
                found.append(_row(number, claim, measure, point, NOTHING, over=len(settings), refused=refused))
            elif isinstance(claim, RankClaim):
                found.append(_ranked(number, claim, measure, point, settings))
            else:
                found += _equal(number, claim, measure, point, settings)
    return found


def rank_over(settings: Sequence[RunsBySeed], point: Point, along: str, measure: str) -> RankCorrelation:
    """Rank settings by one column and by another at a point.

    Args:
        settings: The runs of each, by seed.
        point: Where they are read.
        along: The column that is followed; its mean over the seeds of a setting counts.
        measure: The column that follows it.

    Returns:
        The correlation.
    """
    x = [_mean(value_of(setting, point, along)) for setting in settings]
    return rank_correlation(x, [value_of(setting, point, measure) for setting in settings])


def value_of(setting: RunsBySeed, point: Point, measure: str) -> dict[int, float]:
    """Give a measure of each run of a setting at a point, by seed; logarithms where ratios mean something."""
    read = {seed: float(value_at(curve, point.by, point.target, measure)[0]) for seed, curve in setting.items()}
    if MEASURES[measure].log:
        read = {seed: math.log(value) if value > 0 else math.nan for seed, value in read.items()}
    return {seed: value for seed, value in read.items() if math.isfinite(value)}


def _settings(curves: Sequence[Curve]) -> list[RunsBySeed]:
    found: dict[str, dict[int, Curve]] = {}
    for curve in curves:
        found.setdefault(key_of(curve.settings), {})[curve.seed] = curve
    return list(found.values())


def _unlike(settings: Sequence[RunsBySeed]) -> tuple[str, ...]:
    first = settings[0]
    return unlike([(first[seed], other[seed]) for other in settings[1:] for seed in first.keys() & other.keys()])


def _row(
    number: int, claim: RankClaim | EqualClaim, measure: str, point: Point, effect: Interval, *, over: int,
    seeds: int = 0, p: float = math.nan, named: str = "", refused: str = "",
) -> JudgedOverSettings:  # fmt: skip
    settings = {MEASURES[claim.within].label: named} if isinstance(claim, EqualClaim) and named else {}
    about = number, measure, point, settings, seeds, effect, p
    if isinstance(claim, RankClaim):
        return JudgedOverSettings(*about, claim.bound, refused, over, "rank", claim.at_least is not None)
    sized = claim.factor > 1
    return JudgedOverSettings(
        *about, claim.factor if sized else claim.allowance, refused, over, "ratio" if sized else "difference"
    )


def _ranked(
    number: int, claim: RankClaim, measure: str, point: Point, settings: Sequence[RunsBySeed]
) -> JudgedOverSettings:
    found = rank_over(settings, point, claim.along, measure)
    seeds = found.seeds if math.isfinite(found.rho.value) else 0
    return _row(number, claim, measure, point, found.rho, over=found.settings, seeds=seeds, p=found.p)


def _equal(
    number: int, claim: EqualClaim, measure: str, point: Point, settings: Sequence[RunsBySeed]
) -> Iterator[JudgedOverSettings]:
    for agreed, members in _agreeing(claim.within, point, settings):
        if claim.whole:
            point = common_point([curve for member in members for curve in member.values()], point.by)
        seeds = sorted(set.intersection(*(set(member) for member in members)))
        read = _read(members, seeds, claim, point, measure)
        usable = np.isfinite(read).all(axis=(0, 1)) & ((read > 0).all(axis=(0, 1)) | (claim.factor == 1))
        effect = _spread(read[:, :, usable], claim.factor > 1) if usable.any() else NOTHING
        count = len(seeds) if usable.any() else 0
        yield _row(number, claim, measure, point, effect, over=len(members), seeds=count, named=f"{agreed:.3g}")


def _agreeing(within: str, point: Point, settings: Sequence[RunsBySeed]) -> list[tuple[float, list[RunsBySeed]]]:
    """Part settings by a column that agrees, the largest first; those that agree with no other are left out."""
    told = [(_mean(value_of(setting, point, within)), setting) for setting in settings]
    back: Callable[[float], float] = math.exp if MEASURES[within].log else float
    known = sorted(((back(at), setting) for at, setting in told if math.isfinite(at)), key=lambda each: -each[0])
    parts: list[tuple[float, list[RunsBySeed]]] = []
    for at, setting in known:
        if parts and abs(at - parts[-1][0]) <= AGREE * abs(parts[-1][0]):
            parts[-1][1].append(setting)
        else:
            parts.append((at, [setting]))
    return [(at, members) for at, members in parts if len(members) > 1]


def _read(
    members: Sequence[RunsBySeed], seeds: Sequence[int], claim: EqualClaim, point: Point, measure: str
) -> Float64Array:
    """Read (settings, seeds, moments): at the point, or at every moment that was measured up to there."""
    targets = np.array([point.target])
    if claim.whole:
        every = [clock_of(member[seed], point.by) for member in members for seed in seeds]
        seen = np.unique(np.concatenate(every)) if every else targets
        passed = (seen >= point.target) if point.by == "loss" else (seen <= point.target) & (seen > 0)
        targets = seen[passed & np.isfinite(seen)]
    rows = [[value_at(member[seed], point.by, targets, measure) for seed in seeds] for member in members]
    return np.array(rows).reshape(len(members), len(seeds), len(targets))


def _spread(read: Float64Array, ratio: bool) -> Interval:
    """Give how far settings lie apart at most, in their means over seeds, with the interval of other seeds."""
    values = np.log(read) if ratio else read
    value = float(np.ptp(values.mean(axis=1), axis=0).max())
    low = high = math.nan
    if (seeds := values.shape[1]) > 1:
        drawn = np.random.default_rng(0).integers(seeds, size=(RESAMPLES, seeds))
        counts = np.stack([(drawn == one).sum(axis=1) for one in range(seeds)], axis=1) / seeds
        drawn_means = np.einsum("rs,ksm->krm", counts, values)
        low, high = (float(end) for end in np.quantile(np.ptp(drawn_means, axis=0).max(axis=1), (0.025, 0.975)))
    return Interval(*(math.exp(end) for end in (value, low, high))) if ratio else Interval(value, low, high)


def _mean(values: Mapping[int, float]) -> float:
    return float(np.mean([*values.values()])) if values else math.nan
