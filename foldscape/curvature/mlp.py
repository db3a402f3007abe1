"""The fast path: the loss of a small dense net given as plain arrays, differentiated by hand.

Every array here keeps the samples in the last axis, so that a layer is one matrix product for any
number of samples and a bias is one more row of ones under the layer's inputs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import Vector
from foldscape.curvature.activations import activation_named
from foldscape.curvature.assembled import assemble
from foldscape.curvature.backprop import Pass, with_ones
from foldscape.curvature.blocks import block_table
from foldscape.curvature.compiled import kernels as compiled
from foldscape.curvature.lanes import Lanes, LanesHessian
from foldscape.curvature.objective import SINGLE_FROM, Objective
from foldscape.curvature.rop import MlpHessian
from foldscape.errors import InvalidInput
from foldscape.lazy import lazy
from foldscape.losses import Loss, loss_of
from foldscape.net import kernels
from foldscape.net.labels import class_numbers
from foldscape.net.mlp import SMALL

LANES_UP_TO = 20_000
"""Parameters up to which the compiled Hessian products are quicker than matrix products of whole layers."""

BATCH_ENTRIES = 1 << 16
"""Entries of the largest intermediate array while several points are evaluated at once, to stay in the cache."""


class MlpObjective(Objective):
    """Mean loss of a dense net with one activation between its layers.

    Args:
        weights: One matrix of shape (outputs of the layer, inputs of the layer) per layer.
        biases: One vector of shape (outputs of the layer,) per layer, or None where there is none.
        activation: ``relu``, ``leaky_relu`` or ``tanh``, after every layer but the last.
        X: Inputs of shape (N, inputs), in data units.
        y: Labels of shape (N,): 0 to outputs - 1, or 0 and 1 if the net has a single output.
        negative_slope: Slope of ``leaky_relu`` for negative inputs; 0.01 if None.
        loss: A loss, or its kind.
        dtype: Arithmetic of all passes; single precision halves the time on nets of thousands of parameters.
        names: Names of the tensors, layer by layer; ``layers.0.weight`` and so on if none are given.

    Raises:
        InvalidInput: If shapes do not chain, labels are out of range, or a name is unknown.

    Example:
        >>> flat = MlpObjective([np.zeros((2, 3))], [np.zeros(2)], "relu", np.ones((5, 3)), np.ones(5))
        >>> round(flat.loss(), 6)
        0.693147
    """

    is_by_layer = True

    def __init__(
        self,
        weights: Sequence[ArrayLike],
        biases: Sequence[ArrayLike | None],
        activation: str,
        X: ArrayLike,
        y: ArrayLike,
        *,
        negative_slope: float | None = None,
        loss: str | Loss = "cross_entropy",
        dtype: type[np.floating] = np.float64,
        names: Sequence[str] = (),
    ) -> None:
        matrices = [_array(weight) for weight in weights]
        offsets = [None if bias is None else _array(bias) for bias in biases]
        points = _array(X, dtype)
        _check_chain(matrices, offsets, points)
        self.labels = _checked_labels(y, len(points), len(matrices[-1]))
        self.activation = activation_named(activation, negative_slope=negative_slope)
        self.loss_function = loss_of(loss)
        self.loss_function.check_outputs(len(matrices[-1]))
        self.is_likelihood = self.loss_function.is_likelihood
        self.samples = len(points)
        self.dtype = dtype
        self.inputs = with_ones(points.T)
        tensors = [
            (f"layers.{layer}.{kind}", tensor)
            for layer, pair in enumerate(zip(matrices, offsets, strict=True))
            for kind, tensor in zip(("weight", "bias"), pair, strict=True)
            if tensor is not None
        ]
        self.blocks = block_table(
            (own or name, tensor.shape)
            for own, (name, tensor) in zip(names or len(tensors) * [""], tensors, strict=True)
        )
        self.theta = np.concatenate([tensor.ravel() for _, tensor in tensors])
        self.has_bias = [bias is not None for bias in offsets]
        self._compiled = self._for_kernel(matrices, negative_slope) if self.loss_function.is_softmax else None

    def single(self) -> MlpObjective:
        """Give the same in single precision, where whole Hessians are not made anyway."""
        if self.size <= SINGLE_FROM or self.dtype == np.float32:
            return self
        weights, biases = zip(*self.layers(self.theta), strict=True)
        slope = self._kind()[1] if self.activation.name == "leaky_relu" else None
        return MlpObjective(
            weights, biases, self.activation.name, self.inputs[:-1].T, self.labels, negative_slope=slope,
            loss=self.loss_function, dtype=np.float32, names=[block.name for block in self.blocks],
        )  # fmt: skip

    def layers(self, thetas: NDArray[np.floating]) -> list[tuple[NDArray[np.floating], NDArray[np.floating] | None]]:
        """Cut parameter vectors (..., P) into weights (..., outputs, inputs) and biases (..., outputs), as views."""
        lead = thetas.shape[:-1]
        cut = iter(thetas[..., block.span].reshape(*lead, *block.shape) for block in self.blocks)
        return [(next(cut), next(cut) if biased else None) for biased in self.has_bias]

    def losses(self, thetas: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the mean loss at several points of shape (points, P), a cache-sized batch at a time."""
        if self._compiled is not None:
            return np.asarray(kernels.mean_losses(np.ascontiguousarray(thetas), *self._compiled))
        widest = max(block.shape[0] for block in self.blocks)
        batch = max(1, BATCH_ENTRIES // (widest * self.samples))
        with np.errstate(over="ignore", invalid="ignore"):
            points = thetas.astype(self.dtype, copy=False)
            parts = [self._batch_losses(points[first : first + batch]) for first in range(0, len(points), batch)]
        return np.concatenate(parts)

    def _for_kernel(self, matrices: list[NDArray[np.floating]], slope: float | None) -> tuple[object, ...] | None:
        """Give what the compiled pass takes, or None where matrix products are quicker or it does not apply."""
        small = self.size <= SMALL and self.dtype == np.float64
        if not (small and all(self.has_bias) and len(matrices[-1]) > 1):
            return None
        sizes = np.array([matrices[0].shape[1], *(len(matrix) for matrix in matrices)], np.int64)
        kind = kernels.TANH if self.activation.name == "tanh" else kernels.RELU
        inactive = (0.01 if slope is None else slope) if self.activation.name == "leaky_relu" else 0.0
        return sizes, kind, inactive, np.ascontiguousarray(self.inputs[:-1]), self.labels

    def _batch_losses(self, thetas: NDArray[np.floating]) -> NDArray[np.float64]:
        layers = self.layers(thetas)
        values: NDArray[np.floating] = self.inputs[:-1]
        for depth, (weight, bias) in enumerate(layers):
            values = weight @ values
            if bias is not None:
                values += bias[..., None]
            if depth < len(layers) - 1:
                values = self.activation.value(values)
        return np.asarray(self.loss_function.mean(values, self.labels), dtype=np.float64)

    def gradient(self, theta: ArrayLike | None = None) -> Vector:
        """Give the gradient of the mean loss at a point, shape (P,)."""
        operator = self.at(theta)
        assert isinstance(operator, LanesHessian | MlpHessian)
        return operator.gradient()

    def linearise(self, theta: Vector) -> LanesHessian | MlpHessian:
        """Run forward and backward once at a point, and keep what every product needs."""
        if self.size <= LANES_UP_TO and self.loss_function.is_softmax:  # the compiled passes know no other loss
            return LanesHessian(self._lanes, theta.copy(), self._assembled)
        return MlpHessian(self.pass_at(theta), self.has_bias)

    @lazy
    def _lanes(self) -> Lanes:
        sizes = [len(self.inputs) - 1, *(block.shape[0] for block in self.blocks if len(block.shape) == 2)]
        return Lanes.of(sizes, self.has_bias, *self._kind(), self.inputs[:-1], self.labels)

    def _kind(self) -> tuple[int, float]:
        """Give the activation as the compiled passes take it."""
        if self.activation.name == "tanh":
            return compiled.TANH, 0.0
        return compiled.PIECEWISE, float(self.activation.slope(np.zeros(1), np.zeros(1))[0])

    def _assembled(self, theta: Vector) -> NDArray[np.float64]:
        return assemble(self.pass_at(theta), self.has_bias)

    def pass_at(self, theta: Vector) -> Pass:
        """Run forward and backward once, layer by layer on all samples."""
        with np.errstate(over="ignore", invalid="ignore"):
            return Pass.run(self.layers(theta), self.inputs, self.labels, self.activation, self.loss_function)


def _array(values: ArrayLike, dtype: type[np.floating] = np.float64) -> NDArray[np.floating]:
    """Take an array or a tensor, on any device and with or without gradient, in a floating-point type."""
    detach = getattr(values, "detach", None)
    plain = values if detach is None else detach().cpu().numpy()
    return np.asarray(plain, dtype=dtype)


def _check_chain(
    weights: list[NDArray[np.floating]], biases: list[NDArray[np.floating] | None], points: NDArray[np.floating]
) -> None:
    """Raise InvalidInput unless the data and the layers chain."""
    if not weights or len(weights) != len(biases):
        raise InvalidInput(
            f"{len(weights)} weight matrices came with {len(biases)} biases.",
            hint="Give one bias per layer, or None for a layer without one.",
        )
    if points.ndim != 2 or len(points) == 0:
        raise InvalidInput(f"The data has shape {points.shape}.", hint="Give at least one sample, as (N, inputs).")
    width = points.shape[1]
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        if weight.ndim != 2 or weight.shape[1] != width:
            raise InvalidInput(
                f"Layer {layer} has weights of shape {weight.shape}.", hint=f"It needs (outputs, {width})."
            )
        width = len(weight)
        if bias is not None and bias.shape != (width,):
            raise InvalidInput(f"Layer {layer} has biases of shape {bias.shape}.", hint=f"It needs ({width},).")


def _checked_labels(y: ArrayLike, samples: int, outputs: int) -> NDArray[np.int64]:
    """Return int64 labels of shape (samples,), or raise InvalidInput."""
    labels = _array(y)
    if labels.shape != (samples,):
        raise InvalidInput(f"{samples} samples came with labels of shape {labels.shape}.", hint=f"Give ({samples},).")
    return class_numbers(labels, max(outputs, 2))
