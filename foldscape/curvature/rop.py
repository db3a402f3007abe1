r"""The forward-and-backward R-operator of a dense net, several directions at once.

Pearlmutter (1994), "Fast exact multiplication by the Hessian": differentiate the forward and the
backward pass along a direction V. With W, b a layer's parameters, V_W, V_b the direction's part
there, z the layer's sums, a its inputs (a one under them for the bias), d the derivative of the
mean loss by z, and R{.} the derivative along the direction,

.. math::
    R\{z\} = W R\{a\} + V_W a + V_b, \qquad
    R\{\nabla_W\} = R\{d\} a^T + d R\{a\}^T, \qquad
    R\{\nabla_a\} = W^T R\{d\} + V_W^T d .

The two products of R{z}, and of R{∇_a}, are one matrix product each: [W V_W V_b] times the rows
[R{a}; a; 1], and [W; V_W]^T times the rows [R{d}; d].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foldscape.arrays import FloatArray
from foldscape.curvature.assembled import assemble
from foldscape.curvature.backprop import Pass
from foldscape.curvature.operator import HessianOperator
from foldscape.lazy import lazy

WORKSPACE_ENTRIES = 1 << 16
"""Entries of the largest intermediate array, to stay in the cache; more directions than fit go in turns."""

QUICK_ENTRIES = 1 << 16
"""Entries of the largest layer's inputs from which single precision is worth a second pass."""


class MlpHessian(HessianOperator):
    """The Hessian of a dense net's mean loss at one point.

    Args:
        kept: The forward and backward pass at that point; its type is the arithmetic of the products.
        has_bias: Whether each layer has a bias.
    """

    in_blas = True

    def __init__(self, kept: Pass, has_bias: list[bool]) -> None:
        self.kept = kept
        self.has_bias = has_bias
        self.size = sum(w.size + len(w) * biased for w, biased in zip(kept.weights, has_bias, strict=True))
        self.dtype = kept.spread.dtype.type
        self._rooms: dict[int, _Room] = {}

    @property
    def finite(self) -> bool:
        """Whether the gradient at the point is finite."""
        return bool(np.isfinite(self.kept.deltas[0]).all() and np.isfinite(self.kept.spread).all())

    def gradient(self) -> NDArray[np.float64]:
        """Give the gradient of the mean loss, shape (P,)."""
        mean = np.full((1, self.kept.samples), 1 / self.kept.samples, self.dtype)
        return np.asarray(self.weighted_gradients(mean)[0])

    def slopes_along(self, vectors: FloatArray) -> NDArray[np.float64]:
        """Give the slope of every sample's loss along several vectors: (vectors, P) to (vectors, N)."""
        kept = self.kept
        total = np.zeros((len(vectors), kept.samples))
        for number, vector in enumerate(np.asarray(vectors, dtype=self.dtype)):
            room = self._room(1)
            self._spread_out(vector[None], room.lefts)
            for delta, rows, left in zip(kept.deltas, kept.inputs, room.lefts, strict=True):
                total[number] += np.einsum("on,on->n", delta, left[0, :, -len(rows) :] @ rows)
        return total * kept.samples

    def weighted_gradients(self, weights: FloatArray) -> NDArray[np.float64]:
        """Sum the samples' gradients with several sets of weights: (sets, N) to (sets, P)."""
        kept = self.kept
        sums = np.empty((len(weights), self.size))
        for number, weight in enumerate(np.asarray(weights, dtype=self.dtype) * self.dtype(kept.samples)):
            some = np.flatnonzero(weight)
            used = slice(None) if len(some) > kept.samples // 2 else some
            parts = [
                (delta[:, used] * weight[used]) @ rows[:, used].T
                for delta, rows in zip(kept.deltas, kept.inputs, strict=True)
            ]
            sums[number] = self._flat([part[None] for part in parts])[0]
        return sums

    def squared_norms(self) -> NDArray[np.float64]:
        """Give the squared norm of every sample's gradient, shape (N,)."""
        total = np.zeros(self.kept.samples)
        for delta, below in zip(self.kept.deltas, self._squared_inputs(), strict=True):
            total += np.einsum("on,on->n", delta, delta) * below
        return total * self.kept.samples**2

    def traces(self, *, gauss_newton: bool = False) -> NDArray[np.float64] | None:
        """Give what each block of the parameters adds to the trace; None for nets that bend or are deep."""
        kept = self.kept
        if len(kept.weights) > 2 or (kept.bends is not None and not gauss_newton):
            return None
        outer, scale = kept.weights[-1], 1 / kept.samples
        own = kept.loss.variance(kept.spread, len(kept.deltas[-1]))
        seconds = [own.sum(axis=0, dtype=np.float64)]
        if len(kept.weights) == 2:
            below = kept.loss.variance_of(outer, kept.spread) * np.square(kept.slopes[0])
            seconds.insert(0, below.sum(axis=0, dtype=np.float64))
        sums = []
        for second, biased, below in zip(seconds, self.has_bias, self._squared_inputs(), strict=True):
            sums += [scale * float(second @ (below - biased))] + [scale * float(second.sum())] * biased
        return np.array(sums)

    def _squared_inputs(self) -> list[NDArray[np.float64]]:
        """Give the squared norms of every layer's inputs, the one of the bias included, (N,) each."""
        return [
            np.einsum("in,in->n", rows[:-1], rows[:-1], dtype=np.float64) + biased
            for rows, biased in zip(self.kept.inputs, self.has_bias, strict=True)
        ]

    def gauss_newton(self, vectors: FloatArray) -> FloatArray:
        """Multiply several vectors of shape (vectors, P) by the Gauss-Newton part."""
        return self._straight.products(vectors)

    @lazy
    def _straight(self) -> MlpHessian:
        """The Hessian without what comes from the bending of the net: no derivative of the loss reaches it."""
        return MlpHessian(self.kept.straightened(), self.has_bias)

    def descent(self) -> NDArray[np.float64]:
        """Give the gradient of the mean loss, shape (P,)."""
        return self.gradient()

    def products(self, vectors: FloatArray) -> FloatArray:
        """Multiply several vectors of shape (vectors, P) by the Hessian."""
        widest = max(rows.size for rows in self.kept.inputs)
        turn = max(1, WORKSPACE_ENTRIES // widest)
        directions = vectors.astype(self.dtype, copy=False)
        with np.errstate(over="ignore", invalid="ignore"):
            parts = [self._turn(directions[first : first + turn]) for first in range(0, len(directions), turn)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def dense(self) -> NDArray[np.float64]:
        """Give the Hessian itself, symmetric, of shape (P, P)."""
        with np.errstate(over="ignore", invalid="ignore"):
            return assemble(self.kept, self.has_bias)

    def quick(self) -> MlpHessian:
        """Give the same Hessian in single precision, or itself if that would not pay."""
        if self.dtype == np.float32 or max(rows.size for rows in self.kept.inputs) < QUICK_ENTRIES:
            return self
        with np.errstate(over="ignore"):
            return MlpHessian(self.kept.cast(np.float32), self.has_bias)

    def _turn(self, vectors: FloatArray) -> FloatArray:
        room = self._room(len(vectors))
        self._spread_out(vectors, room.lefts)
        curved = self._forward(room)
        return self._flat(self._backward(room, curved))

    def _room(self, directions: int) -> _Room:
        room = self._rooms.get(directions)
        if room is None:
            room = self._rooms[directions] = _Room(self.kept, directions)
        return room

    def _spread_out(self, vectors: FloatArray, lefts: list[FloatArray]) -> None:
        """Write the directions into the layers' [W V_W V_b]."""
        at = 0
        for weight, biased, left in zip(self.kept.weights, self.has_bias, lefts, strict=True):
            outputs, inputs = weight.shape
            left[:, :, -1 - inputs : -1] = vectors[:, at : at + weight.size].reshape(-1, outputs, inputs)
            at += weight.size
            if biased:
                left[:, :, -1] = vectors[:, at : at + outputs]
                at += outputs

    def _forward(self, room: _Room) -> FloatArray:
        """Carry R{a} through the layers; give R{d} of the last one."""
        kept = self.kept
        for depth, slope in enumerate(kept.slopes):
            np.matmul(room.lefts[depth], room.rows[depth], out=room.sums[depth])
            np.multiply(slope, room.sums[depth], out=room.rows[depth + 1][:, : len(slope)])
        curved = kept.loss.curve(kept.spread, room.lefts[-1] @ room.rows[-1])
        curved /= kept.samples
        return curved

    def _backward(self, room: _Room, curved: FloatArray) -> list[FloatArray]:
        """Carry R{d} back; give R of every layer's [gradient by W, gradient by b]."""
        kept = self.kept
        grads: list[FloatArray] = [curved @ kept.inputs[-1].T]
        for depth in range(len(kept.weights) - 1, 0, -1):
            outputs, inputs = kept.weights[depth].shape
            grads[0][..., :-1] += kept.deltas[depth] @ room.rows[depth][:, :inputs].swapaxes(1, 2)
            room.falls[depth][:, :outputs] = curved
            room.pulls[depth][:, :, outputs:] = room.lefts[depth][:, :, inputs:-1].swapaxes(1, 2)
            curved = np.matmul(room.pulls[depth], room.falls[depth])
            curved *= kept.slopes[depth - 1]
            if kept.bends is not None:
                room.sums[depth - 1] *= kept.bends[depth - 1]
                curved += room.sums[depth - 1]
            grads.insert(0, curved @ kept.inputs[depth - 1].T)
        return grads

    def _flat(self, grads: list[FloatArray]) -> FloatArray:
        flat = np.empty((len(grads[0]), self.size), dtype=grads[0].dtype)
        at = 0
        for grad, biased in zip(grads, self.has_bias, strict=True):
            vectors, outputs, width = grad.shape
            stop = at + outputs * (width - 1)
            flat[:, at:stop] = grad[:, :, :-1].reshape(vectors, -1)
            at = stop
            if biased:
                flat[:, at : at + outputs] = grad[:, :, -1]
                at += outputs
        return flat


class _Room:
    """Working arrays for a number of directions, with all that does not depend on them filled in.

    Attributes:
        lefts: [W V_W V_b] of every layer, (k, outputs, 2 inputs + 1); [V_W V_b] for the first.
        rows: [R{a}; a; 1] of every layer, (k, 2 inputs + 1, samples); [a; 1] for the first.
        sums: R{z} of every hidden layer, (k, outputs, samples).
        falls: [R{d}; d] of every layer but the first, (k, 2 outputs, samples).
        pulls: [W; V_W]^T of every layer but the first, (k, inputs, 2 outputs).
    """

    def __init__(self, kept: Pass, directions: int) -> None:
        dtype = kept.spread.dtype
        self.lefts: list[FloatArray] = []
        self.rows: list[FloatArray] = []
        self.falls: list[FloatArray] = []
        self.pulls: list[FloatArray] = []
        self.sums = [np.empty((directions, *slope.shape), dtype) for slope in kept.slopes]
        for depth, weight in enumerate(kept.weights):
            outputs, inputs = weight.shape
            left = np.zeros((directions, outputs, inputs * (1 + (depth > 0)) + 1), dtype)
            rows = kept.inputs[0]
            fall = pull = np.empty(0, dtype)
            if depth > 0:
                left[:, :, :inputs] = weight
                rows = np.empty((directions, 2 * inputs + 1, kept.samples), dtype)
                rows[:, inputs:] = kept.inputs[depth]
                fall = np.empty((directions, 2 * outputs, kept.samples), dtype)
                fall[:, outputs:] = kept.deltas[depth]
                pull = np.empty((directions, inputs, 2 * outputs), dtype)
                pull[:, :, :outputs] = weight.T
            self.lefts.append(left)
            self.rows.append(rows)
            self.falls.append(fall)
            self.pulls.append(pull)
