"""Lanczos (1950) from one vector, with full re-orthogonalisation, on all of the space or on what is left of it."""

from __future__ import annotations

import math

import numpy as np

from foldscape.arrays import Float64Array, FloatArray
from foldscape.curvature.basis import Product


class Lanczos:
    """A chain of Lanczos vectors and the tridiagonal matrix of the operator between them.

    Args:
        product: Multiplies the rows of an array (vectors, P) by the operator.
        start: Unit vector of shape (P,), orthogonal to ``deflated``.
        room: Steps to take at most, no more than P.
        deflated: Orthonormal vectors (vectors, P) to stay orthogonal to: the operator is seen on what they leave.
        exhausted: The chain ends where what is new is shorter than this, relative to the largest product so far.

    Attributes:
        taken: Steps taken, one product each.
        ended: Whether the space is exhausted.
    """

    def __init__(
        self,
        product: Product,
        start: FloatArray,
        room: int,
        deflated: FloatArray | None = None,
        exhausted: float = 1e-6,
    ) -> None:
        self.product, self.deflated, self.exhausted = product, deflated, exhausted
        self.rows = np.empty((room, len(start)), start.dtype)
        self._diagonal, self._beside = np.empty(room), np.empty(room)
        self._next, self._longest = start, 0.0
        self.taken, self.ended = 0, False

    @property
    def diagonal(self) -> Float64Array:
        """Diagonal of the projected matrix, (taken,)."""
        return self._diagonal[: self.taken]

    @property
    def beside(self) -> Float64Array:
        """What stands beside it, (taken,): the last entry leads out of the chain."""
        return self._beside[: self.taken]

    def step(self) -> None:
        """Take one step."""
        step, vector, dtype = self.taken, self._next, self.rows.dtype.type
        self.rows[step] = vector
        image = self._image(vector)
        self._longest = max(self._longest, math.sqrt(image @ image))
        self._diagonal[step] = vector @ image
        image -= dtype(self._diagonal[step]) * vector
        if step:
            image -= dtype(self._beside[step - 1]) * self.rows[step - 1]
        known, before = self.rows[: step + 1], math.sqrt(image @ image)
        image -= (known @ image) @ known
        if math.sqrt(image @ image) < 0.7 * before:  # what is left is no longer than what rounding put in
            image -= (known @ image) @ known
        self._beside[step] = math.sqrt(image @ image)
        self.taken += 1
        self.ended = not self._beside[step] > self.exhausted * self._longest
        if not self.ended:
            self._next = image / self._beside[step]

    def _image(self, vector: FloatArray) -> FloatArray:
        image: FloatArray = self.product(vector[None])[0].astype(self.rows.dtype)
        if self.deflated is not None:
            image -= (self.deflated @ image) @ self.deflated
        return np.asarray(image)

    def ritz(self) -> tuple[Float64Array, Float64Array]:
        """Give the Ritz values, smallest first, and their coordinates in the columns."""
        inner = self.beside[:-1]
        values, coordinates = np.linalg.eigh(np.diag(self.diagonal) + np.diag(inner, 1) + np.diag(inner, -1))
        return values, coordinates

    def highest(self) -> FloatArray:
        """Give the unit vector of the largest Ritz value."""
        return np.asarray(self.ritz()[1][:, -1].astype(self.rows.dtype) @ self.rows[: self.taken])
