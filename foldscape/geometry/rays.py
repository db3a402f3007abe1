"""Exact breakpoints of a ReLU net along a ray, in any dimension and at any depth.

Along x(t) = x0 + t u every pre-activation is continuous and piecewise linear. Layer by layer: between known breakpoints
each unit is linear, so its zeros are found by interpolation, and they are the only new breakpoints of the next layer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import Float64Array
from foldscape.geometry.errors import GeometryError
from foldscape.geometry.network import as_network


@dataclass(frozen=True, eq=False)
class RayCrossings:
    """All folds that a ray crosses, in order, and the logits along it.

    Attributes:
        t: Where it crosses, in units of the direction, (B,), ascending.
        layer: Hidden layer of the unit that switches, from 0, (B,).
        unit: Unit within its layer, (B,).
        knots: Ends and distinct breakpoints, (M,), from 0 to the length.
        logits: Logits at the knots, (M, K); linear between them.
    """

    t: Float64Array
    layer: NDArray[np.int64]
    unit: NDArray[np.int64]
    knots: Float64Array
    logits: Float64Array

    def __len__(self) -> int:
        return len(self.t)

    def margin_zero(self, first: int, second: int) -> float | None:
        """First place at which two logits are equal.

        Args:
            first: One class.
            second: The other.

        Returns:
            The smallest t with equal logits, exact up to rounding, or None if they never meet.
        """
        margin = self.logits[:, first] - self.logits[:, second]
        touching = np.flatnonzero((margin[:-1] == 0) | (margin[:-1] * margin[1:] <= 0))
        if not len(touching):
            return None
        k = touching[0]
        a, b = margin[k], margin[k + 1]
        share = 0.0 if a == 0 else a / (a - b)
        return float((1 - share) * self.knots[k] + share * self.knots[k + 1])


def breakpoints(
    weights: Sequence[ArrayLike],
    biases: Sequence[ArrayLike | None],
    start: ArrayLike,
    direction: ArrayLike,
    length: float = 1.0,
    *,
    negative_slope: float = 0.0,
) -> RayCrossings:
    """Find every fold crossed by x(t) = start + t direction for t from 0 to length.

    Args:
        weights: One (out, in) matrix for each hidden layer, then the output layer; wide ones as in `partition`.
        biases: One (out,) vector for each of them.
        start: Point, (d,).
        direction: Vector, (d,); its length is the unit of t.
        length: Where the ray ends, above 0.
        negative_slope: Slope of the activation below zero; 0 is ReLU.

    Returns:
        The crossings, strictly inside the ray, and the exact piecewise linear logits.

    Raises:
        GeometryError: If the net is malformed, the vectors do not fit it, or the length is not positive.

    Example:
        >>> found = breakpoints([[[1.0]], [[1.0], [0.0]]], [[-1.0], [0.0, 1.0]], [0.0], [1.0], 4.0)
        >>> found.t.tolist(), found.margin_zero(0, 1)
        ([1.0], 2.0)
    """
    net = as_network(weights, biases, negative_slope)
    x0, u = np.asarray(start, dtype=np.float64), np.asarray(direction, dtype=np.float64)
    d = net.weights[0].shape[1]
    if x0.shape != (d,) or u.shape != (d,) or not (np.isfinite(x0).all() and np.isfinite(u).all()):
        raise GeometryError(f"Start {x0.shape} and direction {u.shape}: both must be finite vectors of {d} numbers.")
    if not 0 < length < np.inf:
        raise GeometryError(f"The ray has length {length}: it must be positive and finite.")
    knots = np.array([0.0, length])
    given = x0 + knots[:, None] * u  # (knot, input)
    values = given @ net.weights[0].T + net.biases[0]
    t, layers, units = [], [], []
    for layer, (W, b) in enumerate(zip(net.weights[1:], net.biases[1:], strict=True)):
        at, unit = _zeros(knots, values)
        t.append(at)
        units.append(unit)
        layers.append(np.full(len(at), layer))
        finer = np.union1d(knots, at)
        values = _interpolate(knots, values, finer)
        given = net.joined(_interpolate(knots, given, finer), net.activate(values))
        knots = finer
        values = given @ W.T + b
    found = np.concatenate([*t, np.empty(0)])
    order = np.argsort(found, kind="stable")
    return RayCrossings(
        t=found[order],
        layer=np.concatenate([*layers, np.empty(0, np.int64)])[order],
        unit=np.concatenate([*units, np.empty(0, np.int64)])[order],
        knots=knots,
        logits=values,
    )


def _zeros(knots: Float64Array, values: Float64Array) -> tuple[Float64Array, NDArray[np.int64]]:
    """Where each unit's piecewise linear value changes from active (above 0) to inactive or back."""
    active = values > 0
    piece, unit = np.nonzero(active[1:] != active[:-1])
    a, b = values[piece, unit], values[piece + 1, unit]
    share = a / (a - b)
    at = (1 - share) * knots[piece] + share * knots[piece + 1]
    inside = (at > knots[0]) & (at < knots[-1])
    return at[inside], unit[inside]


def _interpolate(knots: Float64Array, values: Float64Array, finer: Float64Array) -> Float64Array:
    piece = np.clip(np.searchsorted(knots, finer, side="right") - 1, 0, len(knots) - 2)
    share = ((finer - knots[piece]) / (knots[piece + 1] - knots[piece]))[:, None]
    return (1 - share) * values[piece] + share * values[piece + 1]
