"""The Hessian of a narrow dense net, in compiled passes that keep a block of samples in cache.

Where there is work for two threads, each takes half of the blocks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from foldscape.arrays import FloatArray
from foldscape.curvature import halves
from foldscape.curvature.compiled import kernels, kernels_samples
from foldscape.curvature.compiled.kernels_tiles import LANES
from foldscape.curvature.operator import HessianOperator

Whole = Callable[[NDArray[np.float64]], NDArray[np.float64]]


QUICK_FROM = 1_000_000
"""Parameters times samples from which single precision is worth a second pass."""

HALVED_FROM = 4_000_000
"""Parameters times samples from which a second thread is worth waking; what it halves takes a third of a ms."""

KEPT_BYTES = 24 << 20
np.empty(KEPT_BYTES, np.uint8)
"""The C library gives freed memory back to the system beyond twice the largest piece that was ever mapped and freed. To
get its pages again takes longer than to measure a small net, so this raises the bound; nothing is touched."""


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
    x: FloatArray
    labels: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        sizes: list[int],
        biased: list[bool],
        kind: int,
        inactive: float,
        columns: FloatArray,
        labels: NDArray[np.int64],
    ) -> Lanes:
        """Take samples of shape (inputs, N)."""
        inputs, samples = columns.shape
        blocks = -(-samples // LANES)
        x = _empty((blocks, inputs, LANES), columns.dtype)
        whole = samples // LANES
        x[:whole] = columns[:, : whole * LANES].reshape(inputs, whole, LANES).transpose(1, 0, 2)
        x[whole:] = 0
        x[whole:, :, : samples - whole * LANES] = columns[:, whole * LANES :]
        return cls(np.array(sizes, np.int64), np.array(biased), kind, inactive, x, labels)

    def cast(self, dtype: type[np.floating]) -> Lanes:
        """Give the same in another floating-point type."""
        x = _empty(self.x.shape, np.dtype(dtype))
        x[...] = self.x
        return replace(self, x=x)

    @property
    def stretches(self) -> list[slice]:
        """The blocks, in two halves where that pays."""
        blocks, parameters = len(self.x), int(((self.sizes[:-1] + 1) * self.sizes[1:]).sum())
        if blocks == 1 or parameters * len(self.labels) < HALVED_FROM:
            return [slice(0, blocks)]
        middle = -(-blocks // 2)
        return [slice(0, middle), slice(middle, blocks)]


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
        hidden, dtype = (blocks, units, width), np.dtype(self.dtype)
        self.values, self.slopes = _empty(hidden, dtype), _empty(hidden, dtype)
        self.bends = _empty(hidden, dtype) if lanes.kind == kernels.TANH else self.values[:, :0]
        self.deltas, self.spread = (
            _empty((blocks, units + outputs, width), dtype),
            _empty((blocks, outputs, width), dtype),
        )
        self.deltas[-1], self.spread[-1] = 0, 0  # no sample stands at the end of the last block
        self._quick: LanesHessian | None = None
        losses = [0.0, 0.0]

        def run(number: int, part: slice) -> None:
            losses[number] = kernels.linearise(
                self.theta, lanes.sizes, lanes.biased, lanes.kind, self.dtype(lanes.inactive), lanes.x[part],
                lanes.labels[part.start * LANES : part.stop * LANES], len(lanes.labels),
                self.values[part], self.slopes[part], self.bends[part], self.deltas[part], self.spread[part],
            )  # fmt: skip

        self._in_halves(run)
        self.loss = sum(losses)

    def _in_halves(self, run: Callable[[int, slice], None]) -> None:
        """Run something on each stretch of the blocks, which is told its number."""
        halves.run_halves([partial(run, number, part) for number, part in enumerate(self.lanes.stretches)])

    @property
    def finite(self) -> bool:
        """Whether the gradient at the point is finite."""
        return bool(np.isfinite(self.deltas).all() and np.isfinite(self.spread).all())

    def gradient(self) -> NDArray[np.float64]:
        """Give the gradient of the mean loss, shape (P,)."""
        out = np.zeros(self.size)
        kernels.gradient(self.lanes.sizes, self.lanes.biased, self.lanes.x, self.values, self.deltas, out)
        return out

    def descent(self) -> NDArray[np.float64]:
        """Give the gradient of the mean loss, shape (P,)."""
        return self.gradient()

    def products(self, vectors: FloatArray) -> FloatArray:
        """Multiply several vectors of shape (vectors, P) by the Hessian."""
        return self._products(vectors, False)

    def gauss_newton(self, vectors: FloatArray) -> FloatArray:
        """Multiply several vectors of shape (vectors, P) by the Gauss-Newton part."""
        return self._products(vectors, True)

    def slopes_along(self, vectors: FloatArray) -> NDArray[np.float64]:
        """Give the slope of every sample's loss along several vectors: (vectors, P) to (vectors, N)."""
        out = np.empty((len(vectors), len(self.lanes.labels)))
        kernels_samples.slopes_along(
            self.lanes.sizes, self.lanes.biased, self.lanes.x, self.values, self.deltas, self._own(vectors), out
        )
        return out

    def weighted_gradients(self, weights: FloatArray) -> NDArray[np.float64]:
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
        lanes, stretches = self.lanes, len(self.lanes.stretches)
        traces, diagonal = np.zeros((stretches, 2 * len(lanes.biased))), np.zeros((stretches, size))

        def run(number: int, part: slice) -> None:
            kernels_samples.second_sums(
                self.theta, lanes.sizes, lanes.biased, lanes.kind, lanes.x[part], self.values[part], self.slopes[part],
                self.bends[part], self.spread[part], len(lanes.labels), gauss_newton, traces[number], diagonal[number],
            )  # fmt: skip

        self._in_halves(run)
        return traces.sum(axis=0), diagonal.sum(axis=0)

    def _own(self, rows: FloatArray) -> FloatArray:
        return np.ascontiguousarray(rows, dtype=self.dtype)

    def _products(self, vectors: FloatArray, gauss_newton: bool) -> FloatArray:
        lanes, own = self.lanes, self._own(vectors)
        out = np.zeros((len(lanes.stretches), len(vectors), self.size))

        def run(number: int, part: slice) -> None:
            kernels.products(
                self.theta, lanes.sizes, lanes.biased, lanes.kind, lanes.x[part], self.values[part], self.slopes[part],
                self.bends[part], self.deltas[part], self.spread[part], len(lanes.labels), gauss_newton, own,
                out[number],
            )  # fmt: skip

        self._in_halves(run)
        return np.asarray(out[0] if len(out) == 1 else out[0] + out[1], dtype=self.dtype)

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


def _empty(shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> FloatArray:
    """Make room that begins where a line of the cache does, a tenth quicker to read than where numpy would."""
    length = math.prod(shape) * dtype.itemsize
    room = np.empty(length + 64, np.uint8)
    first = -room.__array_interface__["data"][0] % 64
    return np.asarray(room[first : first + length].view(dtype).reshape(shape))
