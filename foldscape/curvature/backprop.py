"""One forward and one backward pass of a dense net, kept for the Hessian products that follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from foldscape.curvature.activations import Activation
from foldscape.curvature.losses import Labels, Loss

Array = NDArray[np.floating]


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
        spread: What the loss needs for its second derivative, (outputs, samples).
        loss: The loss function.
    """

    weights: list[Array]
    inputs: list[Array]
    slopes: list[Array]
    bends: list[Array] | None
    deltas: list[Array]
    spread: Array
    loss: Loss

    @property
    def samples(self) -> int:
        """Number of samples N."""
        return int(self.spread.shape[-1])

    @classmethod
    def run(
        cls,
        layers: list[tuple[Array, Array | None]],
        inputs: Array,
        labels: Labels,
        activation: Activation,
        loss: Loss,
    ) -> Pass:
        """Run a net forward and backward.

        Args:
            layers: Weights (outputs, inputs) and biases (outputs,) or None, layer by layer.
            inputs: Data of shape (inputs, samples).
            labels: Labels of shape (samples,).
            activation: Activation after every layer but the last.
            loss: Loss function.

        Returns:
            The pass.
        """
        ones = np.ones((1, inputs.shape[1]))
        rows, slopes, curls = [np.concatenate([inputs, ones])], [], []
        sums = inputs
        for depth, (weight, bias) in enumerate(layers):
            sums = weight @ rows[-1][:-1] if bias is None else np.concatenate([weight, bias[:, None]], 1) @ rows[-1]
            if depth == len(layers) - 1:
                break
            values = activation.value(sums)
            rows.append(np.concatenate([values, ones]))
            slopes.append(activation.slope(sums, values))
            if activation.bend is not None:
                curls.append(activation.bend(sums, values))
        delta, spread = loss.residual(sums, labels)
        deltas = [delta / inputs.shape[1]]
        for depth in range(len(layers) - 1, 0, -1):
            pulled = layers[depth][0].T @ deltas[0]
            if activation.bend is not None:
                curls[depth - 1] *= pulled
            deltas.insert(0, slopes[depth - 1] * pulled)
        weights = [np.array(weight) for weight, _ in layers]
        return cls(weights, rows, slopes, curls if activation.bend else None, deltas, spread, loss)

    def cast(self, dtype: type[np.floating]) -> Pass:
        """Give the same numbers in another floating-point type."""
        return self._mapped(lambda array: array.astype(dtype))

    def sampled(self, chosen: NDArray[np.int64]) -> Pass:
        """Give the pass of some samples, as if they were the whole data set."""
        share = self.samples / len(chosen)
        part = self._mapped(lambda array: np.ascontiguousarray(array[:, chosen]), weights=False)
        bends = None if part.bends is None else [share * bend for bend in part.bends]
        return replace(part, deltas=[share * delta for delta in part.deltas], bends=bends)

    def _mapped(self, change: Callable[[Array], Array], *, weights: bool = True) -> Pass:
        return Pass(
            [change(weight) for weight in self.weights] if weights else self.weights,
            [change(rows) for rows in self.inputs],
            [change(slope) for slope in self.slopes],
            None if self.bends is None else [change(bend) for bend in self.bends],
            [change(delta) for delta in self.deltas],
            change(self.spread),
            self.loss,
        )
