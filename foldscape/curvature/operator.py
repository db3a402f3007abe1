"""The Hessian at one point, as something that multiplies vectors."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

SHARE = 8
"""One sample in so many is looked at for start vectors."""

SAMPLED_FROM = 4_000_000
"""Parameters times samples from which that pays."""


class HessianOperator(ABC):
    """The Hessian H of the mean loss at one parameter vector.

    Attributes:
        size: Number of parameters P.
        dtype: Arithmetic of the products and of a search with them.
    """

    size: int
    dtype: type[np.floating] = np.float64

    @property
    @abstractmethod
    def finite(self) -> bool:
        """Whether the gradient at the point is finite, so that products mean something."""

    @abstractmethod
    def products(self, vectors: Array) -> Array:
        """Multiply several vectors by H.

        Args:
            vectors: Array of shape (vectors, P).

        Returns:
            Array of the same shape; row i is H times row i.
        """

    def dense(self) -> NDArray[np.float64]:
        """Give H itself, symmetrised, of shape (P, P): P products, 32 at a time."""
        matrix = np.empty((self.size, self.size))
        for first in range(0, self.size, 32):
            last = min(first + 32, self.size)
            matrix[first:last] = self.products(np.eye(last - first, self.size, first))
        return 0.5 * (matrix + matrix.T)

    def quick(self) -> HessianOperator:
        """Give the same Hessian in a quicker, less precise arithmetic to search with; itself if there is none."""
        return self

    def sample(self) -> HessianOperator | None:
        """Give a part of the sum over the samples, to find good start vectors with; None if that would not pay."""
        return None
