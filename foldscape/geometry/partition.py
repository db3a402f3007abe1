"""The exact partition of a box of the plane by a ReLU net: cells, folds, decision boundary, fold points."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.geometry._boundary import trace_boundary
from foldscape.geometry._cut import BOX, LABEL, ORIGIN, OUTSIDE, TWIN, cut_layer
from foldscape.geometry._lift import lift
from foldscape.geometry._overlap import SEVERAL, find_overlaps, stack_labels, units_of
from foldscape.geometry._trace import trace_cells
from foldscape.geometry.box import Box, as_box
from foldscape.geometry.cells import Cells
from foldscape.geometry.errors import GeometryError
from foldscape.geometry.network import Floats, Network, as_network
from foldscape.geometry.segments import Boundary, FoldPoints, Folds

Integers = NDArray[np.int32]

ROUNDINGS = 32 * 2.0**-52  # a value this small beside the largest sum it could be is zero
SHORTEST = 1e-13  # share of the box below which an edge is made of rounding
SMALLEST_AREA = 1e-15  # share of the box below which a cell is made of rounding
# Four half-edges inside the box, counter-clockwise, then their twins outside.
BOX_HALF_EDGES = np.array(
    [[k, (k + 1) % 4, 4 + k, BOX] for k in range(4)] + [[(k + 1) % 4, 4 + (k - 1) % 4, k, OUTSIDE] for k in range(4)],
    dtype=np.int32,
)


@dataclass(frozen=True, eq=False)
class Partition:
    """A box of the plane as the net folds it.

    Attributes:
        box: (xmin, xmax, ymin, ymax), in data units.
        cells: Convex cells on which the logits are affine.
        folds: Where units switch.
        boundary: Where the winning class changes.
        fold_points: Where the boundary crosses folds.
    """

    box: Box
    cells: Cells
    folds: Folds
    boundary: Boundary
    fold_points: FoldPoints


def partition(
    weights: Sequence[ArrayLike], biases: Sequence[ArrayLike], box: ArrayLike, *, negative_slope: float = 0.0
) -> Partition:
    """Cut a box of the plane into the cells on which a ReLU net is affine, exactly and without a grid.

    Layer by layer, every cell is cut along the zero lines of the layer's pre-activations, which are affine in it. All
    numbers are float64; a fold that passes a vertex within rounding runs through the vertex.

    Args:
        weights: One (out, in) matrix for each hidden layer, then the output layer; the first takes 2 inputs.
        biases: One (out,) vector for each of them.
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
    xmin, xmax, ymin, ymax = box
    xy = np.array([[xmin, ymin], [xmax, ymin], [xmax, ymax], [xmin, ymax]])
    half = BOX_HALF_EDGES
    Z = xy @ net.weights[0].T + net.biases[0]
    tolerance = ROUNDINGS * (np.abs(net.weights[0]) @ np.abs(xy).max(axis=0) + np.abs(net.biases[0]))
    table: list[tuple[int, int]] = []  # edges with several folds, as told in `_overlap`
    ends: list[Floats] = []
    layers: list[int] = []
    units: list[Integers] = []
    base = 0
    for layer, (W, b) in enumerate(zip(net.weights[1:], net.biases[1:], strict=True)):
        xy, half, chords, joints, places, sides = cut_layer(xy, half, Z, tolerance, base)
        Z, tolerance = lift(Z, joints, places, chords, W, np.ascontiguousarray(W.T), b, net.slope, ROUNDINGS)
        ends.append(xy[chords[:, :2]])
        units.append(chords[:, 2])
        if len(sides):
            edges, along = find_overlaps(xy, half, sides, base, SHORTEST * (xmax - xmin + ymax - ymin))
            uncut = half[edges, LABEL] < base  # else the chords of this layer tell of it
            ends.append(np.stack([xy[half[edges, ORIGIN]], xy[half[half[edges, TWIN], ORIGIN]]], axis=1)[uncut])
            units.append(along[uncut])
            stack_labels(half, edges, along, base, table)
        layers += [layer] * (len(units) - len(layers))
        base += net.widths[layer]
    if not math.isfinite(tolerance.sum()):
        raise GeometryError(
            f"The logits may reach {tolerance.max() / ROUNDINGS:.0e} in the box {box}: they must stay within float64. "
            "Scale the weights down; scaling a whole layer moves no fold."
        )
    offsets, loops, corners, areas, centroids = trace_cells(xy, half, SMALLEST_AREA * (xmax - xmin) * (ymax - ymin))
    if net.classes == 1:  # one output against zero is two classes
        Z = np.concatenate([np.zeros_like(Z), Z], axis=1)
        tolerance = np.concatenate([np.zeros(1), tolerance])
    pieces, pair, bends, labels, repeated = trace_boundary(xy, half, offsets, loops, corners, Z, tolerance)
    return Partition(
        box=box,
        cells=Cells(xy, offsets, corners, areas, centroids, net),
        folds=_folds(ends, layers, units),
        boundary=Boundary(pieces.reshape(-1, 2, 2), pair),
        fold_points=_fold_points(net, bends, labels, repeated, table),
    )


def _folds(ends: list[Floats], layers: list[int], units: list[Integers]) -> Folds:
    if not ends:
        return Folds(np.empty((0, 2, 2)), np.empty(0, np.int32), np.empty(0, np.int32))
    layer = [np.full(len(u), k, np.int32) for k, u in zip(layers, units, strict=True)]
    return Folds(np.concatenate(ends), np.concatenate(layer), np.concatenate(units))


def _fold_points(
    net: Network, xy: Floats, labels: Integers, repeated: bool, table: list[tuple[int, int]]
) -> FoldPoints:
    if table and len(labels) and labels.min() <= SEVERAL:
        units = [units_of(label, table) for label in labels.tolist()]
        xy = np.repeat(xy, [len(u) for u in units], axis=0)
        labels = np.array([u for several in units for u in several], dtype=np.int32)
    if repeated and len(labels):
        once = np.unique(np.column_stack([xy, labels]), axis=0)
        xy, labels = once[:, :2], once[:, 2].astype(np.int32)
    ends = np.array([*itertools.accumulate(net.widths)], dtype=np.int32)
    layer = ends.searchsorted(labels, side="right").astype(np.int32)
    return FoldPoints(xy, layer, labels - np.array([0, *ends], dtype=np.int32)[layer])
