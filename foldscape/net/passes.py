"""Compiled passes through a net given as ``Weights``."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.losses import Loss, loss_of
from foldscape.net import kernels, wide
from foldscape.net.dag import Dag
from foldscape.net.mlp import SMALL, Weights, backward


class Scores(NamedTuple):
    """One pass over some points.

    Attributes:
        loss: Mean loss; cross-entropy in nats.
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
    return sizes, kind, net.inactive_slope


def scores(net: Weights, columns: FloatArray, y: np.ndarray, loss: str | Loss) -> Scores:
    """Measure a net on some points; a small one in float64, a large one in its own precision.

    Args:
        net: The network.
        columns: (d, N) points, one a column, float64; NaN is measured where N is 0.
        y: (N,) classes.
        loss: What is measured: a loss, or its kind.

    Returns:
        Mean loss, accuracy and the gradient of the loss.
    """
    loss = loss_of(loss)
    if not len(y):
        return Scores(math.nan, math.nan, np.zeros(0))
    found: Scores = net.can.part("scores")(net, columns, y, loss)
    return found


def of_layers(net: Weights, columns: FloatArray, y: np.ndarray, loss: Loss) -> Scores:
    """Measure a chain of layers; see ``scores``."""
    if net.parameters > SMALL:
        return _by_matrix(net, columns.T, y, loss)
    if net.is_normed or net.is_wide or not loss.is_softmax:
        return _by_matrix(net.astype(np.float64), columns.T, y, loss)
    gradient = np.zeros(len(net.theta))
    mean, right = kernels.loss_and_gradient(net.theta, *shape_of(net), columns, y, gradient)
    return Scores(mean, right / len(y), gradient)


def of_graph(net: Dag, columns: FloatArray, y: np.ndarray, loss: Loss) -> Scores:
    """Measure a graph; see ``scores``."""
    exact = net if net.parameters > SMALL else net.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):  # a diverging run is told by its loss
        mean, accuracy, gradient = wide.mean_and_gradient(exact, columns.T, y, loss)
    return Scores(mean, accuracy, exact.in_order(gradient)[0])


def _by_matrix(net: Weights, x: FloatArray, y: np.ndarray, loss: Loss) -> Scores:
    with np.errstate(over="ignore", invalid="ignore"):  # a diverging run is told by its loss
        passed = backward(net, x, y, loss.error)
        logits = passed.inputs[-1] @ net.weights[-1].T + net.biases[-1]
        mean = float(loss.values(logits, y).mean(dtype=np.float64))
    gradient = np.concatenate([part.ravel() for part in passed.gradients])
    return Scores(mean, float((logits.argmax(axis=1) == y).mean()), gradient)
