"""Compiled: folds that run along edges which are already there.

Twin units, a fold on top of an earlier layer's fold, a layer that is exactly zero in a cell: then no cell is cut, and
yet the unit switches on across that edge. Such edges exist only where a vertex lies on a fold within rounding, so nets
without coincidences never come here. An edge with several folds has a label at or below SEVERAL, which points into a
linked list: entry SEVERAL - label holds one unit and the label that the edge had before.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# (numba infers the types of compiled functions from their first call)

import numpy as np

from foldscape.kernel import part

ORIGIN, NEXT, TWIN, LABEL = 0, 1, 2, 3
OUTSIDE = -2
SEVERAL = -3


@part(error_model="numpy")
def _switched_on(half, h, unit, sides):
    """Whether the unit is active in the cell of half-edge h."""
    g = h
    while True:
        if sides[half[g, ORIGIN], unit] > 0:
            return True
        g = half[g, NEXT]
        if g == h:
            return False


@part(error_model="numpy")
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


@part(error_model="numpy")
def stack_labels(half, edges, units, base, table):
    """Add one more unit to the label of each edge, in place; the longer table, (entries, 2), comes back."""
    known = table.shape[0]
    longer = np.empty((known + edges.shape[0], 2), np.int32)
    for entry in range(known):
        longer[entry, 0], longer[entry, 1] = table[entry, 0], table[entry, 1]
    for k in range(edges.shape[0]):
        h, entry = edges[k], known + k
        longer[entry, 0], longer[entry, 1] = base + units[k], half[h, LABEL]
        half[h, LABEL] = half[half[h, TWIN], LABEL] = SEVERAL - entry
    return longer


@part(error_model="numpy")
def units_of(label, table):
    """All units told by one label."""
    units = np.empty(table.shape[0] + 1, np.int64)
    n = 0
    while label <= SEVERAL:
        entry = SEVERAL - label
        units[n], label = table[entry, 0], table[entry, 1]
        n += 1
    if label >= 0:
        units[n] = label
        n += 1
    return units[:n]
