"""The exact partition of a box of the plane by a ReLU net: cells, folds, decision boundary, fold points."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Float64Array, Int32Array
from foldscape.geometry._plane import SMALLEST_AREA, Subdivision, fold_plane
from foldscape.geometry.box import Box, as_box
from foldscape.geometry.cells import Cells
from foldscape.geometry.errors import GeometryError
from foldscape.geometry.network import Network, as_network
from foldscape.geometry.segments import Boundary, FoldPoints, Folds


@dataclass(frozen=True, eq=False)
class Partition:
    """A box of the plane as the net folds it.

    Attributes:
        box: (xmin, xmax, ymin, ymax), in data units.
        cells: Convex cells on which the logits are affine.
        folds: Where units switch.
        boundary: Where the winning class changes.
        fold_points: Where the boundary crosses folds.
        made: The subdivision that the others are read off, for `with_fold`.
    """

    box: Box
    cells: Cells
    folds: Folds
    boundary: Boundary
    fold_points: FoldPoints
    made: Subdivision = field(repr=False)


def partition(
    weights: Sequence[ArrayLike], biases: Sequence[ArrayLike | None], box: ArrayLike, *, negative_slope: float = 0.0
) -> Partition:
    """Cut a box of the plane into the cells on which a ReLU net is affine, exactly and without a grid.

    Layer by layer, every cell is cut along the zero lines of the layer's pre-activations, which are affine in it. All
    numbers are float64; a fold that passes a vertex within rounding runs through the vertex.

    Args:
        weights: One (out, in) matrix for each hidden layer, then the output layer; the first takes 2 inputs. A layer
            may also be wide: its columns are then the inputs and the units of all layers before it, in this order, with
            zeros where nothing leads. So any net without a cycle can be told, its units grouped by depth.
        biases: One (out,) vector for each of them, or None for a layer without.
        box: (xmin, xmax, ymin, ymax), in data units.
        negative_slope: Slope of the activation below zero; 0 is ReLU.

    Returns:
        Cells, folds, boundary and fold points. With one output the boundary is where it is 0.

    Raises:
        GeometryError: If the net does not take the plane, is malformed or not finite, or the box is empty.

    Example:
        >>> found = partition([[[1.0, 0.0]], [[1.0]]], [[0.0], [-0.5]], (-1, 1, -1, 1))
        >>> found.cells.areas.tolist(), found.boundary.points[0, :, 0].tolist()
        ([2.0, 2.0], [0.5, 0.5])
    """
    net = as_network(weights, biases, negative_slope)
    if net.weights[0].shape[1] != 2:
        raise GeometryError(
            f"The first layer takes {net.weights[0].shape[1]} inputs: only nets on the plane have a partition to draw. "
            "Cut a plane through the data (two directions, then W @ directions), or use rays.breakpoints."
        )
    return _partition(net, as_box(box))


def _partition(net: Network, box: Box) -> Partition:
    *told, largest = fold_plane(net.theta, net.sizes, box, net.slope, net.wide)
    if not math.isfinite(largest):
        raise GeometryError(
            f"The logits may reach {largest:.0e} in the box {box}: they must stay within float64. "
            "Scale the weights down; scaling a whole layer moves no fold."
        )
    return partition_of_arrays(net, box, *told)


def partition_of_arrays(
    net: Network, box: Box, made: Any, cells: Any, folds: Any, boundary: Any, fold_points: Any, repeated: bool
) -> Partition:
    """Give the arrays that a kernel tells their names."""
    subdivision = Subdivision(*made)
    offsets, indices, areas, centroids = cells
    return Partition(
        box=box,
        cells=Cells(
            subdivision.xy,
            offsets,
            indices,
            areas,
            centroids,
            net,
            subdivision.half if subdivision.plain else None,
            SMALLEST_AREA * (box[1] - box[0]) * (box[3] - box[2]),
        ),
        folds=Folds(*folds),
        boundary=Boundary(*boundary),
        fold_points=_once(*fold_points) if repeated else FoldPoints(*fold_points),
        made=subdivision,
    )


def _once(xy: Float64Array, layer: Int32Array, unit: Int32Array) -> FoldPoints:
    """Keep one row for each fold at each point."""
    _, first = np.unique(np.column_stack([xy, layer, unit]), axis=0, return_index=True)
    return FoldPoints(xy[first], layer[first], unit[first])
