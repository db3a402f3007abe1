"""Compiled: the exact decision boundary of a finished subdivision.

In each cell the logits are affine, so the border between two classes is a straight piece of the line on which their
logits are equal, cut to where no third class is above. What happens at an edge is computed from the edge alone, in one
orientation, so the pieces in the two cells beside it meet in the same floating-point point.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# (numba infers the types of compiled functions from their first call)

import numpy as np

from foldscape.kernel import part

ORIGIN, NEXT, TWIN, LABEL = 0, 1, 2, 3
BOX, OUTSIDE = -1, -2


@part(error_model="numpy")
def _sign(value, tolerance):
    if value > tolerance:
        return 1
    if value < -tolerance:
        return -1
    return 0


@part(error_model="numpy")
def _on_edge(i, j, a, b, xy, logits, point, there):
    """Point of edge (i, j) at which logits a and b are equal, and all logits there."""
    if i > j:
        i, j = j, i
    fi = logits[i, a] - logits[i, b]
    fj = logits[j, a] - logits[j, b]
    t = fi / (fi - fj)
    point[0] = (1.0 - t) * xy[i, 0] + t * xy[j, 0]
    point[1] = (1.0 - t) * xy[i, 1] + t * xy[j, 1]
    for k in range(logits.shape[1]):
        there[k] = (1.0 - t) * logits[i, k] + t * logits[j, k]


@part(error_model="numpy")
def _never_above(half, h, a, b, logits, limit):
    """Whether class b, in the cell of half-edge h, is nowhere strictly above class a."""
    g = h
    while True:
        v = half[g, ORIGIN]
        if logits[v, a] - logits[v, b] < -limit:
            return False
        g = half[g, NEXT]
        if g == h:
            return True


@part(error_model="numpy")
def _grown(array, rows):
    if array.shape[0] >= rows:
        return array
    more = np.empty((2 * rows, array.shape[1]), array.dtype)
    for i in range(array.shape[0]):
        for j in range(array.shape[1]):
            more[i, j] = array[i, j]
    return more


@part(error_model="numpy")
def trace_boundary(xy, half, offsets, loops, corners, logits, tolerance):
    """Find every piece of the boundary between two winning classes.

    Args:
        xy: Vertices, (V, 2).
        half: Half-edges, (H, 4), as told in `_cut`.
        offsets: Cells, (C + 1,), from `trace_cells`.
        loops: Half-edges of the cells.
        corners: The vertices they leave.
        logits: Logits at the vertices, (V, K), K at least 2.
        tolerance: Rounding of each logit, (K,).

    Returns:
        (pieces, pairs, bends, labels, repeated): end points, (S, 4) as x0 y0 x1 y1; the two classes, the lower first,
        (S, 2); points where the boundary crosses an edge, (F, 2), and the label of that edge, (F,). Where the boundary
        runs through a vertex there is one row for each half-edge that leaves it, and `repeated` asks the caller to keep
        one for each label.
    """
    K = logits.shape[1]
    pieces = np.empty((64, 4))
    pairs = np.empty((64, 2), np.int32)
    bends = np.empty((64, 2))
    labels = np.empty((64, 1), np.int32)
    n_pieces, n_bends = 0, 0
    through = np.zeros(1, np.bool_)
    any_through = False
    candidates = np.empty(K, np.int64)
    point = np.empty((2, 2))
    there = np.empty((2, K))
    crossed = np.empty(2, np.int64)  # the half-edge crossed, or -1 - vertex
    for c in range(offsets.shape[0] - 1):
        lo, hi = offsets[c], offsets[c + 1]
        n_candidates = 0
        if K == 2:
            limit = tolerance[0] + tolerance[1]
            low, high = False, False
            for k in range(lo, hi):
                f = logits[corners[k], 0] - logits[corners[k], 1]
                low = low or f <= limit
                high = high or f >= -limit
            if low and high:
                candidates[0], candidates[1] = 0, 1
                n_candidates = 2
        else:
            winner = 0
            for k in range(1, K):
                if logits[corners[lo], k] > logits[corners[lo], winner]:
                    winner = k
            # A class that another one beats at every corner wins nowhere in the cell.
            for a in range(K):
                beaten = False
                for shift in range(K):
                    b = (winner + shift) % K
                    if b == a:
                        continue
                    beaten = True
                    for k in range(lo, hi):
                        if logits[corners[k], b] - logits[corners[k], a] <= tolerance[a] + tolerance[b]:
                            beaten = False
                            break
                    if beaten:
                        break
                if not beaten:
                    candidates[n_candidates] = a
                    n_candidates += 1
        for ia in range(n_candidates):
            for ib in range(ia + 1, n_candidates):
                a, b = candidates[ia], candidates[ib]
                limit = tolerance[a] + tolerance[b]
                ends = 0
                low, high = False, False
                for k in range(lo, hi):
                    s = _sign(logits[corners[k], a] - logits[corners[k], b], limit)
                    low = low or s < 0
                    high = high or s > 0
                if not low:
                    continue
                for k in range(lo, hi):
                    i = corners[k]
                    j = corners[k + 1 if k + 1 < hi else lo]
                    si = _sign(logits[i, a] - logits[i, b], limit)
                    sj = _sign(logits[j, a] - logits[j, b], limit)
                    if high and ends < 2:
                        if si * sj < 0:
                            _on_edge(i, j, a, b, xy, logits, point[ends], there[ends])
                            crossed[ends] = loops[k]
                            ends += 1
                        elif si == 0:
                            point[ends, 0], point[ends, 1] = xy[i, 0], xy[i, 1]
                            for m in range(K):
                                there[ends, m] = logits[i, m]
                            crossed[ends] = -1 - i
                            ends += 1
                    elif not high and si == 0 and sj == 0:
                        twin = half[loops[k], TWIN]
                        if half[twin, LABEL] != OUTSIDE and _never_above(half, twin, a, b, logits, limit):
                            point[0, 0], point[0, 1] = xy[i, 0], xy[i, 1]
                            point[1, 0], point[1, 1] = xy[j, 0], xy[j, 1]
                            for m in range(K):
                                there[0, m], there[1, m] = logits[i, m], logits[j, m]
                            crossed[0], crossed[1] = -1 - i, -1 - j
                            ends = 2
                if ends < 2:
                    continue
                # Keep the stretch [t0, t1] on which no other class is above the two.
                t0, t1 = 0.0, 1.0
                for ik in range(n_candidates):
                    k = candidates[ik]
                    if k in (a, b):
                        continue
                    g0 = there[0, a] - there[0, k]
                    g1 = there[1, a] - there[1, k]
                    limit = tolerance[a] + tolerance[k]
                    if g0 < -limit and g1 <= 0.0:
                        t1 = -1.0
                    elif g0 < -limit:
                        t0 = max(t0, g0 / (g0 - g1))
                    elif g1 < -limit and g0 <= 0.0:
                        t1 = -1.0
                    elif g1 < -limit:
                        t1 = min(t1, g0 / (g0 - g1))
                if t1 <= t0:
                    continue
                pieces = _grown(pieces, n_pieces + 1)
                pairs = _grown(pairs, n_pieces + 1)
                for d in range(2):
                    p, q = point[0, d], point[1, d]
                    pieces[n_pieces, d] = p if t0 == 0.0 else (1.0 - t0) * p + t0 * q
                    pieces[n_pieces, 2 + d] = q if t1 == 1.0 else (1.0 - t1) * p + t1 * q
                pairs[n_pieces, 0] = a
                pairs[n_pieces, 1] = b
                n_pieces += 1
                for e in range(2):
                    if (e == 0 and t0 > 0.0) or (e == 1 and t1 < 1.0):
                        continue
                    if crossed[e] < 0:
                        if not any_through:
                            any_through = True
                            through = np.zeros(xy.shape[0], np.bool_)
                        through[-1 - crossed[e]] = True
                    elif crossed[e] < half[crossed[e], TWIN] and half[crossed[e], LABEL] not in (BOX, OUTSIDE):
                        bends = _grown(bends, n_bends + 1)
                        labels = _grown(labels, n_bends + 1)
                        bends[n_bends, 0], bends[n_bends, 1] = point[e, 0], point[e, 1]
                        labels[n_bends, 0] = half[crossed[e], LABEL]
                        n_bends += 1
    if any_through:
        for h in range(half.shape[0]):
            v = half[h, ORIGIN]
            if through[v] and half[h, LABEL] not in (BOX, OUTSIDE):
                bends = _grown(bends, n_bends + 1)
                labels = _grown(labels, n_bends + 1)
                bends[n_bends, 0], bends[n_bends, 1] = xy[v, 0], xy[v, 1]
                labels[n_bends, 0] = half[h, LABEL]
                n_bends += 1
    return pieces[:n_pieces], pairs[:n_pieces], bends[:n_bends], labels[:n_bends, 0], any_through
