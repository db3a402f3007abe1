"""The nearest boundary point in many dimensions: exact within a cell, by descent between cells (docs/growth.md)."""

from __future__ import annotations

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.geometry import GeometryError
from foldscape.geometry.closest import closest_point
from foldscape.geometry.rays import RayCrossings, breakpoints
from foldscape.growth.folds.cell import Polyhedron, cell_at, polyhedron_of
from foldscape.net.mlp import Weights
from foldscape.net.passes import shape_of

RAYS = 20
ROUNDS = 20


def nearest_by_rays(
    net: Weights, target: FloatArray, own: int, rival: int, cell: Polyhedron, right: FloatArray
) -> tuple[FloatArray, int] | None:
    """Find a point near the target at which its class is level with a rival and no other class is above.

    If the target's own cell holds such a point, the nearest there is where the search starts. Else rays go to the
    nearest examples that are rightly of the class, and it starts at the closest crossing. It goes on exactly within
    each cell, and over the facets on which the best point lies as long as the distance falls. The result lies on the
    boundary; no nearer point is in the cells around it.

    Args:
        net: A piecewise-linear network, float64.
        target: (d,) a mis-predicted point.
        own: Its class.
        rival: The class that is strongest against it.
        cell: The cell of the target.
        right: (n, d) examples that are rightly of the class, the nearest first.

    Returns:
        The point and the class on its other side, or ``None`` if no ray meets the boundary.
    """
    inside = nearest_in_cell(cell, target, own, rival)
    if inside is not None:
        return _descend(net, target, own, rival, inside, cell), rival
    crossings = [found for end in right[:RAYS] if (found := first_crossing(net, target, end, own)) is not None]
    crossings = [found for found in crossings if found[1] == rival] or crossings
    if not crossings:
        return None
    point, against = min(crossings, key=lambda found: _distance(found[0], target))
    cell = cell_at(net, point)
    reached = nearest_in_cell(cell, target, own, against)
    start = point if reached is None else reached
    return _descend(net, target, own, against, start, cell), against


def nearest_in_cell(cell: Polyhedron, target: FloatArray, own: int, rival: int) -> FloatArray | None:
    """Solve the least distance problem in one cell; ``None`` where the boundary of the two classes misses it."""
    normal, offset = cell.line(own, rival)
    others = [k for k in range(len(cell.offset)) if k not in (own, rival)]
    rows = np.concatenate([cell.rows, cell.affine[own] - cell.affine[others]])
    limits = np.concatenate([cell.limits, cell.offset[others] - cell.offset[own]])
    try:
        return closest_point(target, normal, offset, rows, limits)
    except GeometryError:  # the two logits are parallel here
        return None


def first_crossing(net: Weights, start: FloatArray, end: FloatArray, own: int) -> tuple[FloatArray, int] | None:
    """Follow the straight way to another point until a class wins; give that point and the class it wins against."""
    slope = shape_of(net)[2]
    met = first_win(breakpoints(net.weights, net.biases, start, end - start, negative_slope=slope), own)
    return None if met is None else (start + met[0] * (end - start), met[1])


def first_win(crossings: RayCrossings, own: int) -> tuple[float, int] | None:
    """Give the first place on a ray at which no logit is above that of a class, and the last one it caught up with."""
    margins = crossings.logits[:, [own]] - crossings.logits
    a, b = margins[:-1], margins[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = a / (a - b)
    begins = np.where(a >= 0, 0.0, np.where(b >= 0, share, np.inf))
    ends = np.where(b >= 0, 1.0, np.where(a >= 0, share, -np.inf))
    begins[:, own], ends[:, own] = 0.0, 1.0
    first, last = begins.max(axis=1), ends.min(axis=1)
    pieces = np.flatnonzero(first <= last)
    if not len(pieces):
        return None
    piece = int(pieces[0])
    others = begins[piece].copy()
    others[own] = -np.inf
    level = np.where(others == others.max(), -margins[piece], -np.inf)
    level[own] = -np.inf
    knots = crossings.knots
    return float(knots[piece] + first[piece] * (knots[piece + 1] - knots[piece])), int(level.argmax())


def _descend(net: Weights, target: FloatArray, own: int, rival: int, best: FloatArray, cell: Polyhedron) -> FloatArray:
    for _ in range(ROUNDS):
        steps = [(there, cell_) for cell_, there in _around(net, cell, best, target, own, rival)]
        if not steps:
            return best
        there, beyond = min(steps, key=lambda step: _distance(step[0], target))
        if _distance(there, target) >= _distance(best, target) * (1 - 1e-12):
            return best
        best, cell = there, beyond
    return best


def _around(
    net: Weights, cell: Polyhedron, point: FloatArray, target: FloatArray, own: int, rival: int
) -> list[tuple[Polyhedron, FloatArray]]:
    """Solve the problem in every cell that shares with this one a facet on which the point lies."""
    found = []
    for unit in cell.facets_at(point):
        pattern = cell.pattern.copy()
        pattern[unit] = not pattern[unit]
        beyond = polyhedron_of(net, pattern)
        there = nearest_in_cell(beyond, target, own, rival)
        if there is not None:
            found.append((beyond, there))
    return found


def _distance(a: FloatArray, b: FloatArray) -> float:
    return float(np.linalg.norm(a - b))
