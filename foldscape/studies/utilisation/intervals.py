"""How sure a difference or a ratio of two shares is: intervals at 95 %."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

Z = 1.959963984540054
FEWEST_DRAWS = 3
"""From so many draws on, what counts is how much the draws differ among themselves."""


class Span(NamedTuple):
    """From where to where."""

    low: float
    high: float

    def has(self, value: float) -> bool:
        """Whether a value lies in it."""
        return self.low <= value <= self.high


class Share(NamedTuple):
    """So many nets of so many."""

    reached: int
    of: int

    @property
    def value(self) -> float:
        """The share as a number."""
        return self.reached / self.of


def difference(one: Sequence[Share], other: Sequence[Share]) -> Span:
    """Give the interval of the difference of two shares that were counted on the same draws.

    With three draws or more: Student's interval of the mean of the draws' differences; else Newcombe's of the sums.

    Args:
        one: One share a draw.
        other: The other, on the same draws.

    Returns:
        Lower and upper end of the 95 % interval.
    """
    if len(one) < FEWEST_DRAWS:
        return newcombe(_sum(one), _sum(other))
    gaps = np.array([a.value - b.value for a, b in zip(one, other, strict=True)])
    half = _student(len(gaps)) * gaps.std(ddof=1) / math.sqrt(len(gaps))
    return Span(float(gaps.mean() - half), float(gaps.mean() + half))


def ratio(one: Sequence[Share], other: Sequence[Share]) -> Span | None:
    """Give the interval of the ratio of two shares that were counted on the same draws; ``None`` where one is 0.

    With three draws or more by leaving out one draw after another (the jackknife, Tukey 1958), of the logarithm; else
    Katz's (1978) of the sums.

    Args:
        one: One share a draw.
        other: The other, on the same draws.

    Returns:
        Lower and upper end of the 95 % interval.
    """
    all_one, all_other = _sum(one), _sum(other)
    if not all_one.reached or not all_other.reached:
        return None
    middle = math.log(all_one.value / all_other.value)
    if len(one) < FEWEST_DRAWS:
        parts = ((share.reached, share.of) for share in (all_one, all_other))
        half = Z * math.sqrt(sum(1 / reached - 1 / of for reached, of in parts))
        return Span(math.exp(middle - half), math.exp(middle + half))
    left = [_log_ratio(_without(one, draw), _without(other, draw)) for draw in range(len(one))]
    if None in left:
        return None
    logs = np.array(left, float)
    half = _student(len(logs)) * math.sqrt((len(logs) - 1) * logs.var())
    return Span(math.exp(middle - half), math.exp(middle + half))


def newcombe(one: Share, other: Share) -> Span:
    """Give the interval of the difference of two independent shares (Newcombe 1998, method 10)."""
    p, q = one.value, other.value
    (p_low, p_high), (q_low, q_high) = wilson(one), wilson(other)
    return Span(p - q - math.hypot(p - p_low, q_high - q), p - q + math.hypot(p_high - p, q - q_low))


def wilson(share: Share) -> Span:
    """Give the interval of one share (Wilson 1927)."""
    p, spread = share.value, Z * Z / share.of
    middle = (p + spread / 2) / (1 + spread)
    half = Z * math.sqrt(p * (1 - p) / share.of + spread / (4 * share.of)) / (1 + spread)
    return Span(max(0.0, middle - half), min(1.0, middle + half))


def _student(n: int) -> float:
    return float(stdtrit(n - 1, 0.975))


def _sum(shares: Sequence[Share]) -> Share:
    return Share(sum(share.reached for share in shares), sum(share.of for share in shares))


def _without(shares: Sequence[Share], draw: int) -> Share:
    return _sum([share for number, share in enumerate(shares) if number != draw])


def _log_ratio(one: Share, other: Share) -> float | None:
    return math.log(one.value / other.value) if one.reached and other.reached else None
