"""The Hessian of a narrow dense net, in compiled passes that keep a block of samples in cache."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from foldscape.curvature.compiled import kernels, kernels_samples
from foldscape.curvature.operator import SAMPLED_FROM, SHARE, HessianOperator

Array = NDArray[np.floating]
Whole = Callable[[NDArray[np.float64]], NDArray[np.float64]]


QUICK_FROM = 1_000_000
"""Parameters times samples from which single precision is worth a second pass."""


@dataclass(frozen=True)
class Lanes:
    """A dense net's shape and data as the compiled passes take them.

    Attributes:
        sizes: Inputs, widths of the hidden layers, outputs, shape (L + 1,).
        biased: Whether each layer has a bias, shape (L,).
        kind: ``kernels.PIECEWISE`` or ``kernels.TANH``.
        inactive: Slope of a piecewise linear activation at sums of 0 and below.
        x: Samples of shape (blocks, inputs, lanes), padded with zeros.
        labels: Classes of shape (N,).
    """

    sizes: NDArray[np.int64]
    biased: NDArray[np.bool_]
    kind: int
    inactive: float
    x: Array
    labels: NDArray[np.int64]

    @classmethod
    def of(
        cls, sizes: list[int], biased: list[bool], kind: int, inactive: float, columns: Array, labels: NDArray[np.int64]
    ) -> Lanes:
        """Take samples of shape (inputs, N)."""
        inputs, samples = columns.shape
        blocks = -(-samples // kernels.LANES)
        padded = np.zeros((inputs, blocks * kernels.LANES), columns.dtype)
        padded[:, :samples] = columns
        x = np.ascontiguousarray(padded.reshape(inputs, blocks, kernels.LANES).transpose(1, 0, 2))
        return cls(np.array(sizes, np.int64), np.array(biased), kind, inactive, x, labels)

    def cast(self, dtype: type[np.floating]) -> Lanes:
        """Give the same in another floating-point type."""
        return replace(self, x=self.x.astype(dtype, copy=False))


class LanesHessian(HessianOperator):
    """The Hessian of a dense net's mean loss at one point.

    Args:
        lanes: Shape and data of the net; the type of the data is the arithmetic.
        theta: The point, shape (P,), float64.
        assembled: Gives the whole Hessian at a point.
    """

    def __init__(self, lanes: Lanes, theta: NDArray[np.float64], assembled: Whole) -> None:
        self.lanes, self.size, self._assembled = lanes, len(theta), assembled
        self.dtype = lanes.x.dtype.type
        self.exact_theta = theta
        self.theta = theta.astype(self.dtype)
        blocks, _, width = lanes.x.shape
        units, outputs = int(lanes.sizes[1:-1].sum()), int(lanes.sizes[-1])
        self.values = np.empty((blocks, units, width), self.dtype)
        self.slopes = np.empty_like(self.values)
        self.bends = np.empty_like(self.values) if lanes.kind == kernels.TANH else self.values[:, :0]
        self.deltas = np.zeros((blocks, units + outputs, width), self.dtype)
        self.spread = np.zeros((blocks, outputs, width), self.dtype)
        self.loss = kernels.linearise(
            self.theta, lanes.sizes, lanes.biased, lanes.kind, self.dtype(lanes.inactive), lanes.x, lanes.labels,
            self.values, self.slopes, self.bends, self.deltas, self.spread,
        )  # fmt: skip
        self._quick: LanesHessian | None = None

    @property
    def finite(self) -> bool:
        """Whether the gradient at the point is finite."""
        return bool(np.isfinite(self.deltas).all() and np.isfinite(self.spread).all())

    def gradient(self) -> NDArray[np.float64]:
        """Give the gradient of the mean loss, shape (P,)."""
        out = np.zeros(self.size)
        kernels.gradient(self.lanes.sizes, self.lanes.biased, self.lanes.x, self.values, self.deltas, out)
        return out

    def products(self, vectors: Array) -> Array:
        """Multiply several vectors of shape (vectors, P) by the Hessian."""
        return self._products(vectors, False)

    def gauss_newton(self, vectors: Array) -> Array:
        """Multiply several vectors of shape (vectors, P) by the Gauss-Newton part."""
        return self._products(vectors, True)

    def slopes_along(self, vectors: Array) -> NDArray[np.float64]:
        """Give the slope of every sample's loss along several vectors: (vectors, P) to (vectors, N)."""
        out = np.empty((len(vectors), len(self.lanes.labels)))
        kernels_samples.slopes_along(
            self.lanes.sizes, self.lanes.biased, self.lanes.x, self.values, self.deltas, self._own(vectors), out
        )
        return out

    def weighted_gradients(self, weights: Array) -> NDArray[np.float64]:
        """Sum the samples' gradients with several sets of weights: (sets, N) to (sets, P)."""
        out = np.zeros((len(weights), self.size))
        kernels_samples.weighted_gradients(
            self.lanes.sizes, self.lanes.biased, self.lanes.x, self.values, self.deltas, self._own(weights), out
        )
        return out

    def squared_norms(self) -> NDArray[np.float64]:
        """Give the squared norm of every sample's gradient, shape (N,)."""
        out = np.empty(len(self.lanes.labels))
        kernels_samples.squared_norms(self.lanes.sizes, self.lanes.biased, self.lanes.x, self.values, self.deltas, out)
        return out

    def diagonal(self, *, gauss_newton: bool = False) -> NDArray[np.float64]:
        """Give the diagonal of the Hessian or of its Gauss-Newton part, shape (P,)."""
        return self._second_sums(gauss_newton, self.size)[1]

    def traces(self, *, gauss_newton: bool = False) -> NDArray[np.float64]:
        """Give what each block of the parameters adds to the trace."""
        there = np.ravel(np.column_stack([np.ones_like(self.lanes.biased), self.lanes.biased]))
        return np.asarray(self._second_sums(gauss_newton, 0)[0][there])

    def _second_sums(self, gauss_newton: bool, size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        lanes = self.lanes
        traces, diagonal = np.zeros(2 * len(lanes.biased)), np.zeros(size)
        kernels_samples.second_sums(
            self.theta, lanes.sizes, lanes.biased, lanes.kind, lanes.x, self.values, self.slopes, self.bends,
            self.spread, len(lanes.labels), gauss_newton, traces, diagonal,
        )  # fmt: skip
        return traces, diagonal

    def _own(self, rows: Array) -> Array:
        return np.ascontiguousarray(rows, dtype=self.dtype)

    def _products(self, vectors: Array, gauss_newton: bool) -> Array:
        lanes = self.lanes
        out = np.zeros((len(vectors), self.size))
        kernels.products(
            self.theta, lanes.sizes, lanes.biased, lanes.kind, lanes.x, self.values, self.slopes, self.bends,
            self.deltas, self.spread, len(lanes.labels), gauss_newton,
            self._own(vectors), out,
        )  # fmt: skip
        return out.astype(self.dtype, copy=False)

    def sample(self) -> LanesHessian | None:
        """Give a share of the Hessian from every eighth sample, or None for little data."""
        if self.size * len(self.lanes.labels) < SAMPLED_FROM:
            return None
        part = copy(self)
        part.lanes = replace(self.lanes, x=_every_eighth(self.lanes.x))
        for kept in ("values", "slopes", "bends", "deltas", "spread"):
            setattr(part, kept, _every_eighth(getattr(self, kept)))
        return part

    def dense(self) -> NDArray[np.float64]:
        """Give the Hessian itself, symmetric, of shape (P, P)."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self._assembled(self.exact_theta)

    def quick(self) -> LanesHessian:
        """Give the same Hessian in single precision, or itself where its products are few microseconds anyway."""
        if self.dtype == np.float32 or self.size * len(self.lanes.labels) < QUICK_FROM:
            return self
        if self._quick is None:
            self._quick = LanesHessian(self.lanes.cast(np.float32), self.exact_theta, self._assembled)
        return self._quick


def _every_eighth(blocks: Array) -> Array:
    """Thin (blocks, rows, lanes) to every eighth lane, and pack those of eight blocks into one; zeros fill up."""
    count, rows, lanes = blocks.shape
    packed = -(-count // SHARE)
    thinned = np.zeros((packed * SHARE, rows, lanes // SHARE), blocks.dtype)
    thinned[:count] = blocks[:, :, ::SHARE]
    grouped = thinned.reshape(packed, SHARE, rows, lanes // SHARE).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(grouped).reshape(packed, rows, lanes)
