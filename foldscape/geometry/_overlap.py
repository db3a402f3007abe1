"""Compiled: folds that run along edges which are already there.

Twin units, a fold on top of an earlier layer's fold, a layer that is exactly zero in a cell: then no cell is cut, and
yet the unit switches on across that edge. Such edges exist only where a vertex lies on a fold within rounding, so nets
without coincidences never come here. An edge with several folds has a label at or below SEVERAL, which points into a
linked list: entry SEVERAL - label holds one unit and the label that the edge had before.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# (numba infers the types of compiled functions from their first call)

import numpy as np
from numba import njit
from numpy.typing import NDArray

from foldscape.kernel import kernel

ORIGIN, NEXT, TWIN, LABEL = 0, 1, 2, 3
OUTSIDE = -2
SEVERAL = -3


@njit(error_model="numpy")
def _switched_on(half, h, unit, sides):
    """Whether the unit is active in the cell of half-edge h."""
    g = h
    while True:
        if sides[half[g, ORIGIN], unit] > 0:
            return True
        g = half[g, NEXT]
        if g == h:
            return False


@kernel(error_model="numpy")
def find_overlaps(xy, half, sides, base, shortest):
    """Edges along which a unit switches without having cut a cell there.

    Args:
        xy: Vertices, (V, 2).
        half: Half-edges, (H, 4).
        sides: Side of each unit at each vertex, (V, units) int8.
        base: Label of the first of these units.
        shortest: Edges up to this length are two vertices in one place.

    Returns:
        (edges, units), (N,) each: the half-edge with the active side on its left, and the unit.
    """
    edges = np.empty(16, np.int32)
    units = np.empty(16, np.int32)
    found = 0
    for h in range(half.shape[0]):
        twin = half[h, TWIN]
        if h > twin or half[h, LABEL] == OUTSIDE or half[twin, LABEL] == OUTSIDE:
            continue
        i, j = half[h, ORIGIN], half[twin, ORIGIN]
        if abs(xy[i, 0] - xy[j, 0]) + abs(xy[i, 1] - xy[j, 1]) <= shortest:
            continue
        for unit in range(sides.shape[1]):
            if sides[i, unit] != 0 or sides[j, unit] != 0 or half[h, LABEL] == base + unit:
                continue
            left = _switched_on(half, h, unit, sides)
            if left == _switched_on(half, twin, unit, sides):
                continue
            if found == edges.shape[0]:
                edges = np.concatenate((edges, np.empty_like(edges)))
                units = np.concatenate((units, np.empty_like(units)))
            edges[found] = h if left else twin
            units[found] = unit
            found += 1
    return edges[:found], units[:found]


def stack_labels(
    half: NDArray[np.int32], edges: NDArray[np.int32], units: NDArray[np.int32], base: int, table: list[tuple[int, int]]
) -> None:
    """Add one more unit to the label of each edge, in place."""
    for h, unit in zip(edges.tolist(), units.tolist(), strict=True):
        table.append((base + unit, int(half[h, LABEL])))
        half[h, LABEL] = half[half[h, TWIN], LABEL] = SEVERAL - (len(table) - 1)


def units_of(label: int, table: list[tuple[int, int]]) -> list[int]:
    """All units told by one label."""
    units = []
    while label <= SEVERAL:
        unit, label = table[SEVERAL - label]
        units.append(unit)
    if label >= 0:
        units.append(label)
    return units
