"""The gradient of each example's loss by its input, for nets given as ``Weights``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from foldscape.arrays import FloatArray
from foldscape.net.mlp import Weights, carried_back, received

OutputError = Callable[[FloatArray], FloatArray]


class AnyPassed(Protocol):
    """Points that have gone through a net of any kind, with what the way back needs."""

    @property
    def outputs(self) -> FloatArray:
        """(N, K)."""

    def only(self, rows: npt.NDArray[np.bool_]) -> AnyPassed:
        """Give some of the points, by a mask (N,)."""

    def gradient(self, error: FloatArray) -> FloatArray:
        """Give the gradient (N, d) of each example's function by its input, from that by its outputs (N, K)."""


@dataclass(frozen=True)
class Passed:
    """Points that have gone through a net, with what the way back needs.

    Attributes:
        net: The net, without batch normalisation.
        outputs: (N, K).
        slopes: The activation's derivative at each hidden layer, (N, width) each.
    """

    net: Weights
    outputs: FloatArray
    slopes: tuple[FloatArray, ...]

    @classmethod
    def through(cls, net: Weights, x: FloatArray) -> Passed:
        """Pass points (N, d) through a net; batch normalisation counts by its running statistics."""
        plain = net.folded()
        seen, slopes = [x.astype(plain.weights[0].dtype, copy=False)], []
        for weight, bias in zip(plain.weights[:-1], plain.biases[:-1], strict=True):
            z = received(seen, weight) @ weight.T
            z += bias
            slopes.append(net.derivative(z))
            seen.append(net.activate(z))
        outputs = received(seen, plain.weights[-1]) @ plain.weights[-1].T + plain.biases[-1]
        return cls(plain, outputs, tuple(slopes))

    def only(self, rows: npt.NDArray[np.bool_]) -> Passed:
        """Give some of the points, by a mask (N,)."""
        return replace(self, outputs=self.outputs[rows], slopes=tuple(slope[rows] for slope in self.slopes))

    def gradient(self, error: FloatArray) -> FloatArray:
        """Give the gradient (N, d) of each example's function by its input, from that by its outputs (N, K)."""
        net = self.net
        errors = carried_back(net, error, self.slopes)
        gradient = errors[0] @ net.weights[0]
        for layer, weight in enumerate(net.weights[1:], 1):
            if weight.shape[1] != net.hidden[layer - 1]:
                gradient += errors[layer] @ weight[:, : net.features]
        return gradient


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
    passed = net.passed(x)
    return passed.outputs, passed.gradient(error(passed.outputs))
