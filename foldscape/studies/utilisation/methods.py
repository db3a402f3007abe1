"""The rows of the study: how each one's nets come to be, and what others counted for them (docs/utilisation.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SetName = Literal["sine", "sine15"]
MethodName = Literal[
    "random_init",
    "never_grown",
    "random_w",
    "random_w_v",
    "align",
    "gradmax",
    "gradmax_effective",
    "newton",
    "newton_convex",
    "gradmax_anchor",
]

PERIODS: dict[SetName, float] = {"sine": 1.0, "sine15": 1.5}
SETS: tuple[SetName, ...] = ("sine", "sine15")
POINTS = 200
LEARNING_RATE = 0.02
TAUS = (0.0, 0.005, 0.01, 0.02)


@dataclass(frozen=True)
class Count:
    """How many nets of how many.

    Attributes:
        reached: Nets that reached it.
        of: Nets in all.
    """

    reached: int
    of: int


@dataclass(frozen=True)
class Method:
    """One way to come to a trained net.

    Attributes:
        label: What tables call it.
        grows: Whether its nets start as 2-2-2 and grow to 2-3-2 half way.
        width: Hidden units at the start.
        keeps: Whether the growth keeps the function exactly.
        cost: Time of one growth, in updates of one net; only the estimate of the time left depends on it.
        published: What the literature reports, whatever its data set was.
        perfect: An earlier count of this project of nets without a mistake, by data set.
        near: The same of nets with at least 99 % right.
    """

    label: str
    grows: bool = True
    width: int = 2
    keeps: bool = True
    cost: int = 1450
    published: Count | None = None
    perfect: dict[SetName, Count] | None = None
    near: dict[SetName, Count] | None = None


def _counts(of: int, sine: int, sine15: int) -> dict[SetName, Count]:
    return {"sine": Count(sine, of), "sine15": Count(sine15, of)}


METHODS: dict[MethodName, Method] = {
    "random_init": Method(
        "2-3-2 from random weights",
        grows=False,
        width=3,
        published=Count(65, 1000),
        perfect=_counts(1000, 118, 180),
        near=_counts(1000, 231, 330),
    ),
    "never_grown": Method("2-2-2, never grown", grows=False, perfect=_counts(1000, 0, 0), near=_counts(1000, 0, 0)),
    "random_w": Method(
        "grown, random fold, v = 0", cost=110, perfect=_counts(1000, 212, 104), near=_counts(1000, 329, 376)
    ),
    "random_w_v": Method(
        "grown, random fold and v",
        keeps=False,
        cost=110,
        perfect=_counts(1000, 157, 85),
        near=_counts(1000, 250, 292),
    ),
    "align": Method(
        "folding, align, author's point", cost=1300, perfect=_counts(1000, 232, 73), near=_counts(1000, 357, 167)
    ),
    "gradmax": Method(
        "folding, gradmax, author's point",
        cost=1450,
        published=Count(360, 1000),
        perfect=_counts(1000, 423, 165),
        near=_counts(1000, 621, 503),
    ),
    "gradmax_effective": Method(
        "folding, gradmax, effective point", perfect=_counts(500, 227, 83), near=_counts(500, 313, 242)
    ),
    "newton": Method(
        "folding, newton, effective point", cost=1750, perfect=_counts(500, 275, 45), near=_counts(500, 332, 291)
    ),
    "newton_convex": Method(
        "folding, newton, convex v", cost=8000, keeps=False, perfect=_counts(500, 126, 53), near=_counts(500, 330, 290)
    ),
    "gradmax_anchor": Method(
        "gradmax at random points", cost=650, perfect=_counts(500, 200, 80), near=_counts(500, 332, 259)
    ),
}

QUICK: tuple[MethodName, ...] = ("random_init", "never_grown", "gradmax", "newton")
ALL: tuple[MethodName, ...] = tuple(METHODS)
