# mypy: allow-untyped-decorators
"""The compiled kernel that trains a net that is a graph, over the dense blocks of its layers.

Parameters lie in this order: the weights from the inputs into every node, hidden nodes by depth and outputs last,
(nodes, inputs) in one block; the weights from the constant, (nodes,); and for each layer but the first the weights from
all hidden nodes of smaller depth, (width, earlier). So the inputs take one product for all layers together. Where there
is no edge the parameter is 0 and ``present`` keeps it so. Large products are left to BLAS.
"""

from __future__ import annotations

import numpy as np

from foldscape import engine
from foldscape.arrays import Float32Array, Float64Array, Int64Array
from foldscape.engine.kernels_hills import add_hills
from foldscape.engine.kernels_update import GRADIENT, SLOPE, THETA, update
from foldscape.kernel import kernel, part

BATCH, RULE, IS_TANH, SAME_AGE, IS_SQUARED = range(5)
"""Entries of ``sizes``."""

SMALL = 1 << 13
"""Multiplications up to which plain loops are quicker than a call of BLAS."""


@part
def _accumulate(found: Float32Array, out: Float32Array) -> None:
    """Add found to out; a loop, because array arithmetic takes long to compile."""
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] += found[i, j]


@part(fastmath={"contract", "reassoc"})
def _add(left: Float32Array, right: Float32Array, out: Float32Array) -> None:
    """Add left (m, k) times right (k, n) to out; n runs along the samples or the inputs."""
    if left.size * right.shape[1] > SMALL:
        _accumulate(np.dot(left, right), out)
        return
    for i in range(left.shape[0]):
        for k in range(left.shape[1]):
            factor = left[i, k]
            for j in range(right.shape[1]):
                out[i, j] += factor * right[k, j]


@part(fastmath={"contract", "reassoc"})
def _multiply_rows(left: Float32Array, right: Float32Array, out: Float32Array) -> None:
    """Fill out (m, n) with left (m, k) times the transpose of right (n, k)."""
    if left.size * right.shape[0] > SMALL:
        np.dot(left, right.T, out)
        return
    for i in range(left.shape[0]):
        for j in range(right.shape[0]):
            total = np.float32(0)
            for k in range(left.shape[1]):
                total += left[i, k] * right[j, k]
            out[i, j] = total


@part(fastmath={"contract", "reassoc"})
def _add_back(left: Float32Array, right: Float32Array, out: Float32Array) -> None:
    """Add the transpose of left (k, m) times right (k, n) to out (m, n)."""
    if left.size * right.shape[1] > SMALL:
        _accumulate(np.dot(left.T, right), out)
        return
    for k in range(left.shape[0]):
        for i in range(left.shape[1]):
            factor = left[k, i]
            for j in range(right.shape[1]):
                out[i, j] += factor * right[k, j]


@part
def _activate(z: Float32Array, is_tanh: bool, slope: np.float32, a: Float32Array) -> None:
    """Fill a with the activation of z."""
    for i in range(z.shape[0]):
        for n in range(z.shape[1]):
            value = z[i, n]
            a[i, n] = np.tanh(value) if is_tanh else (value if value >= 0 else slope * value)


@part
def _bend(errors: Float32Array, z: Float32Array, a: Float32Array, is_tanh: bool, slope: np.float32) -> None:
    """Multiply errors by the activation's derivative; that of a ReLU at 0 is 1, for GradMax (arXiv 2201.05125)."""
    for i in range(z.shape[0]):
        for n in range(z.shape[1]):
            factor = np.float32(1) if z[i, n] >= 0 else slope
            errors[i, n] *= 1 - a[i, n] * a[i, n] if is_tanh else factor


@part
def _output_errors(
    outputs: Float32Array, y: Int64Array, is_squared: bool, targets: Float32Array, errors: Float32Array
) -> None:
    """Fill errors (K, samples) with the gradient of the mean loss by the outputs: their form minus the targets."""
    share = np.float32(1) / np.float32(outputs.shape[1])
    for n in range(outputs.shape[1]):
        total, top = np.float32(1), np.float32(0)
        if not is_squared:
            top = outputs[0, n]
            for k in range(1, outputs.shape[0]):
                top = max(top, outputs[k, n])
            total = np.float32(0)
            for k in range(outputs.shape[0]):
                errors[k, n] = np.exp(outputs[k, n] - top)
                total += errors[k, n]
        for k in range(outputs.shape[0]):
            value = outputs[k, n] if is_squared else errors[k, n] / total
            errors[k, n] = share * (value - (targets[0] if k == y[n] else targets[1]))


@part
def _add_gradient(
    starts: Int64Array, blocks: Int64Array, theta: Float32Array, gradient: Float32Array, x: Float32Array, y:
    Int64Array, sizes: Int64Array,
    slope: np.float32, targets: Float32Array,
) -> None:  # fmt: skip
    """Fill the gradient of the mean loss of a batch."""
    nodes, inputs, samples, last = starts[-1], x.shape[1], len(x), len(starts) - 2
    is_tanh, biases = sizes[IS_TANH] != 0, nodes * inputs
    into, into_gradient = theta[:biases].reshape(nodes, inputs), gradient[:biases].reshape(nodes, inputs)
    z = np.empty((nodes, samples), np.float32)
    _multiply_rows(into, x, z)
    for i in range(nodes):
        for n in range(samples):
            z[i, n] += theta[biases + i]
    a = np.empty((starts[last], samples), np.float32)
    for layer in range(last + 1):
        first, end = starts[layer], starts[layer + 1]
        if layer:
            block = theta[blocks[layer] : blocks[layer + 1]].reshape(end - first, first)
            _add(block, a[:first], z[first:end])
        if layer < last:
            _activate(z[first:end], is_tanh, slope, a[first:end])
    errors = np.zeros((nodes, samples), np.float32)
    _output_errors(z[starts[last] :], y, sizes[IS_SQUARED] != 0, targets, errors[starts[last] :])
    for layer in range(last, -1, -1):
        first, end = starts[layer], starts[layer + 1]
        if layer < last:
            _bend(errors[first:end], z[first:end], a[first:end], is_tanh, slope)
        if layer:
            block = theta[blocks[layer] : blocks[layer + 1]].reshape(end - first, first)
            into_block = gradient[blocks[layer] : blocks[layer + 1]].reshape(end - first, first)
            _multiply_rows(errors[first:end], a[:first], into_block)
            _add_back(block, errors[first:end], errors[:first])
    into_gradient[:] = 0
    _add(errors, x, into_gradient)
    for i in range(nodes):
        total = np.float32(0)
        for n in range(samples):
            total += errors[i, n]
        gradient[biases + i] = total


@kernel(reads=(engine,))
def train(
    starts: Int64Array, blocks: Int64Array, state: Float32Array, present: Float32Array, table: Float32Array, sizes:
    Int64Array, rates: Float64Array,
    tops: Float32Array, spans: Int64Array, hills: Float64Array,
    targets: Float32Array, x: Float32Array, y: Int64Array, order: Int64Array, first: int, updates: int,
) -> None:  # fmt: skip
    """Do so many updates from a batch of the epoch on.

    Args:
        starts: (layers + 1,) where each layer's nodes start among all, outputs last.
        blocks: (layers + 1,) where the weights from earlier hidden nodes start; a block ends where the next starts.
        state: Rows of ``kernels_update``.
        present: (width,) 1 where there is an edge, else 0.
        table: Adam's bias corrections.
        sizes: See above.
        rates: See ``kernels_update``; a row for each update, or one for all.
        tops: See ``kernels_hills``.
        spans: See there.
        hills: See there.
        targets: (2,) what is asked of the output of the true class, and of each other one.
        x: (N, inputs) points.
        y: (N,) classes.
        order: (N,) order in which the batches take them.
        first: First batch.
        updates: Number of updates.
    """
    theta, gradient = state[THETA], state[GRADIENT]
    slope, rule, same_age = np.float32(rates[0, SLOPE]), sizes[RULE], sizes[SAME_AGE] != 0
    for number in range(first, first + updates):
        chosen = order[number * sizes[BATCH] : (number + 1) * sizes[BATCH]]
        points, labels = np.empty((len(chosen), x.shape[1]), np.float32), np.empty(len(chosen), np.int64)
        for n in range(len(chosen)):
            points[n], labels[n] = x[chosen[n]], y[chosen[n]]
        _add_gradient(starts, blocks, theta, gradient, points, labels, sizes, slope, targets)
        for p in range(len(present)):
            gradient[p] *= present[p]
        add_hills(state, tops, spans, hills)
        update(state, table, rule, same_age, rates[number - first if len(rates) > 1 else 0])
