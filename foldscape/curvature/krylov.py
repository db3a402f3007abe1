"""Extreme eigenpairs of a symmetric operator that is known only by its products.

Lanczos (1950) with full re-orthogonalisation, in Rayleigh-Ritz form: the basis is extended by the
residual of the first pair that is not good enough yet. From a single start vector this spans the
Krylov space of Lanczos, and unlike the three-term recurrence it takes several start vectors, which
is what a warm start needs. When the basis is full it restarts from its best Ritz vectors
(Wu and Simon 2000, "Thick-restart Lanczos").
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Product = Callable[[Array], Array]


@dataclass(frozen=True)
class Ritz:
    """Approximate eigenpairs, the algebraically largest first.

    Attributes:
        values: Ritz values of shape (k,).
        vectors: Unit Ritz vectors of shape (k, P).
        residuals: ||H v - value v|| of shape (k,).
        products: Number of operator products spent.
        converged: Whether every residual is within the tolerance.
    """

    values: Array
    vectors: Array
    residuals: Array
    products: int
    converged: bool


class _Basis:
    """An orthonormal basis with its images under the operator and the projected matrix."""

    def __init__(self, product: Product, size: int, room: int, dtype: np.dtype[np.floating]) -> None:
        self.product = product
        self.rows = np.empty((room, size), dtype)
        self.images = np.empty((room, size), dtype)
        self.projected = np.zeros((room, room))
        self.count = 0

    @property
    def full(self) -> bool:
        return self.count == len(self.rows)

    def add(self, vectors: Array) -> int:
        """Add what is new in some vectors; return how many products that took."""
        first = self.count
        for vector in vectors:
            self._add_direction(vector.astype(self.rows.dtype))
        if self.count > first:
            self.images[first : self.count] = self.product(self.rows[first : self.count])
            corner = self.rows[: self.count] @ self.images[first : self.count].T
            self.projected[: self.count, first : self.count] = corner
            self.projected[first : self.count, : self.count] = corner.T
        return self.count - first

    def _add_direction(self, vector: Array) -> None:
        norm = math.sqrt(vector @ vector)
        if self.full or not 0 < norm < np.inf:
            return
        vector = vector / norm
        known = self.rows[: self.count]
        for _ in range(2):  # once is not enough in floating point, twice is (Giraud et al. 2005)
            vector -= (known @ vector) @ known
            left = math.sqrt(vector @ vector)
            if left < 50 * np.finfo(vector.dtype).eps:
                return
            vector /= left
        self.rows[self.count] = vector
        self.count += 1

    def ritz(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give all Ritz values, largest first, and their coordinates in the columns."""
        values, coordinates = np.linalg.eigh(self.projected[: self.count, : self.count])
        return values[::-1], coordinates[:, ::-1]

    def pairs(self, values: NDArray[np.float64], coordinates: NDArray[np.float64]) -> tuple[Array, Array]:
        """Give some Ritz vectors and their residual vectors, both of shape (pairs, P)."""
        turn = coordinates.T.astype(self.rows.dtype)
        vectors = turn @ self.rows[: self.count]
        misses = turn @ self.images[: self.count]
        misses -= values[:, None].astype(self.rows.dtype) * vectors
        return vectors, misses

    def shrink(self, coordinates: NDArray[np.float64], values: NDArray[np.float64]) -> None:
        """Keep only some Ritz vectors."""
        turn = coordinates.T.astype(self.rows.dtype)
        kept = len(turn)
        self.rows[:kept] = turn @ self.rows[: self.count]
        self.images[:kept] = turn @ self.images[: self.count]
        self.projected[:kept, :kept] = np.diag(values)
        self.count = kept


def largest_pairs(
    product: Product,
    starts: Array,
    k: int,
    *,
    tol: float,
    max_products: int,
    fresh: Callable[[], Array],
    noise: float = 2.0**-52,
    unchecked: int = 0,
) -> Ritz:
    """Find the k algebraically largest eigenpairs.

    Args:
        product: Multiplies the rows of an array (vectors, P) by the operator.
        starts: Start vectors of shape (starts, P), at least one that is not zero.
        k: Number of pairs, at most P.
        tol: A pair is good when its residual is at most ``tol`` times the root of its value and the largest one's.
        max_products: Products to spend at most; the start vectors are tried in any case.
        fresh: Gives a random vector of shape (P,), for a start that turns out to be an invariant subspace.
        noise: Relative rounding error of a product; residuals are not asked to be smaller.
        unchecked: Basis vectors to have before the residuals are looked at for the first time; the
            looking takes as long as a product of a small net.

    Returns:
        The best pairs found, converged or not; NaN if a product was not finite.
    """
    size = starts.shape[1]
    room = min(size, max(4 * k, 40))
    basis = _Basis(product, size, room, starts.dtype)
    spent = basis.add(starts)
    while 0 < basis.count < min(unchecked, max_products, room) and basis.add(basis.images[basis.count - 1][None]):
        spent += 1
    reached = 0
    while True:
        while basis.count < k:
            spent += basis.add(fresh()[None])
        if not np.isfinite(basis.projected[: basis.count, : basis.count]).all():
            return Ritz(np.full(k, np.nan), np.zeros((k, size)), np.full(k, np.nan), spent, False)
        values, coordinates = basis.ritz()
        bounds = _bounds(values, k, tol, noise)
        ended = spent >= max_products or basis.count == size
        reached, miss = _first_poor(basis, values, coordinates, 0 if ended else reached, bounds)
        if ended or reached == k:
            vectors, misses = basis.pairs(values[:k], coordinates[:, :k])
            residuals = np.sqrt(np.einsum("kp,kp->k", misses, misses, dtype=np.float64))
            poor = np.flatnonzero(~(residuals <= bounds))
            if ended or not len(poor):
                return Ritz(values[:k], vectors, residuals, spent, not len(poor))
            reached, miss = int(poor[0]), misses[poor[0]]
        if basis.full:
            keep = min(k + max(4, room // 4), room - 1)
            basis.shrink(coordinates[:, :keep], values[:keep])
        added = basis.add(miss[None])
        spent += added or basis.add(fresh()[None])


def _bounds(values: NDArray[np.float64], k: int, tol: float, noise: float) -> NDArray[np.float64]:
    """Give the residual allowed to each pair.

    A pair is held to the geometric mean of its own value and the first, so that small values mean something too. By
    Kato (1949) and Temple the first value is wrong by at most its squared residual over the gap below it, so it is held
    to the residual that makes this ``tol`` squared.

    Returns:
        (k,) largest norms of a residual.
    """
    size = max(abs(values[0]), abs(values[-1]))
    bounds = tol * np.sqrt(np.abs(values[:k] * values[0]))
    if len(values) > 1:
        gap = max(values[0] - values[1], LEAST_GAP * abs(values[0]))
        bounds[0] = tol * min(abs(values[0]), math.sqrt(gap * abs(values[0])))
    return np.asarray(np.maximum(bounds, 8 * noise * size))


def _first_poor(
    basis: _Basis,
    values: NDArray[np.float64],
    coordinates: NDArray[np.float64],
    first: int,
    bounds: NDArray[np.float64],
) -> tuple[int, Array]:
    """Find the first pair from some number on whose residual is too large; give its number and residual vector.

    Pairs converge from the top, so the ones before it need no look until all seem good.

    Returns:
        Number of the pair, or how many there are when all are good, and the residual vector looked at last.
    """
    for pair in range(first, len(bounds)):
        miss = basis.pairs(values[pair : pair + 1], coordinates[:, pair : pair + 1])[1][0]
        if not math.sqrt(float(miss @ miss)) <= bounds[pair]:
            return pair, miss
    return len(bounds), miss


LEAST_GAP = 0.01
"""Smallest share of the first value that its gap is taken for; below, the first two are as good as one."""


def tridiagonal(
    product: Product, start: Array, steps: int, exhausted: float = 1e-6
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Run plain Lanczos from one unit vector, with full re-orthogonalisation.

    Args:
        product: Multiplies the rows of an array (vectors, P) by the operator.
        start: Unit vector of shape (P,).
        steps: Steps to take, at most P.
        exhausted: The run ends where what is new is shorter than this, relative to the largest product so far.

    Returns:
        Diagonal (taken,) and off-diagonal (taken - 1,) of the projected matrix, at most ``steps`` taken.
    """
    rows = np.empty((steps, len(start)), start.dtype)
    diagonal, beside = np.empty(steps), np.empty(steps)
    vector, longest = start, 0.0
    for step in range(steps):
        rows[step] = vector
        image = product(vector[None])[0].astype(start.dtype)
        longest = max(longest, math.sqrt(image @ image))
        diagonal[step] = vector @ image
        image -= start.dtype.type(diagonal[step]) * vector
        if step:
            image -= start.dtype.type(beside[step - 1]) * rows[step - 1]
        known, before = rows[: step + 1], math.sqrt(image @ image)
        image -= (known @ image) @ known
        if math.sqrt(image @ image) < 0.7 * before:  # what is left is no longer than what rounding put in
            image -= (known @ image) @ known
        beside[step] = math.sqrt(image @ image)
        if not beside[step] > exhausted * longest:
            steps = step + 1
            break
        vector = image / beside[step]
    return diagonal[:steps], beside[: steps - 1]
