"""An orthonormal basis with its images under a symmetric operator, and what Rayleigh and Ritz read off it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from foldscape.arrays import Float64Array, FloatArray

Product = Callable[[FloatArray], FloatArray]


class Basis:
    """A growing basis of at most ``room`` vectors.

    Args:
        product: Multiplies the rows of an array (vectors, P) by the operator.
        size: P.
        room: Vectors to hold at most.
        dtype: Arithmetic.

    Attributes:
        rows: The vectors, (room, P); the first ``count`` are there.
        images: Their products, likewise.
        projected: rows H rows^T, (room, room), float64.
        count: Vectors there are.
    """

    def __init__(self, product: Product, size: int, room: int, dtype: np.dtype[np.floating]) -> None:
        self.product = product
        self.rows = np.empty((room, size), dtype)
        self.images = np.empty((room, size), dtype)
        self.projected = np.zeros((room, room))
        self.count = 0

    @property
    def full(self) -> bool:
        """Whether there is no room left."""
        return self.count == len(self.rows)

    @property
    def finite(self) -> bool:
        """Whether every product so far was."""
        return bool(np.isfinite(self.projected[: self.count, : self.count]).all())

    def add(self, vectors: FloatArray) -> int:
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

    def _add_direction(self, vector: FloatArray) -> None:
        norm = math.sqrt(vector @ vector)
        if self.full or not 0 < norm < np.inf:
            return
        vector = vector / norm
        known = self.rows[: self.count]
        for _ in range(2):  # once is not enough where much cancels, twice is (Giraud et al. 2005)
            vector -= (known @ vector) @ known
            left = math.sqrt(vector @ vector)
            if left < 50 * np.finfo(vector.dtype).eps:
                return
            vector /= left
            if left > 0.7:
                break
        self.rows[self.count] = vector
        self.count += 1

    def ritz(self) -> tuple[Float64Array, Float64Array]:
        """Give all Ritz values, largest first, and their coordinates in the columns."""
        values, coordinates = np.linalg.eigh(self.projected[: self.count, : self.count])
        return values[::-1], coordinates[:, ::-1]

    def pairs(self, values: Float64Array, coordinates: Float64Array) -> tuple[FloatArray, FloatArray]:
        """Give some Ritz vectors and their residual vectors, both of shape (pairs, P)."""
        turn = coordinates.T.astype(self.rows.dtype)
        vectors = turn @ self.rows[: self.count]
        misses = turn @ self.images[: self.count]
        misses -= values[:, None].astype(self.rows.dtype) * vectors
        return vectors, misses

    def shrink(self, coordinates: Float64Array, values: Float64Array) -> None:
        """Keep only some Ritz vectors."""
        turn = coordinates.T.astype(self.rows.dtype)
        kept = len(turn)
        self.rows[:kept] = turn @ self.rows[: self.count]
        self.images[:kept] = turn @ self.images[: self.count]
        self.projected[:kept, :kept] = np.diag(values)
        self.count = kept

    def rounding(self, value: float, coordinates: Float64Array) -> float:
        """Measure the rounding error of products, which takes one more.

        It is what a third of a Ritz vector gives, thrice, beside the whole; or what keeps the projected matrix from
        being symmetric, where rounding has made another linear map of the operator.

        Returns:
            The norm of the error.
        """
        vectors, misses = self.pairs(np.array([value]), coordinates[:, None])
        third = vectors.dtype.type(3)
        error = third * self.product(vectors / third)[0] - misses[0] - vectors.dtype.type(value) * vectors[0]
        projected = self.rows[: self.count] @ self.images[: self.count].T
        return max(math.sqrt(float(error @ error)), float(np.linalg.norm(projected - projected.T, 2)))
