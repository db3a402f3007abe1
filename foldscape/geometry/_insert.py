"""Compiled: cut a finished subdivision along the fold of one more unit.

A unit that nothing listens to changes no other unit, so its fold only halves the cells that it crosses. Its
pre-activation is affine in each of them, and so at vertices that came after its layer's turn it follows from the two
vertices that they lie between.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# (numba infers the types of compiled functions from their first call)

import numpy as np

from foldscape.geometry._cut import HEAD, LABEL, NEXT, ORIGIN, TAIL, TWIN, cut_layer
from foldscape.geometry._plane import Subdivision, remember, tell, with_room
from foldscape.kernel import kernel, part


@part(error_model="numpy")
def _everywhere(values, made):
    """Values of a unit at all vertices, (V, 1), from those at the first of them."""
    first, n_xy = values.shape[0], made.xy.shape[0]
    z = np.empty((n_xy, 1))
    for v in range(first):
        z[v, 0] = values[v]
    for v in range(first, n_xy):
        t = made.places[v - 4]
        z[v, 0] = (1.0 - t) * z[made.between[v - 4, 0], 0] + t * z[made.between[v - 4, 1], 0]
    return z


@part(error_model="numpy")
def _logits_too(Z, joints, places):
    """Logits at the old vertices and at those that a cut has put between them."""
    old = Z.shape[0]
    more = with_room(Z, joints.shape[0])
    for k in range(joints.shape[0]):
        t = places[k, 0]
        for j in range(Z.shape[1]):
            more[old + k, j] = (1.0 - t) * Z[joints[k, TAIL], j] + t * Z[joints[k, HEAD], j]
    return more


@part(error_model="numpy")
def _straight_folds(half, n_xy, sizes):
    """All folds as (vertex, vertex, layer, unit), read off the edges of a subdivision without coincidences.

    A straight fold ends where its unit meets the fold of an earlier layer, or the rim of the box.
    """
    n_units = 0
    for layer in range(1, sizes.shape[0] - 1):
        n_units += sizes[layer]
    layer_of, unit_of = np.empty(n_units, np.int32), np.empty(n_units, np.int32)
    label = 0
    for layer in range(sizes.shape[0] - 2):
        for unit in range(sizes[layer + 1]):
            layer_of[label], unit_of[label] = layer, unit
            label += 1
    earliest = np.full(n_xy, sizes.shape[0], np.int32)
    for h in range(half.shape[0]):
        label, v = half[h, LABEL], half[h, ORIGIN]
        earliest[v] = min(earliest[v], layer_of[label] if label >= 0 else -1)
    rows = np.empty((half.shape[0] // 2, 4), np.int32)
    found = 0
    for h in range(0, half.shape[0], 2):  # those with the active side on their left
        label = half[h, LABEL]
        if label < 0 or earliest[half[h, ORIGIN]] == layer_of[label]:
            continue
        g = h
        while earliest[half[half[g, TWIN], ORIGIN]] == layer_of[label]:
            g = half[half[half[g, NEXT], TWIN], NEXT]  # straight on, across the other fold
        rows[found, 0], rows[found, 1] = half[h, ORIGIN], half[half[g, TWIN], ORIGIN]
        rows[found, 2], rows[found, 3] = layer_of[label], unit_of[label]
        found += 1
    return rows[:found]


@kernel(error_model="numpy", indices_from_end=False)
def insert_fold(made, values, tolerance, layer, sizes, box):
    """Cut along the fold of one more unit, the last of its hidden layer.

    Args:
        made: The fields of a plain subdivision, without their names, which numba takes slowly.
        values: Pre-activations of the unit at the vertices there were before its layer cut.
        tolerance: Below this size they count as zero, (1,).
        layer: Its hidden layer, from 0.
        sizes: Inputs, units of each hidden layer, outputs; of the net with the unit.
        box: (xmin, xmax, ymin, ymax).

    Returns:
        (done, told): what `_plane.tell` returns; not done if the fold met a vertex.
    """
    made = Subdivision(*made)
    label = 0
    last = -1
    for k in range(1, sizes.shape[0] - 1):
        last += sizes[k]
        if k <= layer + 1:
            label = last
    z = _everywhere(values, made)
    # As the last label of all, so that the cut takes no other fold for one of its own.
    xy, half, _, joints, places, sides = cut_layer(made.xy, made.half.copy(), z, tolerance, last)
    for h in range(half.shape[0]):
        if half[h, LABEL] == last:
            half[h, LABEL] = label
        elif half[h, LABEL] >= label:
            half[h, LABEL] += 1
    between, along = remember(made.between, made.places, joints, places)
    Z = _logits_too(made.Z, joints, places)
    known = made.known.copy()
    known[layer + 1 :] = xy.shape[0]  # units above may listen to this one: they bend at its vertices
    plain = sides.shape[0] == 0
    grown = Subdivision(xy, half, Z, made.tolerance, between, along, known, plain)
    rows = _straight_folds(half, xy.shape[0], sizes) if plain else np.empty((0, 4), np.int32)
    return plain, tell(grown, rows, np.empty((0, 2), np.int32), sizes, box)
