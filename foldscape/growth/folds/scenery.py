"""What a fold needs of a net and of its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.errors import NotPossible
from foldscape.geometry import default_box
from foldscape.net.passes import shape_of

if TYPE_CHECKING:
    from foldscape.geometry.box import Box
    from foldscape.growth.base import Scene
    from foldscape.net.mlp import Weights


def refuse_without_folds(net: Weights) -> None:
    """Refuse a net whose units do not switch.

    Args:
        net: The network.

    Raises:
        NotPossible: If its activation is smooth, or leaky ReLU of slope 1.
    """
    if net.activation == "tanh":
        raise NotPossible(
            "This net's activation is tanh, which is smooth: it has no folds.",
            hint="Take ReLU or leaky ReLU, or grow by GradMax.",
        )
    if shape_of(net)[2] >= 1:
        raise NotPossible(
            f"Leaky ReLU with slope {net.negative_slope:g} on its inactive side is a straight line: it has no folds.",
            hint="Take a slope below 1.",
        )


def cut_box(scene: Scene) -> Box | None:
    """Give the part of the plane that is cut to find the boundary: the box shown, and all data with a margin.

    Args:
        scene: The data.

    Returns:
        (xmin, xmax, ymin, ymax), or ``None`` for data that are not of the plane.
    """
    if scene.x.shape[1] != 2:
        return None
    around = default_box(scene.x)
    if scene.box is None:
        return around
    xmin, xmax, ymin, ymax = scene.box
    return min(xmin, around[0]), max(xmax, around[1]), min(ymin, around[2]), max(ymax, around[3])


def refuse_off_the_plane(net: Weights, scene: Scene) -> Box:
    """Refuse what cannot be drawn, and give the box that is shown.

    Args:
        net: The network.
        scene: The data.

    Returns:
        (xmin, xmax, ymin, ymax), data units.

    Raises:
        NotPossible: If the net does not take points of the plane, or no box is shown.
    """
    inputs = net.weights[0].shape[1]
    if inputs != 2:
        raise NotPossible(
            f"An example has {inputs} inputs: lines can only be laid on the plane.",
            hint="Take a set of the plane, or let the net choose its fold.",
        )
    if len(net.weights) < 2:
        raise NotPossible("This net has no hidden layer to fold.", hint="Start one with at least one hidden layer.")
    if scene.box is None:
        raise NotPossible("No part of the plane is shown, so no fold can be laid on it.", hint="Give the scene a box.")
    return scene.box
