"""One forward and one backward pass of a dense net, kept for the Hessian products that follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from foldscape.arrays import FloatArray, Labels
from foldscape.curvature.activations import ActivationFunction
from foldscape.losses.base import Loss


@dataclass(frozen=True)
class Pass:
    """What one forward and backward pass leaves behind; samples in the last axis.

    Attributes:
        weights: W of every layer, (outputs, inputs).
        inputs: a of every layer with a row of ones below, (inputs + 1, samples).
        slopes: f'(z) of every hidden layer, (width, samples).
        bends: f''(z) times the derivative of the mean loss by f(z) of every hidden layer, or None
            for a piecewise linear activation.
        deltas: d of every layer, (outputs, samples).
        spread: What the loss needs for its second derivative, samples in the last axis.
        loss: The loss function.
    """

    weights: list[FloatArray]
    inputs: list[FloatArray]
    slopes: list[FloatArray]
    bends: list[FloatArray] | None
    deltas: list[FloatArray]
    spread: FloatArray
    loss: Loss

    @property
    def samples(self) -> int:
        """Number of samples N."""
        return int(self.spread.shape[-1])

    @classmethod
    def run(
        cls,
        layers: list[tuple[FloatArray, FloatArray | None]],
        inputs: FloatArray,
        labels: Labels,
        activation: ActivationFunction,
        loss: Loss,
    ) -> Pass:
        """Run a net forward and backward.

        Args:
            layers: Weights (outputs, inputs) and biases (outputs,) or None, layer by layer.
            inputs: Data with a row of ones below, (inputs + 1, samples); its type is that of the pass.
            labels: Labels of shape (samples,).
            activation: Activation after every layer but the last.
            loss: Loss function.

        Returns:
            The pass.
        """
        weights = [np.array(weight, dtype=inputs.dtype) for weight, _ in layers]
        rows, slopes, bends = [inputs], [], []
        sums = _sums(weights[0], layers[0][1], inputs)
        for weight, (_, bias) in zip(weights[1:], layers[1:], strict=True):
            values = activation.value(sums)
            slopes.append(activation.slope(sums, values))
            if activation.bend is not None:
                bends.append(activation.bend(sums, values))
            rows.append(with_ones(values))
            sums = _sums(weight, bias, rows[-1])
        delta, spread = loss.residual(sums, labels)
        deltas: list[FloatArray] = [delta / delta.dtype.type(delta.shape[1])]
        for depth in range(len(layers) - 1, 0, -1):
            pulled = weights[depth].T @ deltas[0]
            if activation.bend is not None:
                bends[depth - 1] *= pulled
            pulled *= slopes[depth - 1]
            deltas.insert(0, pulled)
        return cls(weights, rows, slopes, bends if activation.bend else None, deltas, spread, loss)

    def cast(self, dtype: type[np.floating]) -> Pass:
        """Give the same numbers in another floating-point type."""
        return self._mapped(lambda array: array.astype(dtype), lambda array: array.astype(dtype))

    def of_samples(self, some: slice) -> Pass:
        """Give the pass of some of the samples, with the mean over those for the loss."""
        part = self._mapped(lambda array: np.ascontiguousarray(array[:, some]), lambda weight: weight)
        for array in (*part.deltas, *(part.bends or ())):
            array *= array.dtype.type(self.samples / part.samples)
        return part

    def straightened(self) -> Pass:
        """Drop the first derivatives of the loss, so that only those of second order by the logits are left."""
        return replace(self, bends=None, deltas=[np.zeros_like(delta) for delta in self.deltas])

    def _mapped(self, each: Callable[[FloatArray], FloatArray], weight: Callable[[FloatArray], FloatArray]) -> Pass:
        return Pass(
            [weight(array) for array in self.weights],
            [each(array) for array in self.inputs],
            [each(array) for array in self.slopes],
            None if self.bends is None else [each(array) for array in self.bends],
            [each(array) for array in self.deltas],
            each(self.spread),
            self.loss,
        )


def with_ones(values: FloatArray) -> FloatArray:
    """Put a row of ones below (inputs, samples), for the bias."""
    rows = np.empty((len(values) + 1, values.shape[1]), values.dtype)
    rows[:-1] = values
    rows[-1] = 1
    return rows


def _sums(weight: FloatArray, bias: FloatArray | None, rows: FloatArray) -> FloatArray:
    """Give a layer's sums (outputs, samples) from its inputs with ones below."""
    if bias is None:
        return np.asarray(weight @ rows[:-1])
    return np.asarray(np.column_stack([weight, bias.astype(weight.dtype)]) @ rows)
