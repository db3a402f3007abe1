"""The exact geometry of a net that is read as layers, plain or wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foldscape.geometry.partition import Partition, partition

if TYPE_CHECKING:
    from foldscape.net.mlp import Weights


def pieces(net: Weights, box: tuple[float, float, float, float]) -> Partition:
    """Cut a box of the plane into the cells on which a net is affine; see ``partition``.

    Args:
        net: The net, piecewise linear; batch normalisation counts as folded in.
        box: (xmin, xmax, ymin, ymax), in data units.

    Returns:
        Cells, folds, boundary and fold points.
    """
    exact = net.folded()
    weights, biases = ([part.astype(np.float64) for part in parts] for parts in (exact.weights, exact.biases))
    return partition(weights, biases, box, negative_slope=exact.inactive_slope)
