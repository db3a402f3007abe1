"""Compiled: read polygons, areas and centroids off a finished half-edge table."""

# mypy: allow-untyped-defs, allow-untyped-calls
# (numba infers the types of compiled functions from their first call)

import numpy as np

from foldscape.kernel import part

ORIGIN, NEXT, LABEL = 0, 1, 3
OUTSIDE = -2


@part(error_model="numpy")
def trace_cells(xy, half, smallest):
    """Walk once around every cell.

    Args:
        xy: Vertices, (V, 2).
        half: Half-edges, (H, 4), as told in `_cut`.
        smallest: Cells of at most this area are rounding, not geometry, and are left out.

    Returns:
        (offsets, loops, corners, areas, centroids): cell c is the half-edges `loops[offsets[c]:offsets[c + 1]]`, which
        leave the vertices `corners[...]`, counter-clockwise; (C + 1,), (L,), (L,), (C,), (C, 2).
    """
    n_half = half.shape[0]
    most = n_half // 3 + 2
    visited = np.zeros(n_half, np.bool_)
    offsets = np.empty(most + 1, np.int64)
    loops = np.empty(n_half, np.int32)
    corners = np.empty(n_half, np.int32)
    areas = np.empty(most)
    centroids = np.empty((most, 2))
    cells = 0
    filled = 0
    offsets[0] = 0
    for start in range(n_half):
        if visited[start] or half[start, LABEL] == OUTSIDE:
            continue
        # Relative to its own first corner, so that a tiny cell far from the origin keeps its digits.
        x0, y0 = xy[half[start, ORIGIN], 0], xy[half[start, ORIGIN], 1]
        g = start
        k = filled
        double_area, mx, my = 0.0, 0.0, 0.0
        xp, yp = 0.0, 0.0
        while True:
            visited[g] = True
            v = half[g, ORIGIN]
            loops[k] = g
            corners[k] = v
            x, y = xy[v, 0] - x0, xy[v, 1] - y0
            cross = xp * y - x * yp
            double_area += cross
            mx += cross * (xp + x)
            my += cross * (yp + y)
            xp, yp = x, y
            k += 1
            g = half[g, NEXT]
            if g == start:
                break
        if 0.5 * double_area <= smallest:
            continue
        areas[cells] = 0.5 * double_area
        centroids[cells, 0] = x0 + mx / (3.0 * double_area)
        centroids[cells, 1] = y0 + my / (3.0 * double_area)
        filled = k
        cells += 1
        offsets[cells] = filled
    return offsets[: cells + 1], loops[:filled], corners[:filled], areas[:cells], centroids[:cells]
