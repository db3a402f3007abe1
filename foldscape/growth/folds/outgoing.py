"""The best outgoing weights of a unit at its birth: a convex problem above the last hidden layer (docs/growth.md)."""

from __future__ import annotations

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.growth.folds.gain import RIDGE, Response, response
from foldscape.losses.cross_entropy import cross_entropy
from foldscape.net.mlp import Weights

ROUNDS = 20
HALVINGS = 20


def best_outgoing(
    net: Weights, layer: int, incoming: FloatArray, bias: float, x: FloatArray, y: np.ndarray
) -> FloatArray:
    """Minimise the mean loss over a new unit's outgoing weights alone, by damped Newton steps from zero.

    The logits are affine in these weights above the last hidden layer, so there the loss is convex in them; below, the
    steps are Gauss-Newton's. Each step is halved until the loss falls, so it never rises.

    Args:
        net: The network without the unit, float64.
        layer: Hidden layer that receives it, from 0.
        incoming: (fan_in,) its incoming weights.
        bias: Its bias.
        x: (N, d) training inputs.
        y: (N,) classes.

    Returns:
        (fan_out,) outgoing weights.
    """

    def loss(outgoing: FloatArray) -> float:
        grown = net.with_unit(layer, incoming, bias, outgoing)
        return float(cross_entropy(grown.logits(x), y).mean())

    outgoing = np.zeros(len(net.biases[layer + 1]))
    now = loss(outgoing)
    for _ in range(ROUNDS):
        step = _newton_step(net, response(net.with_unit(layer, incoming, bias, outgoing), layer, x, y), incoming, bias)
        for halved in range(HALVINGS):
            tried = outgoing + 0.5**halved * step
            then = loss(tried)
            if then < now:
                break
        else:
            return outgoing
        outgoing, gained, now = tried, now - then, then
        if gained < 1e-10 * (1 + now):
            break
    return outgoing


def _newton_step(net: Weights, seen: Response, incoming: FloatArray, bias: float) -> FloatArray:
    h = net.activate(incoming @ seen.inputs + bias)
    r = len(seen.errors)
    rows, columns = np.tril_indices(r)
    hessian = np.zeros((r, r))
    hessian[rows, columns] = hessian[columns, rows] = (seen.curvature * h**2).mean(axis=1)
    step: FloatArray = -seen.basis @ np.linalg.solve(hessian + RIDGE * np.eye(r), (seen.errors * h).mean(axis=1))
    return step
