"""The gradient of each example's loss by its input, for nets given as ``Weights``."""

from __future__ import annotations

from collections.abc import Callable

from foldscape.arrays import FloatArray
from foldscape.net.mlp import Weights, carried_back, received

OutputError = Callable[[FloatArray], FloatArray]


def outputs_and_gradient(net: Weights, x: FloatArray, error: OutputError) -> tuple[FloatArray, FloatArray]:
    """Pass points through a net and differentiate by them.

    Args:
        net: The net; batch normalisation counts by its running statistics.
        x: (N, d) inputs.
        error: Gives the gradient (N, K) of each example's function by its outputs (N, K).

    Returns:
        The outputs (N, K), and the gradient (N, d) of each example's own function by its own input.

    Example:
        >>> import numpy as np
        >>> from foldscape.net.mlp import Weights
        >>> net = Weights((np.array([[1.0, 2.0]]),), (np.zeros(1),))
        >>> outputs_and_gradient(net, np.ones((1, 2)), lambda outputs: 3 * outputs)[1]
        array([[ 9., 18.]])
    """
    plain = net.folded()
    seen, slopes = [x.astype(plain.weights[0].dtype, copy=False)], []
    for weight, bias in zip(plain.weights[:-1], plain.biases[:-1], strict=True):
        z = received(seen, weight) @ weight.T
        z += bias
        slopes.append(net.derivative(z))
        seen.append(net.activate(z))
    outputs = received(seen, plain.weights[-1]) @ plain.weights[-1].T + plain.biases[-1]
    errors = carried_back(plain, error(outputs), slopes)
    gradient = errors[0] @ plain.weights[0]
    for layer, weight in enumerate(plain.weights[1:], 1):
        if weight.shape[1] != plain.hidden[layer - 1]:
            gradient += errors[layer] @ weight[:, : plain.features]
    return outputs, gradient
