"""Compiled passes through a net given as ``Weights``."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from foldscape.net import kernels
from foldscape.net.mlp import Array, Weights, backward, cross_entropy


class Scores(NamedTuple):
    """One pass over some points.

    Attributes:
        loss: Mean cross-entropy, nats.
        accuracy: Share of right answers.
        gradient: (P,) gradient of the loss, in the order of ``Weights.flat``.
    """

    loss: float
    accuracy: float
    gradient: np.ndarray


def shape_of(net: Weights) -> tuple[np.ndarray, int, float]:
    """Give layer sizes, kind of activation and inactive slope, as the kernels take them."""
    sizes = np.array([net.weights[0].shape[1], *(len(bias) for bias in net.biases)], np.int64)
    kind = kernels.TANH if net.activation == "tanh" else kernels.RELU
    return sizes, kind, net.negative_slope if net.activation == "leaky_relu" else 0.0


COMPILED_UP_TO = 2000
"""Parameters up to which the compiled passes are quicker than matrix products."""


def scores(net: Weights, columns: Array, y: np.ndarray) -> Scores:
    """Measure a net on some points; a small one in float64, a large one in its own precision.

    Args:
        net: The network.
        columns: (d, N) points, one a column, float64; NaN is measured where N is 0.
        y: (N,) classes.
    """
    if not len(y):
        return Scores(math.nan, math.nan, np.zeros(0))
    if net.parameters > COMPILED_UP_TO:
        return _by_matrix(net, columns.T, y)
    if net.is_normed:
        return _by_matrix(net.astype(np.float64), columns.T, y)
    theta = np.concatenate([part.ravel() for part in net.flat()]).astype(np.float64)
    gradient = np.zeros(len(theta))
    loss, right = kernels.loss_and_gradient(theta, *shape_of(net), columns, y, gradient)
    return Scores(loss, right / len(y), gradient)


def _by_matrix(net: Weights, x: Array, y: np.ndarray) -> Scores:
    logits = net.logits(x)
    passed = backward(net, x, y)
    gradient = np.concatenate([part.ravel() for part in passed.gradients])
    loss = float(cross_entropy(logits, y).mean(dtype=np.float64))
    return Scores(loss, float((logits.argmax(axis=1) == y).mean()), gradient)
