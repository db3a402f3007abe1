"""Where a fold should go: the point of the decision boundary nearest to a mistake (docs/growth.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.geometry import partition
from foldscape.geometry.box import Box
from foldscape.growth.folds.cell import Polyhedron, cell_at
from foldscape.growth.folds.descent import nearest_by_rays
from foldscape.net.mlp import Weights
from foldscape.net.passes import shape_of

FoldPointMethod = Literal["effective", "author"]
FLAT = 1e-8  # norm of a normal below which two logits differ by a constant


@dataclass(frozen=True, eq=False)
class FoldPoint:
    """The point through which a fold should go, and what it was found from.

    Attributes:
        point: (d,) the fold point.
        method: How it was found: ``effective``, ``author``, or ``midpoint`` where there is no boundary.
        rival: The class on the other side of the boundary there.
        author: (d,) foot of the mistake on the line continued from its own cell, or ``None`` if that map has no line.
        on_segment: Whether that foot lies in the cell, hence on the boundary itself.
        segment: (2, 2) in the plane, the ends of that line within the box; else ``None``.
    """

    point: FloatArray
    method: str
    rival: int
    author: FloatArray | None
    on_segment: bool
    segment: FloatArray | None


def fold_point(
    net: Weights, x: FloatArray, y: np.ndarray, logits: FloatArray, index: int, method: FoldPointMethod = "effective",
    box: Box | None = None,
) -> FoldPoint:  # fmt: skip
    """Find the fold point of a mis-predicted example.

    Within the example's cell the net is affine, and the true class and its strongest rival are level on a line
    n·x + c = 0. ``author`` takes the foot of the perpendicular on that line, which need not lie in the cell, so need
    not lie on the boundary. ``effective`` takes the nearest point of the boundary that the whole net draws: in the
    plane over all its pieces, else by a local search from many sides. Of several classes, all logits being equal is a
    condition that is hardly ever met; here two are equal and no other is above. Where the net draws no boundary, as a
    net that answers the same everywhere, the middle of the way to the nearest example that is rightly of another
    class is taken.

    Args:
        net: A ReLU or leaky ReLU network, float64.
        x: (N, d) training inputs, float64.
        y: (N,) classes.
        logits: (N, K) of the net.
        index: Number of the example.
        method: Which point to take.
        box: (xmin, xmax, ymin, ymax), the part of the plane that is cut; for plane data only.

    Returns:
        The point, the method that gave it and the rival class.
    """
    target, own = x[index], int(y[index])
    rival = _strongest_rival(logits[index], own)
    cell = cell_at(net, target)
    normal, offset = cell.line(rival, own)
    author = _foot(target, normal, offset)
    on_segment = author is not None and cell.holds(author)
    segment = None if box is None or author is None else clip_line(author, normal, box)
    found: tuple[FloatArray, int] | None
    if method == "author":
        found = None if author is None else (author, rival)
    elif box is not None:
        found = _nearest_in_plane(net, target, own, rival, box)
    else:
        found = _nearest_in_space(net, x, y, logits, index, rival, cell)
    if found is None:
        return FoldPoint(_midpoint(x, y, logits, index), "midpoint", rival, author, on_segment, segment)
    return FoldPoint(found[0], method, found[1], author, on_segment, segment)


def clip_line(point: FloatArray, normal: FloatArray, box: Box) -> FloatArray | None:
    """Cut a line of the plane to a box.

    Args:
        point: (2,) on the line.
        normal: (2,), not zero.
        box: (xmin, xmax, ymin, ymax).

    Returns:
        (2, 2) its two ends, the normal to the left of the way; ``None`` where the line misses the box.
    """
    along = np.array([normal[1], -normal[0]]) / np.hypot(normal[0], normal[1])
    low, high = -np.inf, np.inf
    for axis in range(2):
        sides = np.array(box[2 * axis : 2 * axis + 2]) - point[axis]
        if abs(along[axis]) > 1e-15:
            reached = np.sort(sides / along[axis])
            low, high = max(low, reached[0]), min(high, reached[1])
        elif not sides[0] <= 0 <= sides[1]:
            return None
    return None if low >= high else point + np.outer([low, high], along)


def nearest_on_segments(point: FloatArray, segments: FloatArray) -> FloatArray:
    """Give the point of segments (S, 2, 2), at least one, that is nearest to a point (2,)."""
    start, along = segments[:, 0], segments[:, 1] - segments[:, 0]
    squared = np.maximum(np.square(along).sum(axis=1), 1e-300)
    share = np.clip(((point - start) * along).sum(axis=1) / squared, 0, 1)
    feet = start + share[:, None] * along
    nearest: FloatArray = feet[np.square(feet - point).sum(axis=1).argmin()]
    return nearest


def _strongest_rival(logits: FloatArray, own: int) -> int:
    others = logits.copy()
    others[own] = -np.inf
    return int(others.argmax())


def _foot(target: FloatArray, normal: FloatArray, offset: float) -> FloatArray | None:
    squared = float(normal @ normal)
    return None if squared < FLAT**2 else target - (normal @ target + offset) / squared * normal


def _nearest_in_plane(
    net: Weights, target: FloatArray, own: int, rival: int, box: Box
) -> tuple[FloatArray, int] | None:
    """Take the nearest point of the boundary with the rival; where there is none, with any class."""
    boundary = partition(net.weights, net.biases, box, negative_slope=shape_of(net)[2]).boundary
    beside = (boundary.pair == own).any(axis=1)
    with_rival = beside & (boundary.pair == rival).any(axis=1)
    pieces = with_rival if with_rival.any() else beside
    if not pieces.any():
        return None
    point = nearest_on_segments(target, boundary.points[pieces])
    values = net.logits(point[None])[0]
    return point, rival if with_rival.any() else _strongest_rival(values, own)


def _nearest_in_space(
    net: Weights, x: FloatArray, y: np.ndarray, logits: FloatArray, index: int, rival: int, cell: Polyhedron
) -> tuple[FloatArray, int] | None:
    own = int(y[index])
    right = np.flatnonzero((logits.argmax(axis=1) == y) & (y == own))
    near = right[np.argsort(np.square(x[right] - x[index]).sum(axis=1), kind="stable")]
    return nearest_by_rays(net, x[index], own, rival, cell, x[near])


def _midpoint(x: FloatArray, y: np.ndarray, logits: FloatArray, index: int) -> FloatArray:
    other = np.flatnonzero((logits.argmax(axis=1) == y) & (y != y[index]))
    if not len(other):
        other = np.flatnonzero(y != y[index])
    if not len(other):
        other = np.array([index])
    nearest = other[np.square(x[other] - x[index]).sum(axis=1).argmin()]
    middle: FloatArray = (x[index] + x[nearest]) / 2
    return middle
