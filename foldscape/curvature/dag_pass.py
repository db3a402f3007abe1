"""One pass through wide layers, forward and back, with what Hessian products need (Pearlmutter 1994)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foldscape.arrays import FloatArray, Labels
from foldscape.curvature.activations import ActivationFunction
from foldscape.losses.base import Loss


class WideLayer(NamedTuple):
    """A wide layer, or an array of its shape.

    Attributes:
        weight: (..., out, in), from inputs and all hidden units before.
        bias: (..., out, 1).
    """

    weight: FloatArray
    bias: FloatArray


class DagPass:
    """Samples that have gone through wide layers.

    Args:
        layers: The layers, the outputs last.
        inputs: (inputs, N).
        labels: (N,) classes.
        activation: Of the hidden units.
        loss: Of the outputs.

    Attributes:
        residual: Each sample's loss differentiated by its outputs, (K, N).
        errors: The mean loss differentiated by what each layer weighs up, (out, N) each.
    """

    def __init__(
        self, layers: list[WideLayer], inputs: FloatArray, labels: Labels, activation: ActivationFunction, loss: Loss
    ) -> None:
        self._layers, self._loss, self._samples = layers, loss, len(labels)
        self._inputs = len(inputs)
        self._seen: FloatArray = np.empty((layers[-1].weight.shape[-1], len(labels)))
        self._seen[: self._inputs] = inputs
        self._slopes: list[FloatArray] = []
        self._bends: list[FloatArray | None] = []
        for layer in layers[:-1]:
            end = layer.weight.shape[1]
            z = layer.weight @ self._seen[:end] + layer.bias
            a = activation.value(z)
            self._seen[end : end + len(z)] = a
            self._slopes.append(activation.slope(z, a))
            self._bends.append(activation.bend(z, a) if activation.bend else None)
        logits = layers[-1].weight @ self._seen + layers[-1].bias
        self.residual, self._spread = loss.residual(logits, labels)
        self.errors, self._arriving = self._carried(self.residual / self._samples, [])

    def back(self, error: FloatArray) -> list[FloatArray]:
        """Carry errors (..., K, N) at the outputs back: those of every layer, (..., out, N) each."""
        return self._carried(error, [])[0]

    def gradient(self, errors: list[FloatArray]) -> list[WideLayer]:
        """Give what errors of every layer mean for its parameters, summed over the samples."""
        return [
            WideLayer(error @ self._seen[: layer.weight.shape[1]].T, error.sum(axis=-1, keepdims=True))
            for layer, error in zip(self._layers, errors, strict=True)
        ]

    def product(self, directions: list[WideLayer]) -> list[WideLayer]:
        """Multiply directions (vectors, ...) by the Hessian of the mean loss."""
        risen, rates = self._forward(directions)
        turned, _ = self._carried(self._loss.curve(self._spread, rates[-1]) / self._samples, directions, rates)
        found = self.gradient(turned)
        for (weight, _), error in zip(found, self.errors, strict=True):
            weight[..., self._inputs :] += error @ np.swapaxes(risen[:, : weight.shape[-1] - self._inputs], 1, 2)
        return found

    def gauss_newton(self, directions: list[WideLayer]) -> list[WideLayer]:
        """Multiply directions (vectors, ...) by the Gauss-Newton part."""
        error = self._loss.curve(self._spread, self._forward(directions)[1][-1]) / self._samples
        return self.gradient(self.back(error))

    def slopes(self, directions: list[WideLayer]) -> FloatArray:
        """Give the slope of every sample's loss along directions, (vectors, N)."""
        return np.asarray((self.residual * self._forward(directions)[1][-1]).sum(axis=1))

    def squared_norms(self, present: list[WideLayer]) -> NDArray[np.float64]:
        """Give the squared norm of every sample's gradient by the parameters that are 1 in ``present``, (N,)."""
        squares = np.square(self._seen)
        found = [
            (np.square(error) * (weight @ squares[: weight.shape[1]] + bias)).sum(axis=0)
            for (weight, bias), error in zip(present, self.back(self.residual), strict=True)
        ]
        return np.asarray(np.sum(found, axis=0), np.float64)

    @property
    def bends(self) -> bool:
        """Whether the activation has curvature of its own."""
        return any(bend is not None for bend in self._bends)

    def gauss_newton_diagonal(self) -> list[WideLayer]:
        """Give the diagonal of the Gauss-Newton part by every parameter: back once for each output."""
        outputs = len(self.residual)
        seeds = np.broadcast_to(np.eye(outputs)[:, :, None], (outputs, outputs, self._samples))
        squares = np.square(self._seen)
        found = []
        for layer, error in zip(self._layers, self.back(seeds), strict=True):
            by_unit = np.swapaxes(error, 0, 1)
            spread = (by_unit * self._loss.curve(self._spread, by_unit)).sum(axis=1) / self._samples
            found.append(WideLayer(spread @ squares[: layer.weight.shape[1]].T, spread.sum(axis=1, keepdims=True)))
        return found

    def _forward(self, directions: list[WideLayer]) -> tuple[FloatArray, list[FloatArray]]:
        """Give how fast activations (vectors, hidden, N) and what each layer weighs up change along directions."""
        lead = len(directions[0].weight)
        risen: FloatArray = np.zeros((lead, len(self._seen) - self._inputs, self._samples))
        rates: list[FloatArray] = []
        for number, ((weight, _), (step, shift)) in enumerate(zip(self._layers, directions, strict=True)):
            end = weight.shape[1]
            hidden = end - self._inputs
            rate = step @ self._seen[:end] + shift
            if hidden:
                rate += weight[:, self._inputs :] @ risen[:, :hidden]
            if number < len(self._slopes):
                risen[:, hidden : hidden + len(weight)] = self._slopes[number] * rate
            rates.append(rate)
        return risen, rates

    def _carried(
        self, error: FloatArray, directions: list[WideLayer], rates: list[FloatArray] | None = None
    ) -> tuple[list[FloatArray], FloatArray]:
        """Carry errors back; with directions and rates, the change of the errors along them.

        Returns:
            Each layer's errors, and what arrives at the hidden units before their slope, (..., hidden, N).
        """
        arriving = np.zeros((*error.shape[:-2], len(self._seen) - self._inputs, self._samples))
        errors = [error]
        for number in range(len(self._slopes), 0, -1):
            weight = self._layers[number].weight[:, self._inputs :]
            hidden = weight.shape[1]
            arriving[..., :hidden, :] += weight.T @ errors[-1]
            if rates is not None:
                step = directions[number].weight[..., self._inputs :]
                arriving[..., :hidden, :] += np.swapaxes(step, -1, -2) @ self.errors[number]
            first = self._layers[number - 1].weight.shape[1] - self._inputs
            below = arriving[..., first:hidden, :] * self._slopes[number - 1]
            bend = self._bends[number - 1]
            if rates is not None and bend is not None:
                below = below + bend * rates[number - 1] * self._arriving[first:hidden]
            errors.append(below)
        return errors[::-1], arriving
