"""How much a new unit's outgoing weights alone could lower the loss: one number for every birth (docs/growth.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.curvature.subset import probe_subset
from foldscape.growth.folds import kernels
from foldscape.net.mlp import Weights, backward
from foldscape.net.passes import shape_of

RIDGE = 1e-3
"""ρ, which keeps a unit that is hardly ever active from promising much."""
WIDEST = 16
"""Outgoing weights that are taken into account; of more, those in the leading directions of the errors."""

NO_GRADIENTS = np.empty((0, 0))
"""Asks ``Response.rated`` for values alone."""


@dataclass(frozen=True, eq=False)
class Response:
    """What a layer receives, and how the loss answers to what its next unit sends on.

    Attributes:
        inputs: (fan_in, N) what the layer receives.
        errors: (r, N) gradient of each loss by the next layer's pre-activations.
        curvature: (r (r + 1) / 2, N) lower triangles of the Gauss-Newton second derivatives by them.
        basis: (fan_out, r) orthonormal columns; the r coordinates above are along them.
        kind: ``kernels.RELU`` or ``kernels.TANH``.
        slope: Slope of the activation's inactive side.
    """

    inputs: FloatArray
    errors: FloatArray
    curvature: FloatArray
    basis: FloatArray
    kind: int
    slope: float

    def rated(
        self, criterion: int, weights: FloatArray, biases: FloatArray, anchor: FloatArray, gradients: FloatArray
    ) -> FloatArray:
        """Rate units by the predicted gain or the pull on their outgoing weights, as told in ``kernels.objectives``."""
        values: FloatArray = kernels.objectives(
            criterion, self.kind, self.slope, weights, biases, self.inputs, self.errors, self.curvature, RIDGE, anchor,
            gradients,
        )  # fmt: skip
        return values


def predicted_gain(net: Weights, layer: int, incoming: FloatArray, bias: float, x: FloatArray, y: np.ndarray) -> float:
    r"""Predict by how much a unit's outgoing weights v alone could lower the mean loss, starting from v = 0.

    With h the unit's output, δ the gradient of an example's loss by the next layer's pre-activations z, and J the
    derivative of the logits by z (the identity above the last hidden layer),

    .. math:: \tfrac12 g^T (H + \rho I)^{-1} g, \quad g = E[\delta h], \quad
        H = E[h^2 J^T (\mathrm{diag}\, p - p p^T) J]

    the decrement of one Newton step. Above the last hidden layer H is exact; below, it is Gauss-Newton's. Of more than
    2,000 examples the fixed draw of every curvature number is used; of more than 16 outgoing weights, the 16 leading
    directions of the errors, which gives a lower bound (97 % on average between two layers of 64 on digits). A
    normalised net is taken as the plain net that does the same.

    Args:
        net: The network without the unit.
        layer: Hidden layer that would receive it, from 0.
        incoming: (fan_in,) its incoming weights.
        bias: Its bias.
        x: (N, d) training inputs.
        y: (N,) classes.

    Returns:
        The gain in nats, at least 0.
    """
    return gain_of(response(net, layer, x, y), incoming, bias)


def gain_of(seen: Response, incoming: FloatArray, bias: float) -> float:
    """Give ``predicted_gain`` from a response that is at hand."""
    weights, biases = np.array(incoming, np.float64)[None], np.array([bias], np.float64)
    return float(seen.rated(kernels.NEWTON, weights, biases, weights[0], NO_GRADIENTS)[0])


def response(net: Weights, layer: int, x: FloatArray, y: np.ndarray) -> Response:
    """Measure how the loss answers to the next unit of a hidden layer.

    Args:
        net: The network.
        layer: Hidden layer, from 0.
        x: (N, d) training inputs; of more than 2,000 the fixed draw of every curvature number.
        y: (N,) classes.

    Returns:
        What the gain of any next unit follows from.
    """
    drawn = probe_subset(len(x))
    if not drawn.whole:
        x, y = x[drawn.indices], y[drawn.indices]
    exact = net.astype(np.float64).folded()
    passed = backward(exact, x, y)
    basis = _coordinates(passed.errors[layer + 1], above_is_output=layer + 2 == len(net.weights))
    root = _root_of_curvature(exact, layer, passed.inputs, _probabilities(passed.errors[-1], y)) @ basis
    products = root.transpose(0, 2, 1) @ root
    rows, columns = np.tril_indices(basis.shape[1])
    _, kind, slope = shape_of(net)
    return Response(
        np.ascontiguousarray(passed.inputs[layer].T),
        np.ascontiguousarray((passed.errors[layer + 1] @ basis).T),
        np.ascontiguousarray(products[:, rows, columns].T),
        basis,
        kind,
        float(slope),
    )


def _probabilities(errors: FloatArray, y: np.ndarray) -> FloatArray:
    p = errors.copy()
    p[np.arange(len(y)), y] += 1
    return np.maximum(p, 0)


def _root_of_curvature(net: Weights, layer: int, inputs: tuple[FloatArray, ...], p: FloatArray) -> FloatArray:
    """Give R (N, K, fan_out) with RᵀR = Jᵀ (diag p - ppᵀ) J; above the output layer J is the identity."""
    sqrt = np.sqrt(p)
    root = sqrt[:, :, None] * np.eye(p.shape[1]) - sqrt[:, :, None] * p[:, None, :]
    for above in range(len(net.weights) - 1, layer + 1, -1):
        z = inputs[above - 1] @ net.weights[above - 1].T + net.biases[above - 1]
        root = (root @ net.weights[above]) * net.derivative(z)[:, None, :]
    return root


def _coordinates(errors: FloatArray, *, above_is_output: bool) -> FloatArray:
    """Give orthonormal columns (fan_out, r) in which nothing, or as little as can be, of the errors is lost."""
    width = errors.shape[1]
    if above_is_output and width <= WIDEST:
        # Adding a number to all logits changes nothing, so neither errors nor curvature reach along (1, ..., 1).
        contrasts: FloatArray = np.eye(width)[:, 1:] - 1 / (width + np.sqrt(width))
        contrasts[0] = -1 / np.sqrt(width)
        return contrasts
    if width <= WIDEST:
        return np.eye(width)
    leading: FloatArray = np.linalg.eigh(errors.T @ errors)[1][:, -WIDEST:]
    return leading
