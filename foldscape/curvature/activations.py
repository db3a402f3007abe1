"""The activations of the small dense nets, with the two derivatives that curvature needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.errors import InvalidInput


@dataclass(frozen=True)
class ActivationFunction:
    """An element-wise function with its derivatives.

    Attributes:
        name: What a user types.
        value: a = f(z).
        slope: f'(z), from z and a.
        bend: f''(z), from z and a; None for a piecewise linear function, whose second derivative
            is zero wherever it exists. At a kink the slope is the one on the left, as in torch.
    """

    name: str
    value: Callable[[FloatArray], FloatArray]
    slope: Callable[[FloatArray, FloatArray], FloatArray]
    bend: Callable[[FloatArray, FloatArray], FloatArray] | None


def _leaky(name: str, negative_slope: float) -> ActivationFunction:
    def value(z: FloatArray) -> FloatArray:
        return np.where(z > 0, z, negative_slope * z)

    def slope(z: FloatArray, a: FloatArray) -> FloatArray:
        return np.where(z > 0, z.dtype.type(1), z.dtype.type(negative_slope))

    return ActivationFunction(name, value, slope, None)


def _relu() -> ActivationFunction:
    return ActivationFunction("relu", lambda z: np.maximum(z, 0), lambda z, a: (z > 0).astype(z.dtype), None)


def _tanh() -> ActivationFunction:
    return ActivationFunction("tanh", np.tanh, lambda z, a: 1 - a * a, lambda z, a: -2 * a * (1 - a * a))


ACTIVATIONS: dict[str, Callable[[], ActivationFunction]] = {
    "relu": _relu,
    "leaky_relu": lambda: _leaky("leaky_relu", 0.01),
    "tanh": _tanh,
}


def activation_named(name: str, *, negative_slope: float | None = None) -> ActivationFunction:
    """Look an activation up by the name a user types.

    Args:
        name: One of ``relu``, ``leaky_relu``, ``tanh``.
        negative_slope: Slope of ``leaky_relu`` for negative inputs; 0.01 if None.

    Returns:
        The activation.

    Raises:
        InvalidInput: If the name is unknown, or a slope is given to another activation.
    """
    if name not in ACTIVATIONS:
        raise InvalidInput(
            f"Activation {name!r} has no hand-written curvature.",
            hint=f"Choose one of {', '.join(sorted(ACTIVATIONS))}, or measure a torch module with Objective.of_module.",
        )
    if negative_slope is None:
        return ACTIVATIONS[name]()
    if name != "leaky_relu":
        raise InvalidInput(
            f"negative_slope={negative_slope} was given to {name!r}.", hint="Only leaky_relu has a slope to choose."
        )
    return _leaky(name, negative_slope)
