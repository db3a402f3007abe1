"""What a measurement costs, foreseen from the sizes of net and data; calibrated on one core of a 2020s server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

MOST_POINTS = 2000
"""Points that curvature is measured on, at most; see ``foldscape.curvature.subset``."""


@dataclass(frozen=True)
class Size:
    """A net and the points it is measured on.

    Attributes:
        parameters: Number of parameters P.
        units: Hidden and output units.
        points: Training points N in all.
    """

    parameters: int
    units: int
    points: int

    @classmethod
    def of(cls, widths: tuple[int, ...], points: int) -> Size:
        """Take the widths of all layers, inputs first and classes last."""
        parameters = sum((before + 1) * after for before, after in pairwise(widths))
        return cls(parameters, sum(widths[1:]), points)

    @property
    def pass_seconds(self) -> float:
        """One forward pass through the points measured on."""
        points = min(self.points, MOST_POINTS)
        return 5e-6 + points * (8e-9 * self.units + 5e-11 * self.parameters)

    @property
    def product_seconds(self) -> float:
        """One Hessian-vector product on them."""
        points = min(self.points, MOST_POINTS)
        return 5e-6 + points * (4e-9 * self.units + 1.6e-10 * self.parameters)

    def epoch_seconds(self, batch: int) -> float:
        """One epoch of training in batches of so many points."""
        return 1.5e-6 * -(-self.points // batch) + 1.2e-10 * self.parameters * self.points


@dataclass(frozen=True)
class Work:
    """What one measurement does.

    Attributes:
        products: Hessian-vector products.
        passes: Forward passes.
        seconds: What depends on neither.
    """

    products: float = 0
    passes: float = 0
    seconds: float = 0

    def __add__(self, other: Work) -> Work:
        """Do both."""
        return Work(self.products + other.products, self.passes + other.passes, self.seconds + other.seconds)

    def on(self, size: Size) -> float:
        """Give the seconds that this takes."""
        return self.products * size.product_seconds + self.passes * size.pass_seconds + self.seconds


FURTHEST = 16.0
"""What was measured may correct a forecast by this factor, either way."""


def correction(seen: Iterable[tuple[Size, Mapping[str, Work], Mapping[str, float]]]) -> float:
    """Give how many times longer measurements take here than foreseen, from those that workers have timed.

    Args:
        seen: Of each run its size, the work of its probes by kind, and the ms of their last measurement by kind.

    Returns:
        The median over all probes of all runs; 1 where nothing was timed.
    """
    factors = [
        ms / (1e3 * works[kind].on(size)) for size, works, took in seen for kind, ms in took.items() if kind in works
    ]
    return min(max(median(factors), 1 / FURTHEST), FURTHEST) if factors else 1.0


def search(k: int = 1) -> Work:
    """Find the k eigenpairs of one end of a spectrum."""
    return Work(products=8 + 4 * (k - 1), seconds=8e-4)
