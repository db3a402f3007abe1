"""Extreme eigenpairs of a symmetric operator that is known only by its products.

Lanczos (1950) with full re-orthogonalisation, in Rayleigh-Ritz form: the basis is extended by the
residual of the first pair that is not good enough yet. From a single start vector this spans the
Krylov space of Lanczos, and unlike the three-term recurrence it takes several start vectors, which
is what a warm start needs. When the basis is full it restarts from its best Ritz vectors
(Wu and Simon 2000, "Thick-restart Lanczos"). Pairs that are good enough are the largest only once
nothing larger can be left; what a check finds, the search goes on with.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from foldscape.arrays import Float64Array, FloatArray
from foldscape.curvature.basis import Basis, Product
from foldscape.curvature.completeness import doubt, evidence, remainder


@dataclass(frozen=True)
class Ritz:
    """Approximate eigenpairs, the algebraically largest first.

    Attributes:
        values: Ritz values of shape (k,).
        vectors: Unit Ritz vectors of shape (k, P).
        residuals: ||H v - value v|| of shape (k,).
        products: Number of operator products spent.
        converged: Whether every residual is within the tolerance.
        doubt: Probability at most that a larger eigenvalue was overlooked.
    """

    values: FloatArray
    vectors: FloatArray
    residuals: FloatArray
    products: int
    converged: bool
    doubt: float = 1.0


@dataclass(frozen=True)
class Rules:
    """When a search may stop.

    Attributes:
        tol: A pair is good when its residual is at most ``tol`` times the root of its value and the largest one's.
        max_products: Products to spend at most; the start vectors are tried in any case.
        noise: Relative rounding error of a product; residuals are not asked to be smaller.
        unchecked: Basis vectors to have before the residuals are looked at for the first time; the
            looking takes as long as a product of a small net.
        dimension: Of the space in which the operator lives; P if None.
        random_share: Length of a random vector within a single unit start vector.
        check: Whether to make sure that nothing larger is left.
    """

    tol: float
    max_products: int
    noise: float = 2.0**-52
    unchecked: int = 0
    dimension: int | None = None
    random_share: float = 0.0
    check: bool = True


def largest_pairs(product: Product, starts: FloatArray, k: int, rules: Rules, fresh: Callable[[], FloatArray]) -> Ritz:
    """Find the k algebraically largest eigenpairs.

    Args:
        product: Multiplies the rows of an array (vectors, P) by the operator.
        starts: Start vectors of shape (starts, P), at least one that is not zero.
        k: Number of pairs, at most P.
        rules: When to stop.
        fresh: Gives a random vector of shape (P,), for checks and for a start that turns out to be an invariant
            subspace.

    Returns:
        The best pairs found, converged or not; NaN if a product was not finite.
    """
    return _Search(product, starts, k, rules, fresh).run()


class _Search:
    """The state of one search.

    Attributes:
        floor: Rounding error of a product; 0 while there was no reason to measure it.
        is_chain: Whether the basis is a single Lanczos chain that was never cut.
        found: The pairs as they were last looked at together.
    """

    def __init__(
        self, product: Product, starts: FloatArray, k: int, rules: Rules, fresh: Callable[[], FloatArray]
    ) -> None:
        self.product, self.k, self.rules, self.fresh = product, k, rules, fresh
        self.dimension = rules.dimension or starts.shape[1]
        self.basis = Basis(product, starts.shape[1], min(self.dimension, max(4 * k, 40)), starts.dtype)
        self.spent = self.basis.add(starts)
        self.is_chain = self.basis.count == 1
        self.floor, self.suspicious = 0.0, SUSPICIOUS + 2 * k
        self.reached = self.checks_until = 0
        self.found = Ritz(np.full(k, np.nan), np.zeros((k, starts.shape[1])), np.full(k, np.nan), 0, False)

    def run(self) -> Ritz:
        """Extend the basis until the pairs are good and nothing larger is left, or the products are spent."""
        self._run_ahead(self.rules.unchecked)
        while True:
            while self.basis.count < self.k:
                self._add_fresh()
            if not self.basis.finite:
                return replace(self.found, values=np.full(self.k, np.nan), products=self.spent, converged=False)
            whole = self.basis.count == self.dimension
            ended = whole or self.spent >= self.rules.max_products
            miss = self._first_poor(ended)
            if ended:
                return replace(self.found, products=self.spent, doubt=0.0 if whole else 1.0)
            if miss is None:
                still, miss = self._check() if self.rules.check else (1.0, None)
                if miss is None:
                    return replace(self.found, products=self.spent, doubt=still)
            self._measure_rounding()
            self._extend(miss)

    def _run_ahead(self, until: int) -> bool:
        """Add product after product, unseen, until the basis has so many vectors; tell whether there was a new one."""
        basis, before = self.basis, self.basis.count
        until = min(until, len(basis.rows))
        while 0 < basis.count < until and self.spent < self.rules.max_products:
            if not basis.add(basis.images[basis.count - 1][None]):
                break
            self.spent += 1
        return basis.count > before

    def _add_fresh(self) -> None:
        self.is_chain = False
        self.spent += self.basis.add(self.fresh()[None])

    def _extend(self, vector: FloatArray) -> None:
        """Go on along a vector; a chain with pairs to go a little further, before they are looked at again."""
        if self.is_chain and self._run_ahead(self.basis.count + max(1, (self.k - self.reached) // AHEAD)):
            return
        if self.basis.full:
            self.is_chain = False
            keep = min(self.k + max(4, len(self.basis.rows) // 4), len(self.basis.rows) - 1)
            self.basis.shrink(self.coordinates[:, :keep], self.values[:keep])
        added = self.basis.add(vector[None])
        self.spent += added
        if not added:
            self._add_fresh()

    def _first_poor(self, ended: bool) -> FloatArray | None:
        """Give the residual vector of the first pair that is not good, or None.

        Pairs converge from the top, so the ones before it need no look until all seem good.

        Returns:
            (P,) the residual vector, or None.
        """
        self.values, self.coordinates = self.basis.ritz()
        wanted = _bounds(self.values, self.k, self.rules.tol, self.rules.noise)
        self.bounds = np.maximum(wanted, 2 * self.floor)
        for pair in range(self.k if ended or self.k == 1 else self.reached, self.k):
            miss: FloatArray = self.basis.pairs(self.values[pair : pair + 1], self.coordinates[:, pair : pair + 1])[1][
                0
            ]
            if not math.sqrt(float(miss @ miss)) <= self.bounds[pair]:
                self.reached = pair
                return np.asarray(miss)
        vectors, misses = self.basis.pairs(self.values[: self.k], self.coordinates[:, : self.k])
        residuals = np.sqrt(np.einsum("kp,kp->k", misses, misses, dtype=np.float64))
        poor = np.flatnonzero(~(residuals <= self.bounds))
        self.reached = int(poor[0]) if len(poor) else self.k
        if ended or not len(poor):
            self.found, self.misses = self._told(self.values[: self.k], vectors, residuals, wanted), misses
        return misses[self.reached] if len(poor) else None

    def _told(self, values: Float64Array, vectors: FloatArray, residuals: Float64Array, wanted: Float64Array) -> Ritz:
        """Call nothing what cannot be told from rounding: 0, with a residual that leads back to the value."""
        floor = max(self.floor, self.rules.noise * float(np.abs(self.values[[0, -1]]).max()))
        nothing = np.abs(values) <= NOTHING * floor
        residuals = np.where(nothing, np.abs(values) + 2 * np.maximum(residuals, floor), residuals)
        good = bool((nothing | (residuals <= wanted)).all())
        return Ritz(np.where(nothing, 0.0, values), vectors, residuals, self.spent, good)

    def _check(self) -> tuple[float, FloatArray | None]:
        """Look for a larger eigenvalue that was overlooked: what doubt is left, and where to go on."""
        if self.checks_until == 0:
            self.checks_until = min(self.rules.max_products, 2 * self.spent + 10)
        most = self.checks_until - self.spent
        if self.k == 1 and self.is_chain and self.rules.random_share > 0:
            return self._check_chain(most)
        found, start = self.found.vectors, self.fresh().astype(self.basis.rows.dtype)
        left = remainder(self.product, found, self._level(RESOLUTION), start, self.dimension, most, DOUBT)
        self.spent += left.products
        if left.vector is not None:
            self.is_chain, self.reached, self.checks_until = False, 0, 0
        return left.doubt, left.vector

    def _check_chain(self, most: int) -> tuple[float, FloatArray | None]:
        """Let the chain itself tell: its start held a random vector."""
        count, projected, miss = self.basis.count, self.basis.projected, self.misses[0]
        out = math.sqrt(float(miss @ miss)) / max(abs(self.coordinates[-1, 0]), np.finfo(float).tiny)
        beside = np.append(np.abs(np.diagonal(projected, 1)[: count - 1]), out)
        found = evidence(np.diagonal(projected)[:count], beside, self._level(RESOLUTION_ALONE))
        still = doubt(found, self.dimension, self.rules.random_share)
        return still, miss if still > DOUBT_ALONE and most > 0 else None

    def _level(self, resolution: float) -> float:
        """Give the value from which another one counts as overlooked."""
        last = self.values[self.k - 1]
        return float(last + max(resolution * abs(last), self.bounds[-1]))

    def _measure_rounding(self) -> None:
        """Ask what rounding does to a product where a search takes long: to that, no residual can come down."""
        if self.spent < self.suspicious:
            return
        rounding = self.basis.rounding(float(self.values[0]), self.coordinates[:, 0])
        self.floor, self.suspicious = max(self.floor, rounding), 2 * self.suspicious
        self.spent += 1


def _bounds(values: Float64Array, k: int, tol: float, noise: float) -> Float64Array:
    """Give the residual allowed to each pair.

    A pair is held to the geometric mean of its own value and the first, so that small values mean something too, and
    where that is more than ``LOOSEST`` times as much as its own value alone, to this. By Kato (1949) and Temple the
    first value is wrong by at most its squared residual over the gap below it, so it is held to the residual that makes
    this ``tol`` squared.

    Returns:
        (k,) the largest norm of each residual.
    """
    first = abs(values[0])
    own = np.maximum(LOOSEST * tol * np.abs(values[:k]), tol**2 * first)
    bounds = np.minimum(tol * np.sqrt(np.abs(values[:k] * values[0])), own)
    if len(values) > 1:
        gap = max(values[0] - values[1], LEAST_GAP * first)
        bounds[0] = tol * min(first, math.sqrt(gap * first))
    return np.asarray(np.maximum(bounds, 8 * noise * max(first, abs(values[-1]))))


LEAST_GAP = 0.1
"""Smallest share of the first value that its gap is taken for: within it a near-tie earns no products."""

LOOSEST = 10
"""Times ``tol`` that a pair's residual may be of its own value."""

SUSPICIOUS = 20
"""Products, besides two for each pair, from which a search takes long."""

NOTHING = 4
"""Times the rounding error of a product up to which a value is called nothing."""

AHEAD = 3
"""Pairs that are still to come for each product that a chain takes without a look; a pair takes two or three."""

RESOLUTION, RESOLUTION_ALONE = 0.01, 0.05
"""Share of the last of several values, and of a single one, by which another has to be larger to be overlooked."""

DOUBT, DOUBT_ALONE = 0.01, 0.3
"""Probability that it is overlooked all the same, at which a check ends. The first one costs most, as runs measure it
twenty times a second, and is overlooked least: the gradient leads to it."""
