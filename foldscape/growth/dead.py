"""Which units are dead: off at every point of the data, so that nothing teaches them (docs/growth.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.net.mlp import Weights


def active_share(net: Weights, x: FloatArray) -> tuple[np.ndarray, ...]:
    """Give the share of points on which each hidden unit's pre-activation is above 0.

    It is found with every frame, hence in the net's own precision; 16 units on 300 points take some 40 µs.

    Args:
        net: The network.
        x: (N, d) points.

    Returns:
        One (width,) float32 array a hidden layer.
    """
    return tuple((counts / len(x)).astype(np.float32) for counts in net.active_counts(x))


def dead_share(net: Weights, x: FloatArray) -> tuple[float, ...]:
    """Give the share of each hidden layer's units that are dead on some points.

    A unit is dead when its activation is nowhere above 0. Only a ReLU dies so: leaky ReLU and tanh learn on either
    side, and their share is 0. A unit that GradMax has just added, with no incoming weights yet, counts as dead
    until its first update. Where the share of a layer is 1 the net is constant.

    Args:
        net: The network.
        x: (N, d) points.

    Returns:
        One share a hidden layer, from 0 to 1.
    """
    if not dies(net):
        return (0.0,) * len(net.hidden)
    return tuple(float((share == 0).mean()) for share in active_share(net, x))


def dies(net: Weights) -> bool:
    """Whether a unit of this net learns nothing while it is off.

    Args:
        net: The network.

    Returns:
        True for ReLU alone.
    """
    return net.activation == "relu" or (net.activation == "leaky_relu" and net.negative_slope == 0)
