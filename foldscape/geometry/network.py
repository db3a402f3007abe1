"""The network as the geometry engine sees it: a checked tuple of float64 matrices, and its plain forward pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import Float64Array
from foldscape.geometry.errors import GeometryError


@dataclass(frozen=True, eq=False)
class Network:
    """A ReLU (or leaky ReLU) net in float64.

    Attributes:
        weights: One (out, in) matrix for each hidden layer, then the output layer.
        biases: One (out,) vector for each of them.
        slope: Negative slope of the activation; 0 is ReLU.
        theta: Weights and biases of one layer after another in one row, as the kernels read them.
        wide: Whether every layer receives the inputs and all layers before it, in this order, and not only the last.
    """

    weights: tuple[Float64Array, ...]
    biases: tuple[Float64Array, ...]
    slope: float
    theta: Float64Array
    wide: bool = False

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

    def activate(self, z: Float64Array) -> Float64Array:
        """What units give for their pre-activations."""
        return np.where(z > 0, z, self.slope * z)

    def joined(self, received: Float64Array, h: Float64Array) -> Float64Array:
        """What the next layer receives: of what a layer was given and what it gave, side by side in the last axis."""
        return np.concatenate([received, h], axis=-1) if self.wide else h

    def received(self, layer: int, X: Float64Array) -> Float64Array:
        """What a layer is given, (N, fan_in), at points X (N, d)."""
        given = X
        for W, b in zip(self.weights[:layer], self.biases[:layer], strict=True):
            given = self.joined(given, self.activate(given @ W.T + b))
        return given

    def preactivations(self, X: Float64Array) -> list[Float64Array]:
        """Values before each activation and then the logits, [(N, units), ..., (N, K)], at points X (N, d)."""
        values: list[Float64Array] = []
        given = X
        for layer, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            if layer:
                given = self.joined(given, self.activate(values[-1]))
            values.append(given @ W.T + b)
        return values


def as_network(
    weights: Sequence[ArrayLike], biases: Sequence[ArrayLike | None], negative_slope: float = 0.0
) -> Network:
    """Check the parts of a net and copy them to float64.

    Args:
        weights: One (out, in) matrix for each hidden layer, then the output layer. A layer may also be wide: then its
            columns are the inputs and the units of all layers before it, in this order, with zeros where nothing leads.
        biases: One (out,) vector for each of them, or None for a layer without.
        negative_slope: Slope below zero, at least 0 and below 1; 0 is ReLU.

    Returns:
        The net. Where one layer is wide, all are written so.

    Raises:
        GeometryError: If something is no array of numbers, shapes do not chain, a value is not finite, or the slope is
            out of range.
    """
    Ws = tuple([_floats(W, "weights", layer) for layer, W in enumerate(weights)])
    bs = tuple(
        [
            np.zeros(len(W) if W.ndim else 0) if b is None else _floats(b, "biases", layer)
            for layer, (b, W) in enumerate(zip(biases, Ws, strict=False))
        ]
    )
    if not Ws or len(Ws) != len(biases):
        raise GeometryError(
            f"{len(Ws)} weight matrices and {len(biases)} bias vectors: give one of each for every hidden layer and "
            "one for the output layer."
        )
    before = everything = Ws[0].shape[-1] if Ws[0].ndim == 2 else 0
    wide = False
    for layer, (W, b) in enumerate(zip(Ws, bs, strict=True)):
        shape = W.shape
        fits = len(shape) == 2 and shape[0] >= 1 and (shape[1] == before or shape[1] == everything)
        if not fits or b.shape != shape[:1]:
            raise GeometryError(
                f"Layer {layer} has weights {W.shape} and biases {b.shape}: weights must be (out, {before or 'in'})"
                f"{f' or (out, {everything})' if layer else ''}, with out at least 1, and biases (out,). "
                "Pass weights as torch stores them, outputs first."
            )
        if shape[1] != before:
            wide = True
        before = shape[0]
        everything += before
    if wide:
        Ws = _widened(Ws)
    theta = np.concatenate([part.ravel() for layer in zip(Ws, bs, strict=True) for part in layer])
    if not np.isfinite(theta).all():
        _name_the_value(Ws, bs)
    slope = float(negative_slope)
    if not 0.0 <= slope < 1.0:
        raise GeometryError(f"Negative slope is {slope}: it must be at least 0 (ReLU) and below 1 (no fold at all).")
    return Network(Ws, bs, slope, theta, wide)


def _widened(Ws: tuple[Float64Array, ...]) -> tuple[Float64Array, ...]:
    """All layers wide: zeros lead from whatever a layer did not hear."""
    padded, received = [], Ws[0].shape[1]
    for W in Ws:
        silent = received - W.shape[1]
        padded.append(np.concatenate([np.zeros((len(W), silent)), W], axis=1) if silent else W)
        received += len(W)
    return tuple(padded)


def _name_the_value(Ws: tuple[Float64Array, ...], bs: tuple[Float64Array, ...]) -> None:
    for layer, parts in enumerate(zip(Ws, bs, strict=True)):
        for part in parts:
            for value in part[~np.isfinite(part)]:
                raise GeometryError(
                    f"Layer {layer} holds the value {value}: every weight and bias must be finite. The run probably "
                    "diverged; use an earlier snapshot or a smaller learning rate."
                )


def logits(
    weights: Sequence[ArrayLike], biases: Sequence[ArrayLike | None], X: ArrayLike, negative_slope: float = 0.0
) -> Float64Array:
    """Run the net forward in float64.

    Args:
        weights: One (out, in) matrix for each hidden layer, then the output layer; wide ones as in `partition`.
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


def _floats(given: Any, what: str, layer: int) -> Float64Array:
    """Copy real numbers to float64; a torch tensor may ask for gradients, lie elsewhere, or be in half precision."""
    try:
        plain = given.detach().cpu() if hasattr(given, "detach") else given
        plain = np.asarray(plain.double() if hasattr(plain, "double") and plain.is_floating_point() else plain)
        if not np.iscomplexobj(plain):
            return np.ascontiguousarray(plain, dtype=np.float64)
        wrong = "they are complex"
    except (TypeError, ValueError) as error:
        wrong = str(error)
    raise GeometryError(
        f"The {what} of layer {layer}, a {type(given).__name__}, cannot be read as numbers: {wrong}. "
        "Give arrays or tensors of real numbers."
    )
