"""Whether a measure rises or falls with another over settings: Spearman's rank correlation of the means over seeds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float64Array
from foldscape.comparison.statistics import DRAWS, NOTHING, RESAMPLES, Interval, two_sided
from foldscape.wire import finite

LEAST_SETTINGS = 3
"""Fewer settings have no order to speak of."""


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's rank correlation over settings.

    Attributes:
        rho: The correlation, with its 95 % interval over seeds; NaN where there is none.
        p: Two-sided p of no order at all, over permutations of the settings.
        settings: Settings that it stands on.
        seeds: Seeds that all of them have; the interval needs two.
    """

    rho: Interval
    p: float
    settings: int
    seeds: int

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON."""
        ends = {name: finite(getattr(self.rho, name)) for name in ("value", "low", "high")}
        return {**ends, "p": finite(self.p), "settings": self.settings, "seeds": self.seeds}


def rank_correlation(x: npt.ArrayLike, by_seed: Sequence[Mapping[int, float]], *, seed: int = 0) -> RankCorrelation:
    """Rank settings by one number and by the mean over seeds of another.

    The interval is that of other seeds, the settings staying as they were chosen: the seeds that all settings share are
    drawn anew, with replacement, the same for every setting (percentile bootstrap). Ties have their mean rank.

    Args:
        x: (k,) number of each setting.
        by_seed: The values of each setting, by seed; logarithms where ratios mean something.
        seed: Seed of resamples and permutations.

    Returns:
        The correlation; NaN with fewer than three settings, or where all are alike in one of the two.

    Example:
        >>> runs = [{0: 5.0, 1: 6.0}, {0: 4.0, 1: 4.5}, {0: 2.0, 1: 2.5}, {0: 1.0, 1: 2.2}]
        >>> found = rank_correlation([1, 2, 4, 8], runs)
        >>> found.rho.value, found.rho.high, round(found.p, 3)
        (-1.0, -1.0, 0.083)
    """
    kept = [(at, runs) for at, runs in zip(np.asarray(x, np.float64), by_seed, strict=True) if runs and np.isfinite(at)]
    shared = sorted(set.intersection(*(set(runs) for _, runs in kept))) if kept else []
    nothing = RankCorrelation(NOTHING, math.nan, len(kept), len(shared))
    if len(kept) < LEAST_SETTINGS:
        return nothing
    places = ranks(np.array([at for at, _ in kept]))
    chosen = [[runs[each] for each in shared or runs] for _, runs in kept]
    ranked = ranks(np.array([np.mean(values) for values in chosen]))
    value = float(correlation(places, ranked))
    if not math.isfinite(value):
        return nothing
    p = _permuted(places, ranked, value, seed)
    return RankCorrelation(Interval(value, *_ends(places, chosen, len(shared), seed)), p, len(kept), len(shared))


def ranks(values: Float64Array) -> Float64Array:
    """Rank along the first axis; ties have their mean rank."""
    from scipy.stats import rankdata

    found: Float64Array = rankdata(values, axis=0)
    return found


def correlation(x: Float64Array, y: Float64Array) -> Float64Array:
    """Give Pearson's correlation of (k,) with (k,) or each column of (k, n); NaN where one of them is constant."""
    a, b = x - x.mean(), y - y.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Float64Array = (a @ b) / np.sqrt((a @ a) * (b * b).sum(axis=0))
    return np.clip(found, -1, 1)


def _ends(places: Float64Array, chosen: Sequence[Sequence[float]], seeds: int, seed: int) -> tuple[float, float]:
    if seeds < 2:
        return math.nan, math.nan
    drawn = np.random.default_rng(seed).integers(seeds, size=(RESAMPLES, seeds))
    found = correlation(places, ranks(np.array(chosen)[:, drawn].mean(axis=2)))
    low, high = np.nanquantile(found, (0.025, 0.975))
    return float(low), float(high)


def _permuted(x: Float64Array, y: Float64Array, seen: float, seed: int) -> float:
    """Give the p of no order where one was seen: over all permutations where they are few, else over drawn ones."""
    if math.factorial(len(x)) <= DRAWS:
        null = correlation(x, np.array(list(itertools.permutations(y))).T)
        return two_sided(null, seen, drawn=False)
    columns = np.random.default_rng(seed).permuted(np.tile(y, (DRAWS, 1)), axis=1).T
    return two_sided(correlation(x, columns), seen, drawn=True)
