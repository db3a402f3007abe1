"""The double well: two parabolas joined by a third upside down, and how probability shares itself between them.

The force −L′ is continuous and linear in three pieces. So all that is random in it is integrated without a grid that
has to find a kink.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Self

import numpy as np

from foldscape.arrays import FloatArray

if TYPE_CHECKING:
    from foldscape.studies.sde.spec import Sde

LEFT, RIGHT = -1.0, 1.0
"""Where the minima of A and B lie."""
BINS = 96
SETTLED = 4.0
"""Mean times of crossing that the chains settle for, and are measured for."""
_REACH = 7.0
_NODES = 1500
_PANEL, _BY_PANEL = 1.25, 4
"""Length of a panel of the quadrature in standard deviations, and its nodes."""


@dataclass(frozen=True)
class Wells:
    """A double well and the noise in it.

    Attributes:
        curvatures: Curvatures H_A and H_B at the minima −1 and 1.
        depth: L_B − L_A.
        temperature: n = ηs²/(S(1 − μ)).
        lr: Learning rate η.
        momentum: Momentum μ.
    """

    curvatures: tuple[float, float]
    depth: float
    temperature: float
    lr: float
    momentum: float = 0.0

    @classmethod
    def of(cls, spec: Sde) -> Self:
        """Give the double well of a study."""
        return cls(spec.well_curvatures, spec.well_depth, spec.temperature, spec.lr, spec.momentum)

    @property
    def top(self) -> float:
        """Curvature of the barrier, the geometric mean of the wells'."""
        return math.sqrt(self.curvatures[0] * self.curvatures[1])

    @property
    def barrier(self) -> float:
        """Where the loss is highest between the minima; basin A lies left of it."""
        left, right = _joined(*self.curvatures)
        if math.isclose(left, right):
            return self.depth / (2 * left)
        whole, difference = left + right, left - right
        return (math.sqrt(whole**2 - difference * (difference - 2 * self.depth)) - whole) / difference

    @property
    def joints(self) -> tuple[float, float]:
        """Where the parabolas meet the barrier's."""
        (a, b), top, at = self.curvatures, self.top, self.barrier
        return (top * at + a * LEFT) / (top + a), (top * at + b * RIGHT) / (top + b)

    @property
    def noise(self) -> float:
        """Standard deviation s/√S of a batch's gradient."""
        return math.sqrt(self.temperature * (1 - self.momentum) / self.lr)

    def gradient(self, x: FloatArray) -> FloatArray:
        """Give L′ at each place."""
        (a, b), (p, q) = self.curvatures, self.joints
        middle = np.where(x < q, self.top * (self.barrier - x), b * (x - RIGHT))
        return np.where(x < p, a * (x - LEFT), middle)

    def loss(self, x: FloatArray) -> FloatArray:
        """Give L at each place; 0 at the minimum of A."""
        (a, b), (p, q) = self.curvatures, self.joints
        highest = 0.5 * _joined(a, b)[0] * (self.barrier - LEFT) ** 2
        middle = np.where(
            x < q, highest - 0.5 * self.top * (x - self.barrier) ** 2, 0.5 * b * (x - RIGHT) ** 2 + self.depth
        )
        return np.where(x < p, 0.5 * a * (x - LEFT) ** 2, middle)

    def odds_formula(self) -> float:
        """Give p_A/p_B = √(H_B/H_A) · exp(2(L_B − L_A)/n), the wells taken for parabolas.

        Smith & Le (arXiv 1710.06451); Jastrzębski et al. (arXiv 1711.04623).

        Returns:
            The ratio of the basins' masses.

        Example:
            >>> Wells((1.0, 4.0), depth=0.0, temperature=0.25, lr=0.05).odds_formula()
            2.0
        """
        a, b = self.curvatures
        return math.sqrt(b / a) * math.exp(2 * self.depth / self.temperature)

    def share_formula(self) -> float:
        """Give the share p_A of basin A by the formula of its odds."""
        odds = self.odds_formula()
        return odds / (1 + odds)

    def range(self) -> tuple[float, float]:
        """Give where practically all of the chains are."""
        spread = [math.sqrt(self.temperature / ((2 - self.lr * h / (1 + self.momentum)) * h)) for h in self.curvatures]
        return LEFT - _REACH * spread[0], RIGHT + _REACH * spread[1]

    def middles(self) -> FloatArray:
        """Give the middle of each bin of the histogram: (BINS,)."""
        low, high = self.range()
        return low + (np.arange(BINS) + 0.5) * (high - low) / BINS

    def gibbs(self, x: FloatArray) -> FloatArray:
        """Give the density ∝ exp(−2L/n) of the stochastic differential equation at places: shape of ``x``."""
        places, weights = self.nodes(self.temperature)
        lowest = min(0.0, self.depth)
        whole = weights @ np.exp(-2 * (self.loss(places) - lowest) / self.temperature)
        density: FloatArray = np.exp(-2 * (self.loss(x) - lowest) / self.temperature) / whole
        return density

    def chain_density(self) -> tuple[FloatArray, FloatArray, FloatArray] | None:
        """Solve p(y) = ∫ N(y; x − ηL′(x), η²s²/S) p(x) dx, the stationary density of the chain with its finite step.

        Returns:
            Places, quadrature weights and the density at them, (m,) each; ``None`` with momentum, where the chain has
            a velocity besides, and for steps so small that there are more than 1,500 places.
        """
        return _chain_density(self)

    def chain_share(self) -> float | None:
        """Give the share of basin A that the chain with its finite step has; ``None`` as for ``chain_density``."""
        found = self.chain_density()
        return None if found is None else float((found[1] * found[2])[found[0] < self.barrier].sum())

    def updates(self) -> int:
        """Give the updates of a chain: half of them settle it, half are measured."""
        return 2 * math.ceil(SETTLED * self.relaxation() * (1 - self.momentum) / self.lr)

    def relaxation(self) -> float:
        """Give the time, in units of η·updates/(1 − μ), in which the shares of the basins settle to 1/e.

        The mean times of passage from A to B and back are integrals of the stochastic differential equation (Gardiner,
        Handbook of Stochastic Methods, section 5.2.7); their rates add.

        Returns:
            The time.
        """
        places = np.linspace(*self.range(), 4001)
        scaled = 2 * self.loss(places) / self.temperature
        from_left = np.cumsum(np.exp(scaled.min() - scaled))
        between = (places >= LEFT) & (places <= RIGHT)
        width = (places[1] - places[0]) ** 2 * 2 / self.temperature
        up = np.exp(np.minimum(scaled[between] - scaled.min(), 700.0))
        there = width * float(up @ from_left[between])
        back = width * float(up @ (from_left[-1] - from_left[between]))
        return float(there * back / (there + back)) * self._inertia()

    def _inertia(self) -> float:
        """Give how many times longer a crossing takes with momentum: Kramers (1940), Physica 7, for any friction."""
        if not self.momentum:
            return 1.0
        friction = (1 - self.momentum) / math.sqrt(self.lr * self.top)
        return 1 / (friction * (math.sqrt(1 + friction**2 / 4) - friction / 2))

    def nodes(self, variance: float) -> tuple[FloatArray, FloatArray]:
        """Give places and weights of a quadrature whose panels end at the joints and at the barrier."""
        ends = [self.range()[0], self.joints[0], self.barrier, self.joints[1], self.range()[1]]
        longest = _PANEL * math.sqrt(variance)
        edges = [
            np.linspace(low, high, 1 + math.ceil((high - low) / longest))[:-1] for low, high in itertools.pairwise(ends)
        ]
        cuts = np.r_[np.concatenate(edges), ends[-1]]
        nodes, weights = np.polynomial.legendre.leggauss(_BY_PANEL)
        half = np.diff(cuts) / 2
        return ((cuts[:-1] + half)[:, None] + half[:, None] * nodes).ravel(), (half[:, None] * weights).ravel()


@lru_cache(maxsize=64)
def _chain_density(wells: Wells) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    step = wells.lr * wells.noise
    low, high = wells.range()
    if wells.momentum or (high - low) / step * _BY_PANEL / _PANEL > _NODES:
        return None
    places, weights = wells.nodes(step**2)
    mean = places - wells.lr * wells.gradient(places)
    into = np.exp(-0.5 * ((places[:, None] - mean) / step) ** 2) / (step * math.sqrt(2 * math.pi)) * weights
    into -= np.eye(len(places))
    into[-1] = weights  # the density integrates to one
    density: FloatArray = np.linalg.solve(into, np.r_[np.zeros(len(places) - 1), 1.0])
    return places, weights, density


def depths(left: float, right: float) -> tuple[float, float]:
    """Give between which depths L_B − L_A there is a barrier, for curvatures H_A and H_B."""
    joined = _joined(left, right)
    return -2 * joined[1], 2 * joined[0]


def _joined(left: float, right: float) -> tuple[float, float]:
    """Give by what half squares of distance the barrier rises from each minimum."""
    top = math.sqrt(left * right)
    return left * top / (left + top), right * top / (right + top)
