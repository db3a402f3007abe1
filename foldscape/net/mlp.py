"""A fully connected net as plain arrays: forward pass, gradients by hand, and growth in place.

``Weights`` is what a frame carries and what growth rules read. It is small, exact and needs no torch; the engines
train their own copies of it. Axes are written as in ``inputs: (N, d)``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foldscape.net.spec import Activation, NetSpec

Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Weights:
    """The parameters of a net.

    Attributes:
        weights: One (out, in) array a layer, the output layer last.
        biases: One (out,) array a layer.
        activation: Activation of the hidden layers.
        negative_slope: Slope of leaky ReLU on its inactive side.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    activation: Activation = "relu"
    negative_slope: float = 0.1

    @property
    def hidden(self) -> tuple[int, ...]:
        """Width of each hidden layer."""
        return tuple(len(bias) for bias in self.biases[:-1])

    @property
    def neurons(self) -> int:
        """Hidden units in all."""
        return sum(self.hidden)

    @property
    def parameters(self) -> int:
        """Number of parameters P."""
        return sum(part.size for part in self.flat())

    def flat(self) -> list[Array]:
        """List the parameter arrays in the order weight, bias, layer by layer."""
        return [part for layer in zip(self.weights, self.biases, strict=True) for part in layer]

    def is_finite(self) -> bool:
        """Whether every parameter is a finite number."""
        return all(np.isfinite(part).all() for part in self.flat())

    def astype(self, dtype: npt.DTypeLike) -> Weights:
        """Give a copy in another precision."""
        return Weights(
            tuple(part.astype(dtype) for part in self.weights),
            tuple(part.astype(dtype) for part in self.biases),
            self.activation,
            self.negative_slope,
        )

    def activate(self, z: Array) -> Array:
        """Apply the hidden activation."""
        if self.activation == "tanh":
            return np.tanh(z)
        slope = z.dtype.type(self.negative_slope if self.activation == "leaky_relu" else 0)
        return np.where(z >= 0, z, slope * z)

    def derivative(self, z: Array) -> Array:
        """Give the activation's derivative at pre-activations z; that of a ReLU at 0 is 1 (science E7)."""
        if self.activation == "tanh":
            return 1 - np.tanh(z) ** 2
        slope = z.dtype.type(self.negative_slope if self.activation == "leaky_relu" else 0)
        return np.where(z >= 0, z.dtype.type(1), slope)

    def layer_inputs(self, x: Array, layer: int) -> Array:
        """Give what hidden layer ``layer`` receives for inputs x: (N, fan_in)."""
        h = x.astype(self.weights[0].dtype, copy=False)
        for w, b in list(zip(self.weights, self.biases, strict=True))[:layer]:
            h = self.activate(h @ w.T + b)
        return h

    def logits(self, x: Array) -> Array:
        """Give the outputs (N, K) for inputs (N, d)."""
        last = len(self.weights) - 1
        return self.layer_inputs(x, last) @ self.weights[last].T + self.biases[last]

    def mean_row_norm(self, layer: int) -> float:
        """Mean norm of the units' incoming weights in a layer; 1 when they are all zero."""
        norm = float(np.linalg.norm(self.weights[layer], axis=1).mean())
        return norm if norm > 0 else 1.0

    def with_unit(self, layer: int, incoming: Array, bias: float, outgoing: Array) -> Weights:
        """Give the net with one more unit at the end of a hidden layer.

        Args:
            layer: Hidden layer, from 0.
            incoming: (fan_in,) weights into the unit.
            bias: Its bias.
            outgoing: (fan_out,) weights out of it; all zero keeps the function.
        """
        weights, biases = list(self.weights), list(self.biases)
        dtype = weights[layer].dtype
        weights[layer] = np.vstack([weights[layer], np.asarray(incoming, dtype)[None]])
        biases[layer] = np.append(biases[layer], dtype.type(bias))
        weights[layer + 1] = np.hstack([weights[layer + 1], np.asarray(outgoing, dtype)[:, None]])
        return Weights(tuple(weights), tuple(biases), self.activation, self.negative_slope)


def initial(spec: NetSpec, features: int, classes: int, rng: np.random.Generator) -> Weights:
    """Draw first weights and biases uniform in ±1/sqrt(fan_in), as PyTorch's linear layer does."""
    sizes = [features, *spec.hidden, classes]
    weights, biases = [], []
    for fan_in, fan_out in itertools.pairwise(sizes):
        bound = 1 / np.sqrt(fan_in)
        weights.append(rng.uniform(-bound, bound, (fan_out, fan_in)).astype(np.float32))
        biases.append(rng.uniform(-bound, bound, fan_out).astype(np.float32))
    weights[-1] *= np.float32(spec.output_scale)
    return Weights(tuple(weights), tuple(biases), spec.activation, spec.negative_slope)


def cross_entropy(logits: Array, y: npt.NDArray[np.int64]) -> Array:
    """Cross-entropy of each example in nats: (N,)."""
    top = logits.max(axis=1, keepdims=True)
    total = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0]
    losses: Array = total - logits[np.arange(len(y)), y]
    return losses


def output_error(logits: Array, y: npt.NDArray[np.int64]) -> Array:
    """Gradient of each example's cross-entropy by its logits, softmax minus one-hot: (N, K)."""
    p: Array = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return p


@dataclass(frozen=True)
class Backward:
    """One backward pass of the mean cross-entropy.

    Attributes:
        inputs: What each layer receives, (N, fan_in) each.
        errors: Gradient of the mean loss by each layer's pre-activation times N, (N, fan_out) each.
        weight_gradients: Gradient of the mean loss by each weight array.
        bias_gradients: Gradient of the mean loss by each bias array.
    """

    inputs: tuple[Array, ...]
    errors: tuple[Array, ...]
    weight_gradients: tuple[Array, ...]
    bias_gradients: tuple[Array, ...]

    @property
    def norm(self) -> float:
        """Norm of the whole gradient."""
        return norm_of([*self.weight_gradients, *self.bias_gradients])


def backward(net: Weights, x: Array, y: npt.NDArray[np.int64]) -> Backward:
    """Differentiate the mean cross-entropy by every parameter.

    Args:
        net: The network.
        x: (N, d) inputs.
        y: (N,) classes.
    """
    inputs, slopes = [x.astype(net.weights[0].dtype, copy=False)], []
    for w, b in zip(net.weights[:-1], net.biases[:-1], strict=True):
        z = inputs[-1] @ w.T + b
        slopes.append(net.derivative(z))
        inputs.append(net.activate(z))
    errors = [output_error(inputs[-1] @ net.weights[-1].T + net.biases[-1], y)]
    for w, slope in zip(reversed(net.weights[1:]), reversed(slopes), strict=True):
        errors.append((errors[-1] @ w) * slope)
    errors.reverse()
    share = 1 / len(x)
    return Backward(
        tuple(inputs),
        tuple(errors),
        tuple(share * (e.T @ h) for e, h in zip(errors, inputs, strict=True)),
        tuple(share * e.sum(axis=0) for e in errors),
    )


def norm_of(parts: Sequence[Array]) -> float:
    """Norm of several arrays taken as one vector, summed in float64."""
    return float(np.sqrt(sum(float(np.square(part, dtype=np.float64).sum()) for part in parts)))
