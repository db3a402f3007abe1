"""How useful a fold through each place of the plane would be: greedy growth made visible."""

from __future__ import annotations

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.growth.base import Scene
from foldscape.growth.folds.gain import RIDGE, response
from foldscape.growth.folds.kernels_map import best_gains
from foldscape.growth.folds.kernels_sweep import TURN
from foldscape.growth.folds.scenery import refuse_off_the_plane, refuse_without_folds
from foldscape.net.mlp import Weights


def gain_map(net: Weights, scene: Scene, size: int = 33, directions: int = 24) -> FloatArray:
    """Give the predicted gain of the best fold through the centre of each tile of the box.

    Each value is ``predicted_gain`` of a unit of the first hidden layer, with weights of the layer's mean norm in the
    best of the directions.

    Args:
        net: A ReLU or leaky ReLU network of the plane.
        scene: The data it is trained on, with the box that is shown.
        size: Tiles a side.
        directions: Directions tried at each place, all around.

    Returns:
        (size, size) float32, nats; rows from ymin up, columns from xmin.

    Raises:
        NotPossible: If the net or the data are not of the plane, or the net has no folds.
    """
    refuse_without_folds(net)
    xmin, xmax, ymin, ymax = refuse_off_the_plane(net, scene)
    across, up = np.meshgrid(_centres(xmin, xmax, size), _centres(ymin, ymax, size))
    seen = response(net, 0, scene.x, scene.y)
    middle = seen.inputs.mean(axis=1)  # sums of squares keep more digits around it
    points = np.stack([across.ravel(), up.ravel()], axis=1) - middle
    angles = np.arange(directions) * (TURN / directions)
    norm = net.astype(np.float64).folded().mean_row_norm(0)
    columns = seen.inputs - middle[:, None]
    gains = best_gains(points, angles, norm, columns, seen.errors, seen.curvature, seen.slope, RIDGE)
    tiles: FloatArray = gains.reshape(size, size).astype(np.float32)
    return tiles


def _centres(low: float, high: float, size: int) -> FloatArray:
    return low + (np.arange(size) + 0.5) * ((high - low) / size)
