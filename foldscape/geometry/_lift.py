"""Compiled: carry a cut subdivision up one layer, to the next layer's pre-activations at every vertex.

Only the old vertices need the matrix product. Along a straight line inside one old cell, the next layer is affine but
for a kink where a unit of this layer switches, and the kink is that unit's outgoing column times the jump of its slope.
So values at new vertices follow from the two ends of their edge or chord, at a cost that does not grow with the width
of this layer. With kinks `J_i w_i` at `s_i` and ends f(0), f(1):

    f(t) = (1 - t) f(0) + t f(1) - sum_i J_i min(s_i, t) (1 - max(s_i, t)) w_i

That holds as well for units which hear earlier layers too: what those give is affine inside an old cell. So where
layers are wide, all later ones are carried up together, each as far as it hears.

The product is written out: it runs in many threads at once, where a threaded BLAS would make them wait for one another.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# (numba infers the types of compiled functions from their first call)

import numpy as np

from foldscape.geometry._cut import CHORD, HEAD, OTHER_CHORD, OTHER_UNIT, TAIL, UNIT, on_rim
from foldscape.kernel import part

ROWS_AT_ONCE = 64  # so that a block of activations stays in the cache
FEW_KINKS = 3  # up to here the formula above is summed as it stands; beyond, by running along the line


@part(fastmath={"contract", "reassoc", "nsz"}, error_model="numpy")
def _product(H, rows, W, WT, out, first, active):
    """out[first : first + rows] += H[:rows] @ W.T."""
    width, m = W.shape
    if width < 8:
        for r in range(rows):
            for j in range(width):
                total = 0.0
                for k in range(m):
                    total += H[r, k] * W[j, k]
                out[first + r, j] += total
        return
    for r in range(0, rows, 2):
        # Two rows and four terms at a time keep the multipliers busy.
        s = r + 1 if r + 1 < rows else r
        x, y = out[first + r], out[first + s]
        n = 0
        for k in range(m):  # neighbours share most of their silent units, which add nothing
            active[n] = k
            n += (H[r, k] != 0.0) | (H[s, k] != 0.0)
        whole = n - n % 4
        if r == s:
            for i in range(n):
                a, w = H[r, active[i]], WT[active[i]]
                for j in range(width):
                    x[j] += a * w[j]
            return
        for i in range(0, whole, 4):
            k0, k1, k2, k3 = active[i], active[i + 1], active[i + 2], active[i + 3]
            a0, a1, a2, a3 = H[r, k0], H[r, k1], H[r, k2], H[r, k3]
            c0, c1, c2, c3 = H[s, k0], H[s, k1], H[s, k2], H[s, k3]
            u0, u1, u2, u3 = WT[k0], WT[k1], WT[k2], WT[k3]
            for j in range(width):
                w0, w1, w2, w3 = u0[j], u1[j], u2[j], u3[j]
                x[j] += a0 * w0 + a1 * w1 + a2 * w2 + a3 * w3
                y[j] += c0 * w0 + c1 * w1 + c2 * w2 + c3 * w3
        for i in range(whole, n):
            a, c, w = H[r, active[i]], H[s, active[i]], WT[active[i]]
            for j in range(width):
                x[j] += a * w[j]
                y[j] += c * w[j]


@part(fastmath={"contract"}, error_model="numpy")
def _along(Zn, a, b, n, at, jump, unit, vertex, WT, value, slope):
    """Values at the vertices on the line from a to b that has n kinks, in order; vertex -1 asks for none."""
    width = Zn.shape[1]
    fa, fb = Zn[a], Zn[b]
    if n <= FEW_KINKS:
        for i in range(n):
            if vertex[i] < 0:
                continue
            t = at[i]
            f = Zn[vertex[i]]
            own = jump[i] * t * (1.0 - t)
            w = WT[unit[i]]
            for j in range(width):
                f[j] = (1.0 - t) * fa[j] + t * fb[j] - own * w[j]
            for k in range(n):
                if k != i:
                    s = at[k]
                    other = jump[k] * min(s, t) * (1.0 - max(s, t))
                    w = WT[unit[k]]
                    for j in range(width):
                        f[j] -= other * w[j]
        return
    for j in range(width):
        slope[j] = fb[j] - fa[j]
        value[j] = fa[j]
    for i in range(n):
        part = jump[i] * (1.0 - at[i])
        w = WT[unit[i]]
        for j in range(width):
            slope[j] -= part * w[j]
    before = 0.0
    for i in range(n):
        step = at[i] - before
        before = at[i]
        w = WT[unit[i]]
        kink = jump[i]
        for j in range(width):
            value[j] += step * slope[j]
            slope[j] += kink * w[j]
        if vertex[i] >= 0:
            f = Zn[vertex[i]]
            for j in range(width):
                f[j] = value[j]


@part(error_model="numpy")
def _rim_row(v, old, Z, joints, places, row):
    """A row of what is affine in old cells, such as this layer's pre-activations, at a vertex of the rim of one."""
    if v < old:
        for i in range(row.shape[0]):
            row[i] = Z[v, i]
        return
    k = v - old
    t = places[k, 0]
    p, q = Z[joints[k, TAIL]], Z[joints[k, HEAD]]
    for i in range(row.shape[0]):
        row[i] = (1.0 - t) * p[i] + t * q[i]


@part(error_model="numpy")
def _begin(out, v, before, row):
    """Set a vertex to a row of what is there before this layer is heard; one row is the same for all vertices."""
    row = row if before.shape[0] > 1 else 0
    for j in range(out.shape[1]):
        out[v, j] = before[row, j]


@part(error_model="numpy")
def _add_kink(k, at, jump, unit, vertex, s, size, u, v):
    """Insert a kink into the line's list, in order."""
    while k > 0 and at[k - 1] > s:
        at[k], jump[k], unit[k], vertex[k] = at[k - 1], jump[k - 1], unit[k - 1], vertex[k - 1]
        k -= 1
    at[k], jump[k], unit[k], vertex[k] = s, size, u, v


@part(error_model="numpy")
def lift(Z, joints, places, chords, W, before, reach, slope, roundings):
    """Pre-activations of the next layer at every vertex; or of all later layers, as far as they hear up to this one.

    Args:
        Z: Pre-activations of this layer at the old vertices, (V, units).
        joints: How the new vertices came about, (N, 6), from `cut_layer`.
        places: Where they lie, (N, 2).
        chords: Straight folds, (S, 4).
        W: Weights of those that hear this layer, (width, units).
        before: What is added to that: their biases, (1, width), or what else they heard so far at each old vertex,
            (V, width), which is affine wherever this layer's pre-activations are.
        reach: Tolerance of what they heard so far, (width,); not read where there are only biases.
        slope: Negative slope of the activation.
        roundings: Tolerance of a value, in units of the largest sum it could be.

    Returns:
        (values, tolerance): (V + N, width), and the size below which rounding may have made a value, (width,).
    """
    old, m = Z.shape
    new = joints.shape[0]
    width = W.shape[0]
    WT = np.ascontiguousarray(W.T)
    Zn = np.empty((old + new, width))
    H = np.empty((ROWS_AT_ONCE, m))
    largest = np.zeros(m)
    active = np.empty(m + 1, np.int64)
    for first in range(0, old, ROWS_AT_ONCE):
        rows = min(ROWS_AT_ONCE, old - first)
        for r in range(rows):
            for i in range(m):
                z = Z[first + r, i]
                h = z if z > 0.0 else slope * z
                H[r, i] = h
                largest[i] = max(largest[i], abs(h))
            _begin(Zn, first + r, before, first + r)
        _product(H, rows, W, WT, Zn, first, active)
    tolerance = np.empty(width)
    for j in range(width):
        total = reach[j] / roundings if before.shape[0] > 1 else abs(before[0, j])
        for i in range(m):
            total += abs(W[j, i]) * largest[i]
        tolerance[j] = roundings * total

    at = np.empty(m)
    jump = np.empty(m)
    unit = np.empty(m, np.int64)
    vertex = np.empty(m, np.int64)
    value = np.empty(width)
    gradient = np.empty(width)

    # New vertices of one old edge follow one another, in order.
    k = 0
    while k < new and joints[k, CHORD] < 0:
        a, b_end = joints[k, TAIL], joints[k, HEAD]
        n = np.int64(0)  # for a literal 0 numba would compile what takes it once more
        while k < new and joints[k, CHORD] < 0 and joints[k, TAIL] == a and joints[k, HEAD] == b_end:
            u = joints[k, UNIT]
            at[n], unit[n], vertex[n] = places[k, 0], u, old + k
            jump[n] = (1.0 - slope) * abs(Z[b_end, u] - Z[a, u])
            n += 1
            k += 1
        _along(Zn, a, b_end, n, at, jump, unit, vertex, WT, value, gradient)

    # Crossings inside cells, gathered by chord. The first of two chords owns the vertex.
    inner = k
    starts = np.zeros(chords.shape[0] + 1, np.int64)
    owned = np.zeros(chords.shape[0], np.bool_)
    for k in range(inner, new):
        starts[joints[k, CHORD] + 1] += 1
        starts[joints[k, OTHER_CHORD] + 1] += 1
        owned[joints[k, CHORD]] = True
    longest = m
    for c in range(chords.shape[0]):
        longest = max(longest, starts[c + 1])  # more than m only where rounding made two lines cross twice
        starts[c + 1] += starts[c]
    at, jump = np.empty(longest), np.empty(longest)
    unit, vertex = np.empty(longest, np.int64), np.empty(longest, np.int64)
    members = np.empty(starts[chords.shape[0]], np.int64)
    filled = starts[:-1].copy()
    for k in range(inner, new):
        for column in (CHORD, OTHER_CHORD):
            c = joints[k, column]
            members[filled[c]] = k
            filled[c] += 1
    row_p, row_q = np.empty(m), np.empty(m)
    before_p, before_q = np.empty(width), np.empty(width)
    for c in range(chords.shape[0]):
        if not owned[c]:
            continue
        a, b_end = chords[c, 0], chords[c, 1]
        if chords[c, 3]:
            # Folds meet in a point: kinks are missing from the list, so go through this layer's values.
            _rim_row(a, old, Z, joints, places, row_p)
            _rim_row(b_end, old, Z, joints, places, row_q)
            for index in range(starts[c], starts[c + 1]):
                k = members[index]
                if joints[k, CHORD] != c:
                    continue
                t = places[k, 0]
                for i in range(m):
                    z = (1.0 - t) * row_p[i] + t * row_q[i]
                    H[0, i] = z if z > 0.0 else slope * z
                if before.shape[0] > 1:
                    _rim_row(a, old, before, joints, places, before_p)
                    _rim_row(b_end, old, before, joints, places, before_q)
                    for j in range(width):
                        Zn[old + k, j] = (1.0 - t) * before_p[j] + t * before_q[j]
                else:
                    _begin(Zn, old + k, before, np.int64(0))
                _product(H, np.int64(1), W, WT, Zn, old + k, active)
            continue
        n = np.int64(0)
        for index in range(starts[c], starts[c + 1]):
            k = members[index]
            first = joints[k, CHORD] == c
            u = joints[k, OTHER_UNIT] if first else joints[k, UNIT]
            v = old + k if first else -1
            size = abs(on_rim(b_end, u, old, Z, joints, places) - on_rim(a, u, old, Z, joints, places))
            _add_kink(n, at, jump, unit, vertex, places[k, 0 if first else 1], (1.0 - slope) * size, u, v)
            n += 1
        _along(Zn, a, b_end, n, at, jump, unit, vertex, WT, value, gradient)
    return Zn, tolerance
