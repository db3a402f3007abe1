"""The network as the geometry engine sees it: a checked tuple of float64 matrices, and its plain forward pass."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.geometry.errors import GeometryError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Network:
    """A fully connected ReLU (or leaky ReLU) net in float64.

    Attributes:
        weights: One (out, in) matrix for each hidden layer, then the output layer.
        biases: One (out,) vector for each of them.
        slope: Negative slope of the activation; 0 is ReLU.
        theta: Weights and biases of one layer after another in one row, as the kernels read them.
    """

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    slope: float
    theta: Floats

    @property
    def widths(self) -> tuple[int, ...]:
        """Units in each hidden layer."""
        return tuple(len(b) for b in self.biases[:-1])

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Inputs, units of each hidden layer, outputs."""
        return np.array([self.weights[0].shape[1], *map(len, self.biases)])

    @property
    def classes(self) -> int:
        """Number of outputs K."""
        return len(self.biases[-1])

    def received(self, layer: int, X: Floats) -> Floats:
        """What a layer is given, (N, fan_in), at points X (N, d)."""
        h = X
        for W, b in zip(self.weights[:layer], self.biases[:layer], strict=True):
            z = h @ W.T + b
            h = np.where(z > 0, z, self.slope * z)
        return h

    def preactivations(self, X: Floats) -> list[Floats]:
        """Values before each activation and then the logits, [(N, units), ..., (N, K)], at points X (N, d)."""
        values = []
        h = X
        for layer, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            if layer:
                h = np.where(h > 0, h, self.slope * h)
            h = h @ W.T + b
            values.append(h)
        return values


def as_network(weights: Sequence[ArrayLike], biases: Sequence[ArrayLike], negative_slope: float = 0.0) -> Network:
    """Check the parts of a net and copy them to float64.

    Args:
        weights: One (out, in) matrix for each hidden layer, then the output layer.
        biases: One (out,) vector for each of them.
        negative_slope: Slope below zero, at least 0 and below 1; 0 is ReLU.

    Returns:
        The net.

    Raises:
        GeometryError: If shapes do not chain, a value is not finite, or the slope is out of range.
    """
    Ws = tuple([np.ascontiguousarray(W, dtype=np.float64) for W in weights])
    bs = tuple([np.ascontiguousarray(b, dtype=np.float64) for b in biases])
    if not Ws or len(Ws) != len(bs):
        raise GeometryError(
            f"{len(Ws)} weight matrices and {len(bs)} bias vectors: give one of each for every hidden layer and one "
            "for the output layer."
        )
    inputs = Ws[0].shape[-1] if Ws[0].ndim == 2 else None
    for layer, (W, b) in enumerate(zip(Ws, bs, strict=True)):
        if W.ndim != 2 or W.shape[1] != inputs or W.shape[0] < 1 or b.shape != W.shape[:1]:
            raise GeometryError(
                f"Layer {layer} has weights {W.shape} and biases {b.shape}: weights must be (out, {inputs or 'in'}) "
                "with out at least 1, and biases (out,). Pass weights as torch stores them, outputs first."
            )
        inputs = W.shape[0]
    theta = np.concatenate([part.ravel() for layer in zip(Ws, bs, strict=True) for part in layer])
    if not np.isfinite(theta).all():
        _name_the_value(Ws, bs)
    slope = float(negative_slope)
    if not 0.0 <= slope < 1.0:
        raise GeometryError(f"Negative slope is {slope}: it must be at least 0 (ReLU) and below 1 (no fold at all).")
    return Network(Ws, bs, slope, theta)


def _name_the_value(Ws: tuple[Floats, ...], bs: tuple[Floats, ...]) -> None:
    for layer, parts in enumerate(zip(Ws, bs, strict=True)):
        for part in parts:
            for value in part[~np.isfinite(part)]:
                raise GeometryError(
                    f"Layer {layer} holds the value {value}: every weight and bias must be finite. The run probably "
                    "diverged; use an earlier snapshot or a smaller learning rate."
                )


def logits(
    weights: Sequence[ArrayLike], biases: Sequence[ArrayLike], X: ArrayLike, negative_slope: float = 0.0
) -> Floats:
    """Run the net forward in float64.

    Args:
        weights: One (out, in) matrix for each hidden layer, then the output layer.
        biases: One (out,) vector for each of them.
        X: Points, (N, d).
        negative_slope: Slope below zero; 0 is ReLU.

    Returns:
        Logits, (N, K).

    Raises:
        GeometryError: If the net is malformed or X has the wrong number of columns.

    Example:
        >>> logits([[[1.0, 0.0]], [[2.0]]], [[0.0], [1.0]], [[3.0, 5.0], [-3.0, 5.0]]).ravel().tolist()
        [7.0, 1.0]
    """
    net = as_network(weights, biases, negative_slope)
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != net.weights[0].shape[1]:
        raise GeometryError(f"Points have shape {points.shape}: this net takes (N, {net.weights[0].shape[1]}).")
    return net.preactivations(points)[-1]
