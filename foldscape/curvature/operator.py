"""The Hessian at one point, as something that multiplies vectors."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from foldscape.arrays import FloatArray


class HessianOperator(ABC):
    """The Hessian H of the mean loss at one parameter vector.

    Attributes:
        size: Number of parameters P.
        dtype: Arithmetic of the products and of a search with them.
        in_blas: Whether the products run in numpy's BLAS and make use of its threads.
    """

    size: int
    dtype: type[np.floating] = np.float64
    in_blas: bool = False

    @property
    @abstractmethod
    def finite(self) -> bool:
        """Whether the gradient at the point is finite, so that products mean something."""

    @abstractmethod
    def products(self, vectors: FloatArray) -> FloatArray:
        """Multiply several vectors by H.

        Args:
            vectors: Array of shape (vectors, P).

        Returns:
            Array of the same shape; row i is H times row i.
        """

    @abstractmethod
    def gauss_newton(self, vectors: FloatArray) -> FloatArray:
        """Multiply several vectors, shape (vectors, P), by the Gauss-Newton part of H.

        G is the mean of J^T A J, with J a sample's logits differentiated by the parameters and A its loss
        differentiated twice by the logits. H - G is what comes from the bending of the net itself.
        """

    @abstractmethod
    def slopes_along(self, vectors: FloatArray) -> NDArray[np.float64]:
        """Give the slope of every sample's loss along several vectors: (vectors, P) to (vectors, N)."""

    @abstractmethod
    def weighted_gradients(self, weights: FloatArray) -> NDArray[np.float64]:
        """Sum the samples' gradients with several sets of weights: (sets, N) to (sets, P)."""

    @abstractmethod
    def squared_norms(self) -> NDArray[np.float64]:
        """Give the squared norm of every sample's gradient, shape (N,)."""

    def diagonal(self, *, gauss_newton: bool = False) -> NDArray[np.float64] | None:
        """Give the diagonal of H or G, shape (P,), exactly; None where there is no closed form."""
        return None

    def traces(self, *, gauss_newton: bool = False) -> NDArray[np.float64] | None:
        """Give what each block of the parameters adds to the trace of H or G; None where there is no closed form."""
        return None

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

    def descent(self) -> NDArray[np.float64] | None:
        """Give the gradient of the mean loss, shape (P,), where it is at hand: searches start from it."""
        return None
