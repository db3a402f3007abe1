"""Passes through a net all of whose layers receive the inputs: these take one product for all layers together."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from foldscape.arrays import FloatArray, Labels
from foldscape.losses.base import Loss
from foldscape.net.mlp import Weights

AT_ONCE = 2048
"""Points that pass through at once."""


def parts(points: int) -> Iterator[slice]:
    """Cut points into parts that pass through at once."""
    for start in range(0, max(points, 1), AT_ONCE):
        yield slice(start, min(start + AT_ONCE, points))


def forward(net: Weights, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Pass points through.

    Args:
        net: A net without batch normalisation whose layers are wide, but for the first.
        x: (N, d) inputs.

    Returns:
        What the hidden units, layer by layer, and the outputs weigh up, (N, H + K), and what the units give, (N, H).
    """
    inputs = x.shape[1]
    first = np.concatenate([weight[:, :inputs] for weight in net.weights])
    z: FloatArray = x.astype(first.dtype, copy=False) @ first.T + np.concatenate(net.biases)
    a: FloatArray = np.empty((len(x), net.neurons), z.dtype)
    for weight, mine in zip(net.weights, _rows(net), strict=True):
        if earlier := weight.shape[1] - inputs:
            z[:, mine] += a[:, :earlier] @ weight[:, inputs:].T
        if mine.start < net.neurons:
            a[:, mine] = net.activate(z[:, mine])
    return z, a


def backward(net: Weights, x: FloatArray, z: FloatArray, a: FloatArray, error: FloatArray) -> list[FloatArray]:
    """Differentiate a sum over points by weights and biases, layer by layer.

    Args:
        net: As for ``forward``.
        x: (N, d) inputs.
        z: What ``forward`` gave.
        a: The same.
        error: (N, K) gradient by the outputs.

    Returns:
        Gradients in the order of ``Weights.flat``.
    """
    inputs, rows = x.shape[1], _rows(net)
    errors: FloatArray = np.zeros_like(z)
    errors[:, rows[-1]] = error
    inner: list[FloatArray] = []
    for weight, mine in zip(reversed(net.weights), reversed(rows), strict=True):
        if mine.start < net.neurons:
            errors[:, mine] *= net.derivative(z[:, mine])
        earlier = weight.shape[1] - inputs
        errors[:, :earlier] += errors[:, mine] @ weight[:, inputs:]
        inner.append(errors[:, mine].T @ a[:, :earlier])
    first, biases = errors.T @ x.astype(z.dtype, copy=False), errors.sum(axis=0)
    layers = zip(rows, reversed(inner), strict=True)
    return [part for mine, late in layers for part in (np.hstack([first[mine], late]), biases[mine])]


def mean_and_gradient(net: Weights, x: FloatArray, y: Labels, loss: Loss) -> tuple[float, float, list[FloatArray]]:
    """Give the mean loss, the share of right answers, and the gradient by weights and biases, layer by layer."""
    total, right, gradient = 0.0, 0, [np.zeros_like(part) for pair in _pairs(net) for part in pair]
    for some in parts(len(y)):
        z, a = forward(net, x[some])
        outputs = z[:, net.neurons :]
        total += float(loss.values(outputs, y[some]).sum(dtype=np.float64))
        right += int((outputs.argmax(axis=1) == y[some]).sum())
        for kept, part in zip(gradient, backward(net, x[some], z, a, loss.error(outputs, y[some])), strict=True):
            kept += part / z.dtype.type(len(y))
    return total / len(y), right / len(y), gradient


def active_counts(net: Weights, x: FloatArray) -> list[np.ndarray]:
    """Count the points (N, d) on which each hidden unit weighs up more than 0, one (width,) array a hidden layer."""
    counts = np.zeros(net.neurons, np.int64)
    for some in parts(len(x)):
        counts += np.count_nonzero(forward(net, x[some])[0][:, : net.neurons] > 0, axis=0)
    return [counts[mine] for mine in _rows(net)[:-1]]


def _pairs(net: Weights) -> Iterator[tuple[FloatArray, FloatArray]]:
    return zip(net.weights, net.biases, strict=True)


def _rows(net: Weights) -> list[slice]:
    ends = np.cumsum([0, *(len(bias) for bias in net.biases)])
    return [slice(int(start), int(end)) for start, end in itertools.pairwise(ends)]
