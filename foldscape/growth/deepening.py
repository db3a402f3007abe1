"""What the rules that add layers share (docs/growth.md, "Adding a layer")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foldscape.errors import NotPossible
from foldscape.growth.base import GrowthRule, listing_settings

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.net.mlp import Weights

DEEPEST = 16
"""Hidden layers that no rule goes beyond."""


class Deepening(GrowthRule):
    """Base of the rules that add layers and keep the function of a piecewise-linear net."""

    model_config = listing_settings("deepening")

    def slope(self, net: Weights) -> float:
        """Give the slope of the activation's inactive side.

        Args:
            net: The network as it is.

        Returns:
            0 for ReLU.

        Raises:
            NotPossible: If the activation is not piecewise linear.
        """
        if net.activation == "tanh":
            raise NotPossible(
                "A layer of tanh units bends whatever passes through it, so none can be added without changing the "
                "function.",
                hint="Start a net with relu or leaky_relu.",
            )
        return net.negative_slope if net.activation == "leaky_relu" else 0.0

    def check_depth(self, depth: int) -> None:
        """Refuse to go too deep.

        Args:
            depth: Hidden layers there would be.

        Raises:
            NotPossible: If that is more than ``DEEPEST``.
        """
        if depth > DEEPEST:
            raise NotPossible(
                f"The net would have {depth} hidden layers; {DEEPEST} is the limit.",
                hint="Add units instead of layers.",
            )


def opposites(matrix: FloatArray, slope: float) -> FloatArray:
    """Give the weights of units that let ``matrix @ h`` pass a ReLU or leaky ReLU, both signs of it.

    Each value z is carried by two opposite units, ``z = (φ(z) - φ(-z)) / (1 + slope)``; the division is done here,
    for φ(cz) = cφ(z) with c > 0. Read z as the first half of the units minus the second.

    Args:
        matrix: (r, fan_in).
        slope: Slope of the inactive side.

    Returns:
        (2r, fan_in).
    """
    return np.vstack([matrix, -matrix]) / matrix.dtype.type(1 + slope)


def reading_weights(matrix: FloatArray) -> FloatArray:
    """Give the weights (fan_out, 2r) that read ``matrix @ z`` (fan_out, r) from units made by ``opposites``."""
    return np.hstack([matrix, -matrix])
