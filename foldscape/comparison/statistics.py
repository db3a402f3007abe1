"""Tests that know their floor, intervals, and the correction for several rows; numpy alone but for the t quantile.

p-values are two-sided, twice the smaller tail, as in ``scipy.stats.permutation_test``: exact where all arrangements
fit, else from seeded draws with the observed one counted in (Phipson & Smyth 2010, arXiv 1603.05766).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float64Array

EXACT_PAIRS = 12
"""Up to so many pairs all sign flips are tried."""
DRAWS = 20_000
"""Arrangements drawn beyond that."""
RESAMPLES = 10_000
"""Resamples behind an interval."""
CLOSE = 1e-12
"""Share by which sums over other orders may differ and still count as equal."""


def sign_flip_p(differences: npt.ArrayLike, *, seed: int = 0) -> float:
    """Test whether paired differences are centred on zero, by flipping their signs.

    Args:
        differences: (n,) differences within pairs, such as logarithms of ratios.
        seed: Seed of the draws beyond ``EXACT_PAIRS`` pairs.

    Returns:
        The two-sided p-value; NaN without any pair.

    Example:
        >>> sign_flip_p([1.0, 2.0, 3.0, 1.5, 2.5])
        0.0625
    """
    given = np.asarray(differences, np.float64)
    if len(given) == 0:
        return math.nan
    if len(given) <= EXACT_PAIRS:
        signs = np.array(list(itertools.product((1.0, -1.0), repeat=len(given))))
        return two_sided(signs @ given, float(given.sum()), drawn=False)
    signs = np.random.default_rng(seed).choice((1.0, -1.0), size=(DRAWS, len(given)))
    return two_sided(signs @ given, float(given.sum()), drawn=True)


def permutation_p(first: npt.ArrayLike, second: npt.ArrayLike, *, seed: int = 0) -> float:
    """Test whether two groups have one mean, by sharing their members out anew.

    Args:
        first: (n,) values.
        second: (m,) values.
        seed: Seed of the draws where there are more than ``DRAWS`` ways to share them out.

    Returns:
        The two-sided p-value; NaN when a group is empty.
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if not len(a) or not len(b):
        return math.nan
    pool, seen = np.concatenate([a, b]), float(a.mean() - b.mean())
    if math.comb(len(pool), len(a)) <= DRAWS:
        chosen = np.array(list(itertools.combinations(range(len(pool)), len(a))))
        return two_sided(_gaps(pool, chosen), seen, drawn=False)
    rng = np.random.default_rng(seed)
    chosen = rng.permuted(np.tile(np.arange(len(pool)), (DRAWS, 1)), axis=1)[:, : len(a)]
    return two_sided(_gaps(pool, chosen), seen, drawn=True)


def _gaps(pool: Float64Array, chosen: npt.NDArray[np.int64]) -> Float64Array:
    """Give the difference of means for each way to choose the first group."""
    sums, count = pool[chosen].sum(axis=1), chosen.shape[1]
    gaps: Float64Array = sums / count - (pool.sum() - sums) / (len(pool) - count)
    return gaps


def two_sided(null: Float64Array, seen: float, *, drawn: bool) -> float:
    """Give twice the smaller tail of a null distribution.

    Args:
        null: (n,) values of the arrangements.
        seen: The value observed.
        drawn: Whether the arrangements were drawn, not all tried.

    Returns:
        The p-value, at most 1.
    """
    room = CLOSE * max(1.0, abs(seen))
    above, below = int((null >= seen - room).sum()), int((null <= seen + room).sum())
    more = 1 if drawn else 0
    return min(1.0, 2 * (min(above, below) + more) / (len(null) + more))


def floor_of_p(first: int, second: int | None = None) -> float:
    """Give the smallest p that a test of this size can give.

    Args:
        first: Number of pairs, or of runs in the first group.
        second: Number of runs in the second group; ``None`` for pairs.

    Returns:
        The p of the most extreme outcome, two-sided; 1 where there is nothing to compare.

    Example:
        >>> [round(floor_of_p(n), 4) for n in (5, 6, 10)], floor_of_p(3, 3), round(floor_of_p(4, 4), 3)
        ([0.0625, 0.0312, 0.002], 0.1, 0.029)
    """
    if first == 0 or second == 0:
        return 1.0
    if second is None:
        return min(1.0, 2 / 2**first if first <= EXACT_PAIRS else 2 / (DRAWS + 1))
    ways = math.comb(first + second, first)
    return min(1.0, 2 / ways if ways <= DRAWS else 2 / (DRAWS + 1))


def floor_words(first: int, second: int | None, rows: int, level: float) -> str:
    """Say how low p can go, and whether that is low enough.

    Args:
        first: Number of pairs, or of runs in the first group.
        second: Number of runs in the second group; ``None`` for pairs.
        rows: Rows that are held against each other at once (Holm).
        level: Where a reading begins.

    Returns:
        A sentence.
    """
    lowest = floor_of_p(first, second)
    size = f"{first} against {second} runs" if second is not None else f"{first} pair{'' if first == 1 else 's'}"
    if lowest > level:
        return f"With {size} p cannot go below {lowest:.2g}, so nothing can be told from chance."
    if rows > 1 and lowest * rows > level:
        return f"With {size} p can reach {lowest:.2g}, but with {rows} rows at once only {min(1.0, lowest * rows):.2g}."
    return f"With {size} p can reach {lowest:.2g}."


def holm(p: npt.ArrayLike) -> Float64Array:
    """Correct p-values for being several (Holm 1979, Scandinavian Journal of Statistics 6).

    Args:
        p: (m,) p-values; NaN is not counted and stays.

    Returns:
        (m,) corrected p-values.

    Example:
        >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
        [0.03, 0.06, 0.06]
    """
    given = np.asarray(p, np.float64)
    found = given.copy()
    known = np.flatnonzero(np.isfinite(given))
    order = known[np.argsort(given[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    found[order] = np.minimum(1.0, np.maximum.accumulate(factors * given[order]))
    return found


@dataclass(frozen=True)
class Interval:
    """A number with its 95 % interval; the ends are NaN with fewer than two values."""

    value: float
    low: float
    high: float

    @property
    def is_finite(self) -> bool:
        """Whether both ends are known."""
        return math.isfinite(self.low) and math.isfinite(self.high)


NOTHING = Interval(math.nan, math.nan, math.nan)
"""The effect of nothing at all."""


def effect_words(effect: Interval, is_ratio: bool) -> str:
    """Say a ratio, ``×0.4 [0.38, 0.42]``, or a difference, ``+0.012 [0.004, 0.02]``."""
    first = f"×{effect.value:.3g}" if is_ratio else f"{effect.value:+.3g}"
    return f"{first} [{effect.low:.3g}, {effect.high:.3g}]"


def ratio_of_pairs(first: npt.ArrayLike, second: npt.ArrayLike, *, seed: int = 0) -> Interval:
    """Give the ratio of geometric means of paired positive values, with a paired percentile bootstrap interval.

    Args:
        first: (n,) values.
        second: (n,) their partners.
        seed: Seed of the resamples.

    Returns:
        The ratio with its lower and upper end.
    """
    logs = np.log(np.asarray(first, np.float64)) - np.log(np.asarray(second, np.float64))
    return _as_ratio(float(logs.mean()), _resampled(logs, seed)) if len(logs) else NOTHING


def difference_of_pairs(first: npt.ArrayLike, second: npt.ArrayLike, *, seed: int = 0) -> Interval:
    """Give the mean difference of paired values, with a paired percentile bootstrap interval.

    Args:
        first: (n,) values.
        second: (n,) their partners.
        seed: Seed of the resamples.

    Returns:
        The mean of ``first - second`` and its ends; all three are NaN where there is no pair.
    """
    apart = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    return _as_mean(float(apart.mean()), _resampled(apart, seed)) if len(apart) else NOTHING


def difference_of_groups(first: npt.ArrayLike, second: npt.ArrayLike, *, seed: int = 0) -> Interval:
    """Give the difference of the means of two groups of values, each group resampled by itself."""
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if not len(a) or not len(b):
        return NOTHING
    return _as_mean(float(a.mean() - b.mean()), _resampled(a, seed) - _resampled(b, seed + 1))


def ratio_of_groups(first: npt.ArrayLike, second: npt.ArrayLike, *, seed: int = 0) -> Interval:
    """Give the ratio of geometric means of two groups of positive values, each group resampled by itself."""
    a, b = np.log(np.asarray(first, np.float64)), np.log(np.asarray(second, np.float64))
    if not len(a) or not len(b):
        return NOTHING
    return _as_ratio(float(a.mean() - b.mean()), _resampled(a, seed) - _resampled(b, seed + 1))


def mean_of(values: npt.ArrayLike, *, seed: int = 0) -> Interval:
    """Give the mean of values with a percentile bootstrap interval.

    Args:
        values: (n,) values.
        seed: Seed of the resamples.

    Returns:
        The mean; its ends are NaN for fewer than two.
    """
    array = np.asarray(values, dtype=np.float64)
    if len(array) < 2:
        return Interval(float(array[0]) if len(array) else math.nan, math.nan, math.nan)
    return _as_mean(float(array.mean()), _resampled(array, seed))


def _resampled(values: Float64Array, seed: int) -> Float64Array:
    if len(values) < 2:
        return np.full(RESAMPLES, np.nan)
    chosen = np.random.default_rng(seed).integers(len(values), size=(RESAMPLES, len(values)))
    means: Float64Array = values[chosen].mean(axis=1)
    return means


def _as_mean(mean: float, resampled: Float64Array) -> Interval:
    low, high = np.quantile(resampled, (0.025, 0.975))
    return Interval(mean, float(low), float(high))


def _as_ratio(mean: float, resampled: Float64Array) -> Interval:
    found = _as_mean(mean, resampled)
    return Interval(*(float(np.exp(end)) for end in (found.value, found.low, found.high)))


def mean_interval(values: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array, npt.NDArray[np.int64]]:
    """Give means over seeds with 95 % intervals by Student's t.

    Args:
        values: (seeds, T) values; NaN is left out.

    Returns:
        (T,) mean, low and high, and the number n of values behind each; low and high are NaN for n < 2.
    """
    from scipy.special import stdtrit

    known = np.isfinite(values)
    n = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=0) / n
        squares = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0)
        half = stdtrit(np.maximum(n - 1, 1), 0.975) * np.sqrt(squares / (n - 1) / n)
    half = np.where(n > 1, half, np.nan)
    return mean, mean - half, mean + half, n
