"""The compiled heart: cut every cell of a planar subdivision along the folds of one layer.

The subdivision is a half-edge table shared by all cells, so a cell can neither overlap nor lose its neighbour, however
badly the numbers round: areas telescope. Each row of `half` is one half-edge:

    ORIGIN   vertex it leaves
    NEXT     the half-edge that follows it counter-clockwise around the same cell
    TWIN     the same edge walked from the other side
    LABEL    the unit whose fold it lies on, BOX on the rim of the box, OUTSIDE on the far side of the rim; below that,
             several units, told by the table in `_overlap`

A pre-activation is affine in each cell and continuous, so its values at the vertices say everything. One layer is cut
in two passes: first the edges (shared by two cells, so cut once), then each cell by the chords that join its cut
points. A chord walks from cell to cell, so that the work is in proportion to what it makes. Where a value is zero
within rounding the fold runs through the vertex itself; the walk then hands over to `_cut_everywhere`, which is slower
and cannot fail.

A new vertex is remembered by where it lies, in a row of `joints`: between TAIL and HEAD, which are the ends of an old
edge (then UNIT is the unit that cut it) or of the chord CHORD of UNIT that the chord OTHER_CHORD of OTHER_UNIT crossed
inside a cell; `places` says how far along the one, and along the other.

All functions compile together with their one caller, in `_plane`.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# (numba infers the types of compiled functions from their first call)

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

from foldscape.kernel import part

ORIGIN, NEXT, TWIN, LABEL = 0, 1, 2, 3
BOX, OUTSIDE = -1, -2
TAIL, HEAD, UNIT, OTHER_UNIT, CHORD, OTHER_CHORD = 0, 1, 2, 3, 4, 5


@intrinsic
def _lowest_bit(_context: Any, word: Any) -> Any:
    """Index of the lowest set bit of a non-zero uint64 (one machine instruction)."""

    def build(_ctx: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(word), build


@part(error_model="numpy")
def on_rim(vertex, unit, old, Z, joints, places):
    """Pre-activation at an old vertex, or at one that lies on an old edge."""
    if vertex < old:
        return Z[vertex, unit]
    k = vertex - old
    t = places[k, 0]
    return (1.0 - t) * Z[joints[k, TAIL], unit] + t * Z[joints[k, HEAD], unit]


@part(error_model="numpy")
def _side(vertex, unit, old, Z, joints, places, tolerance):
    """+1, -1, or 0 where the vertex lies on the fold of the unit within rounding."""
    if vertex >= old:
        k = vertex - old
        if joints[k, UNIT] == unit or joints[k, OTHER_UNIT] == unit:
            return 0
        t = places[k, 0]
        value = (1.0 - t) * on_rim(joints[k, TAIL], unit, old, Z, joints, places)
        value += t * on_rim(joints[k, HEAD], unit, old, Z, joints, places)
    else:
        value = Z[vertex, unit]
    if value > tolerance:
        return 1
    if value < -tolerance:
        return -1
    return 0


@part(error_model="numpy")
def _split_edge(half, n_half, h, vertex):
    """Put a vertex on edge h. Both halves keep their ids as the first piece, so nothing before them changes.

    The second piece of an even half-edge is even: along a fold, those have the active side on their left.
    """
    t = half[h, TWIN]
    odd = h & 1
    a, b = n_half + odd, n_half + 1 - odd
    half[a, ORIGIN] = vertex
    half[a, NEXT] = half[h, NEXT]
    half[a, TWIN] = t
    half[a, LABEL] = half[h, LABEL]
    half[b, ORIGIN] = vertex
    half[b, NEXT] = half[t, NEXT]
    half[b, TWIN] = h
    half[b, LABEL] = half[t, LABEL]
    half[h, NEXT] = a
    half[h, TWIN] = b
    half[t, NEXT] = b
    half[t, TWIN] = a


@part(error_model="numpy")
def _split_face(half, n_half, into_a, into_b, label):
    """Join the heads of two half-edges of one cell; two cells come out, the active one left of the even half-edge."""
    from_a = half[into_a, NEXT]
    from_b = half[into_b, NEXT]
    h, t = n_half, n_half + 1
    half[h, ORIGIN] = half[from_a, ORIGIN]
    half[h, NEXT] = from_b
    half[h, TWIN] = t
    half[h, LABEL] = label
    half[t, ORIGIN] = half[from_b, ORIGIN]
    half[t, NEXT] = from_a
    half[t, TWIN] = h
    half[t, LABEL] = label
    half[into_a, NEXT] = h
    half[into_b, NEXT] = t


@part(error_model="numpy")
def _grown(array, rows):
    """The array with room for at least `rows` rows."""
    if array.shape[0] >= rows:
        return array
    more = np.empty((max(rows, 2 * array.shape[0]), array.shape[1]), array.dtype)
    # Written out, here and in the other kernels: numba's slice assignment takes seconds to compile.
    for i in range(array.shape[0]):
        for j in range(array.shape[1]):
            more[i, j] = array[i, j]
    return more


@part(error_model="numpy")
def _share(unit, chord, old, Z, joints, places):
    """How far along a chord (its two ends first) the fold of `unit` crosses it, 0 to 1."""
    za = on_rim(chord[0], unit, old, Z, joints, places)
    zb = on_rim(chord[1], unit, old, Z, joints, places)
    if (za > 0.0) != (zb > 0.0):
        return za / (za - zb)
    return 0.0 if abs(za) < abs(zb) else 1.0  # parallel within rounding


@part(error_model="numpy")
def _cross(half, g, unit, base, ends, vertex, xy, old, Z, joints, places):
    """Place a new vertex where the fold of `unit` crosses inner edge g, a piece of another chord of the same cell.

    Its place is told along the whole chord, not along the piece, so values never pass through more than two steps.
    """
    other = half[g, LABEL] - base
    k = vertex - old
    joints[k, TAIL], joints[k, HEAD] = ends[other, 0], ends[other, 1]
    joints[k, UNIT], joints[k, OTHER_UNIT] = other, unit
    joints[k, CHORD], joints[k, OTHER_CHORD] = ends[other, 2], ends[unit, 2]
    s = _share(unit, ends[other], old, Z, joints, places)
    places[k, 0] = s
    places[k, 1] = _share(other, ends[unit], old, Z, joints, places)
    a, b = ends[other, 0], ends[other, 1]
    xy[vertex, 0] = (1.0 - s) * xy[a, 0] + s * xy[b, 0]
    xy[vertex, 1] = (1.0 - s) * xy[a, 1] + s * xy[b, 1]


@part(error_model="numpy")
def _transitions(n, sides):
    """Both ends of the run of + in a loop of sides: (forward, backward), positions of its last vertices, or (-1, -1).

    A vertex of side 0 that ends the run belongs to it: the fold runs through that vertex. Otherwise the fold crosses
    the edge after `forward`, or the edge into `backward`.

    Returns:
        Positions of the last vertices forward and backward.
    """
    top = -1
    low = False
    for k in range(n):
        if sides[k] > 0:
            top = k
        elif sides[k] < 0:
            low = True
    if top < 0 or not low:
        return -1, -1
    forward = top
    while sides[(forward + 1) % n] > 0 or (sides[forward] > 0 and sides[(forward + 1) % n] == 0):
        forward = (forward + 1) % n
    backward = top
    while sides[(backward - 1) % n] > 0 or (sides[backward] > 0 and sides[(backward - 1) % n] == 0):
        backward = (backward - 1) % n
    return forward, backward


@part(error_model="numpy")
def _snapped_ends(half, rim, n, unit, old, Z, joints, places, tolerance):
    """Chord of a fold that may run through corners of its cell: two half-edges that lead to its ends, or (-1, -1).

    The active side lies left of the way from the first end to the second.

    Returns:
        The half-edges that lead to the first and the second end.
    """
    sides = np.empty(n, np.int8)
    for k in range(n):
        sides[k] = _side(half[half[rim[k], NEXT], ORIGIN], unit, old, Z, joints, places, tolerance)
    forward, backward = _transitions(n, sides)
    # Every strict crossing of the rim has its vertex by now; a change without one is rounding and takes the corner.
    gap = (forward - backward) % n
    if forward < 0 or gap < 2 or n - gap < 2:
        return -1, -1
    return rim[forward], rim[backward]


@part(error_model="numpy")
def _cut_everywhere(
    half, n_half, rim, n_rim, first_half, unit, base, ends, xy, n_xy, old, Z, joints, places, tolerance, stamp
):
    """Cut each piece of one parent cell that has both signs. Slow and safe: used where folds meet in a point."""
    known = n_half
    room = n_rim + 2 * (known - first_half) + 8
    loop = np.empty(room, np.int64)
    sides = np.empty(room, np.int8)
    for source in range(n_rim + known - first_half):
        start = rim[source] if source < n_rim else first_half + source - n_rim
        if stamp[start] == unit:
            continue
        if n_xy + 2 > xy.shape[0] or n_xy + 2 - old > joints.shape[0] or n_half + 6 > half.shape[0]:
            break  # only ever after rounding made a line cross another twice
        n = 0
        g = start
        while True:
            stamp[g] = unit
            loop[n] = g
            g = half[g, NEXT]
            sides[n] = _side(half[g, ORIGIN], unit, old, Z, joints, places, tolerance)
            n += 1
            if g == start or n == room:
                break
        forward, backward = _transitions(n, sides)
        if forward < 0:
            continue
        into1, into2 = loop[forward], loop[backward]
        e1, e2 = loop[(forward + 1) % n], loop[backward]
        if sides[forward] > 0 and half[e1, LABEL] >= base:
            _cross(half, e1, unit, base, ends, n_xy, xy, old, Z, joints, places)
            _split_edge(half, n_half, e1, n_xy)
            n_half += 2
            n_xy += 1
            into1 = e1
        if sides[backward] > 0 and half[e2, LABEL] >= base:
            _cross(half, e2, unit, base, ends, n_xy, xy, old, Z, joints, places)
            _split_edge(half, n_half, e2, n_xy)
            if into1 == e2:  # the run is one corner and its other end was left there: the second piece leads to it now
                into1 = half[e2, NEXT]
            n_half += 2
            n_xy += 1
        if into1 == into2 or half[into1, NEXT] == into2 or half[into2, NEXT] == into1:
            continue
        _split_face(half, n_half, into1, into2, base + unit)
        n_half += 2
    return n_half, n_xy


@part(error_model="numpy")
def _walk(half, n_half, into_a, into_b, unit, base, ends, xy, n_xy, old, Z, joints, places, tolerance, most):
    """Draw one chord through the pieces of its parent cell, from the rim to the rim.

    The last value is False if it met a vertex on the fold and so has to be finished by `_cut_everywhere`.

    Returns:
        The new numbers of half-edges and vertices, and whether the walk came through.
    """
    goal = half[half[into_b, NEXT], ORIGIN]
    into = into_a
    for _ in range(most):
        g = half[into, NEXT]
        side = _side(half[half[g, NEXT], ORIGIN], unit, old, Z, joints, places, tolerance)
        if side == 0:
            return n_half, n_xy, False
        while True:
            g = half[g, NEXT]
            vertex = half[half[g, NEXT], ORIGIN]
            if vertex == goal:
                break
            here = _side(vertex, unit, old, Z, joints, places, tolerance)
            if here == 0 or g == into:
                return n_half, n_xy, False
            if here != side:
                break
        if vertex == goal:
            _split_face(half, n_half, into, g, base + unit)
            return n_half + 2, n_xy, True
        if half[g, LABEL] < base:
            return n_half, n_xy, False
        _cross(half, g, unit, base, ends, n_xy, xy, old, Z, joints, places)
        across = half[g, TWIN]
        _split_edge(half, n_half, g, n_xy)
        n_half += 2
        n_xy += 1
        _split_face(half, n_half, into, g, base + unit)
        n_half += 2
        into = across
    return n_half, n_xy, False


@part(error_model="numpy")
def _signs(Z, tolerance):
    """Bit sets of the units strictly active and strictly inactive at each vertex; whether any vertex lies on a fold."""
    n_xy, m = Z.shape
    words = (m + 63) // 64
    plus = np.zeros((n_xy, words), np.uint64)
    minus = np.zeros((n_xy, words), np.uint64)
    on_fold = np.zeros(n_xy, np.bool_)
    one = np.uint64(1)
    for v in range(n_xy):
        decided = 0
        for w in range(words):
            p = np.uint64(0)
            q = np.uint64(0)
            for i in range(64 * w, min(64 * w + 64, m)):
                z = Z[v, i]
                bit = one << np.uint64(i - 64 * w)
                if z > tolerance[i]:
                    p |= bit
                    decided += 1
                elif z < -tolerance[i]:
                    q |= bit
                    decided += 1
            plus[v, w] = p
            minus[v, w] = q
        on_fold[v] = decided < m
    return plus, minus, on_fold


@part(error_model="numpy")
def cut_layer(xy, half, Z, tolerance, base):
    """Cut a subdivision along the folds of one layer.

    Args:
        xy: Vertices, (V, 2).
        half: Half-edges, (H, 4), as told at the top of this file.
        Z: Pre-activations of this layer at the vertices, (V, units).
        tolerance: Below this size a pre-activation counts as zero, (units,).
        base: Label of the first unit of this layer.

    Returns:
        (xy, half, chords, joints, places, sides): the finer subdivision; each straight fold as its two ends, the active
        side to the left of the way from the first to the second, its unit, and 1 if its cell has folds that meet in a
        point, (S, 4); how each new vertex came about, (N, 6) and (N, 2); the side of every unit at every vertex,
        (V, units), if folds of this layer met a vertex or one another's ends, else empty.
    """
    old, m = Z.shape
    n_half = half.shape[0]
    half_before = n_half
    n_xy = old
    one = np.uint64(1)
    plus, minus, on_fold = _signs(Z, tolerance)
    words = plus.shape[1]
    degenerate = False
    for v in range(old):
        degenerate = degenerate or on_fold[v]

    crossings = 0
    for h in range(n_half):
        if h < half[h, TWIN]:
            i, j = half[h, ORIGIN], half[half[h, TWIN], ORIGIN]
            for w in range(words):
                bits = (plus[i, w] & minus[j, w]) | (minus[i, w] & plus[j, w])
                while bits != 0:
                    bits &= bits - one
                    crossings += 1
    room = 2 * crossings + 16
    xy = _grown(xy, old + room)
    half = _grown(half, n_half + 4 * room)
    joints = np.empty((room, 6), np.int32)
    places = np.empty((room, 2))

    # First pass: the edges.
    unit_of = np.empty(m, np.int64)
    place = np.empty(m)
    for h in range(half_before):
        i, j = half[h, ORIGIN], half[half[h, TWIN], ORIGIN]
        if h > half[h, TWIN] or j >= old:  # a new vertex: this edge was cut from its other side
            continue
        found = 0
        for w in range(words):
            bits = (plus[i, w] & minus[j, w]) | (minus[i, w] & plus[j, w])
            while bits != 0:
                unit = 64 * w + _lowest_bit(bits)  # type: ignore[call-arg]
                bits &= bits - one
                t = Z[i, unit] / (Z[i, unit] - Z[j, unit])
                k = found
                while k > 0 and place[k - 1] > t:
                    place[k] = place[k - 1]
                    unit_of[k] = unit_of[k - 1]
                    k -= 1
                place[k] = t
                unit_of[k] = unit
                found += 1
        g = h
        for k in range(found):
            new = n_xy - old
            t = place[k]
            joints[new, TAIL], joints[new, HEAD] = i, j
            joints[new, UNIT], joints[new, OTHER_UNIT] = unit_of[k], -1
            joints[new, CHORD] = -1
            places[new, 0] = t
            xy[n_xy, 0] = (1.0 - t) * xy[i, 0] + t * xy[j, 0]
            xy[n_xy, 1] = (1.0 - t) * xy[i, 1] + t * xy[j, 1]
            _split_edge(half, n_half, g, n_xy)
            g = half[g, NEXT]
            n_half += 2
            n_xy += 1

    # Second pass: the cells.
    edges_done = n_half
    visited = np.zeros(edges_done, np.bool_)
    stamp = np.empty(0, np.int32)
    rim = np.empty(edges_done, np.int64)
    count = np.zeros(m, np.int32)
    into = np.empty((m, 2), np.int64)
    ends = np.empty((m, 3), np.int64)
    units = np.empty(m, np.int64)
    chords = np.empty((crossings // 2 + 16, 4), np.int32)
    n_chords = 0
    for start in range(edges_done):
        if visited[start] or half[start, LABEL] == OUTSIDE:
            continue
        n_rim = 0
        n_units = 0
        special = False
        g = start
        while True:
            visited[g] = True
            rim[n_rim] = g
            n_rim += 1
            next_g = half[g, NEXT]
            v = half[next_g, ORIGIN]
            if v >= old:
                unit = joints[v - old, UNIT]
                c = count[unit]
                if c == 0:
                    units[n_units] = unit
                    n_units += 1
                if c < 2:
                    into[unit, c] = g
                    ends[unit, c] = v
                else:
                    special = True
                count[unit] = c + 1
            elif on_fold[v]:
                special = True
            g = next_g
            if g == start:
                break
        if special:
            for w in range(words):
                p = np.uint64(0)
                q = np.uint64(0)
                for k in range(n_rim):
                    v = half[rim[k], ORIGIN]
                    if v < old:
                        p |= plus[v, w]
                        q |= minus[v, w]
                bits = p & q
                while bits != 0:
                    unit = 64 * w + _lowest_bit(bits)  # type: ignore[call-arg]
                    bits &= bits - one
                    if count[unit] == 0:
                        units[n_units] = unit
                        n_units += 1
        if n_units == 0:
            continue
        first_half = n_half
        chords = _grown(chords, n_chords + n_units)
        first_chord = n_chords
        for index in range(n_units):
            unit = units[index]
            room = n_units + 8
            if n_xy + room > xy.shape[0] or n_xy + room - old > joints.shape[0] or n_half + 4 * room > half.shape[0]:
                xy = _grown(xy, n_xy + room)
                half = _grown(half, n_half + 4 * room)
                joints = _grown(joints, n_xy + room - old)
                places = _grown(places, n_xy + room - old)
            if count[unit] == 2 and not special:
                ia, ib = into[unit, 0], into[unit, 1]
                after = half[half[half[ia, NEXT], NEXT], ORIGIN]
                if _side(after, unit, old, Z, joints, places, tolerance[unit]) > 0:
                    ia, ib = ib, ia
            else:
                ia, ib = _snapped_ends(half, rim, n_rim, unit, old, Z, joints, places, tolerance[unit])
                if ia < 0:
                    ends[unit, 0] = -1
                    continue
            ends[unit, 0] = half[half[ia, NEXT], ORIGIN]
            ends[unit, 1] = half[half[ib, NEXT], ORIGIN]
            ends[unit, 2] = n_chords
            chords[n_chords, 0], chords[n_chords, 1] = ends[unit, 0], ends[unit, 1]
            chords[n_chords, 2], chords[n_chords, 3] = unit, 0
            n_chords += 1
            done = False
            if index == 0 and not special:  # nothing to cross yet
                _split_face(half, n_half, ia, ib, base + unit)
                n_half += 2
                done = True
            elif count[unit] == 2:
                n_half, n_xy, done = _walk(
                    half, n_half, ia, ib, unit, base, ends, xy, n_xy, old, Z, joints, places, tolerance[unit], room - 4
                )
            if not done:
                degenerate = True
                for c in range(first_chord, n_chords):
                    chords[c, 3] = 1
                if stamp.shape[0] < half.shape[0]:
                    stamp = np.full(half.shape[0], -1, np.int32)
                n_half, n_xy = _cut_everywhere(
                    half,
                    n_half,
                    rim,
                    n_rim,
                    first_half,
                    unit,
                    base,
                    ends,
                    xy,
                    n_xy,
                    old,
                    Z,
                    joints,
                    places,
                    tolerance[unit],
                    stamp,
                )
        for index in range(n_units):
            count[units[index]] = 0

    sides = np.empty((n_xy if degenerate else 0, m), np.int8)
    for v in range(sides.shape[0]):
        for unit in range(m):
            sides[v, unit] = _side(v, unit, old, Z, joints, places, tolerance[unit])
    return xy[:n_xy], half[:n_half], chords[:n_chords], joints[: n_xy - old], places[: n_xy - old], sides
