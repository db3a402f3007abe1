"""Compiled: all the way from a net to what its partition tells, in one call.

Small nets are cut in less time than a few calls from Python take, so nothing returns to Python between the layers.
"""

from typing import NamedTuple

# mypy: allow-untyped-defs, allow-untyped-calls
# (numba infers the types of compiled functions from their first call)
import numpy as np
from numpy.typing import NDArray

from foldscape.geometry._boundary import trace_boundary
from foldscape.geometry._cut import BOX, HEAD, LABEL, ORIGIN, OUTSIDE, TAIL, TWIN, cut_layer
from foldscape.geometry._lift import lift
from foldscape.geometry._overlap import SEVERAL, find_overlaps, stack_labels, units_of
from foldscape.geometry._trace import trace_cells
from foldscape.kernel import kernel, part

ROUNDINGS = 32 * 2.0**-52  # a value this small beside the largest sum it could be is zero
SHORTEST = 1e-13  # share of the box below which an edge is made of rounding
SMALLEST_AREA = 1e-15  # share of the box below which a cell is made of rounding
# Four half-edges inside the box, counter-clockwise, then their twins outside.
BOX_HALF_EDGES = np.array(
    [[k, (k + 1) % 4, 4 + k, BOX] for k in range(4)] + [[(k + 1) % 4, 4 + (k - 1) % 4, k, OUTSIDE] for k in range(4)],
    dtype=np.int32,
)


class Subdivision(NamedTuple):
    """A finished subdivision, with what a further cut needs to know.

    Attributes:
        xy: Vertices, (V, 2); the first four are the corners of the box.
        half: Half-edges, (H, 4), as told in `_cut`.
        Z: Logits at the vertices, (V, K).
        tolerance: Rounding of each logit, (K,).
        between: Every other vertex lies on a line from one earlier vertex to another, (V - 4, 2).
        places: How far along, 0 to 1, (V - 4,).
        known: Vertices there were before each hidden layer cut, (layers,).
        plain: Whether no fold met a vertex, nor two folds one another along a line.
    """

    xy: NDArray[np.float64]
    half: NDArray[np.int32]
    Z: NDArray[np.float64]
    tolerance: NDArray[np.float64]
    between: NDArray[np.int32]
    places: NDArray[np.float64]
    known: NDArray[np.int64]
    plain: bool


@part(error_model="numpy")
def _first_values(xy, W, b):
    """Pre-activations of the first layer at the corners of the box, and their tolerance."""
    width = b.shape[0]
    Z, tolerance = np.empty((4, width)), np.empty(width)
    for j in range(width):
        total = abs(b[j])
        for d in range(2):
            total += abs(W[j, d]) * max(abs(xy[0, d]), abs(xy[2, d]))
        tolerance[j] = ROUNDINGS * total
        for v in range(4):
            Z[v, j] = W[j, 0] * xy[v, 0] + W[j, 1] * xy[v, 1] + b[j]
    return Z, tolerance


@part(error_model="numpy")
def _heard_from(theta, sizes, layer):
    """Of wide layers, the weights by which all later ones hear a layer (0: the inputs), (units after it, units)."""
    first, rows = 0, 0
    for k in range(sizes.shape[0]):
        first += sizes[k] if k < layer else 0
        rows += sizes[k] if k > layer else 0
    W = np.empty((rows, sizes[layer]))
    start, fan_in, row = 0, 0, 0
    for k in range(1, sizes.shape[0]):
        fan_in += sizes[k - 1]
        for j in range(sizes[k] if k > layer else 0):
            for i in range(sizes[layer]):
                W[row, i] = theta[start + j * fan_in + first + i]
            row += 1
        start += sizes[k] * (fan_in + 1)
    return W


@part(error_model="numpy")
def _all_biases(theta, sizes):
    """Of wide layers, the biases of all, one after another."""
    b = np.empty(theta.shape[0])
    start, fan_in, filled = 0, 0, 0
    for k in range(1, sizes.shape[0]):
        fan_in += sizes[k - 1]
        start += sizes[k] * fan_in
        for j in range(sizes[k]):
            b[filled + j] = theta[start + j]
        filled += sizes[k]
        start += sizes[k]
    return b[:filled]


@part(error_model="numpy")
def _parted(values, width):
    """The first columns and the others."""
    rows, both = values.shape
    mine, others = np.empty((rows, width)), np.empty((rows, both - width))
    for v in range(rows):
        for j in range(width):
            mine[v, j] = values[v, j]
        for j in range(width, both):
            others[v, j - width] = values[v, j]
    return mine, others


@part(error_model="numpy")
def with_room(array, rows):
    """A copy with so many more rows, not yet set."""
    more = np.empty((array.shape[0] + rows, array.shape[1]), array.dtype)
    for i in range(array.shape[0]):
        for j in range(array.shape[1]):
            more[i, j] = array[i, j]
    return more


@part(error_model="numpy")
def remember(between, places, joints, more):
    """Add where new vertices lie, as `cut_layer` tells it, to what is known of the vertices before them."""
    filled = between.shape[0]
    between, longer = with_room(between, joints.shape[0]), np.empty(filled + joints.shape[0])
    for k in range(filled):
        longer[k] = places[k]
    for k in range(joints.shape[0]):
        between[filled + k, 0], between[filled + k, 1] = joints[k, TAIL], joints[k, HEAD]
        longer[filled + k] = more[k, 0]
    return between, longer


@part(error_model="numpy")
def _overlapping_folds(rows, layer, xy, half, sides, base, shortest, table):
    """Rows of the folds that run along edges of earlier layers; they enter the labels too."""
    edges, units = find_overlaps(xy, half, sides, base, shortest)
    filled = rows.shape[0]
    rows = with_room(rows, edges.shape[0])
    for k in range(edges.shape[0]):
        h = edges[k]
        if half[h, LABEL] < base:  # else the chords of this layer tell of it
            rows[filled, 0], rows[filled, 1] = half[h, ORIGIN], half[half[h, TWIN], ORIGIN]
            rows[filled, 2], rows[filled, 3] = layer, units[k]
            filled += 1
    return rows[:filled], stack_labels(half, edges, units, base, table)


@part(error_model="numpy")
def _cut_plane(theta, sizes, box, slope, wide):
    """The finished subdivision, the logits at its vertices, and the folds as (vertex, vertex, layer, unit)."""
    xy = np.empty((4, 2))
    for v in range(4):
        xy[v, 0] = box[1 if v in (1, 2) else 0]
        xy[v, 1] = box[3 if v > 1 else 2]
    half = BOX_HALF_EDGES.copy()
    shortest = SHORTEST * (box[1] - box[0] + box[3] - box[2])
    between, places = np.empty((0, 2), np.int32), np.empty(0)
    known = np.empty(sizes.shape[0] - 2, np.int64)
    plain = True
    rows = np.empty((0, 4), np.int32)
    table = np.empty((0, 2), np.int32)
    width = sizes[1]
    # Wide layers: what each later one has heard so far, at the vertices, and its tolerance. Else the next one's biases.
    so_far, reach = np.empty((0, 0)), np.empty(0)
    W, b = theta[: 2 * width].reshape(width, 2), theta[2 * width : 3 * width]
    if wide:
        W, b = _heard_from(theta, sizes, np.int64(0)), _all_biases(theta, sizes)
    Z, tolerance = _first_values(xy, W, b)
    if wide:
        Z, so_far = _parted(Z, width)
        tolerance, reach = tolerance[:width], tolerance[width:]
    start, base = 3 * width, np.int64(0)  # for a literal 0 numba would compile everything once more
    for layer in range(sizes.shape[0] - 2):
        units, width = sizes[layer + 1], sizes[layer + 2]
        if wide:
            W = _heard_from(theta, sizes, layer + 1)
        else:
            W = theta[start : start + width * units].reshape(width, units)
            so_far = theta[start + width * units : start + width * (units + 1)].reshape(1, width)
        known[layer] = xy.shape[0]
        xy, half, chords, joints, along, sides = cut_layer(xy, half, Z, tolerance, base)
        Z, tolerance = lift(Z, joints, along, chords, W, so_far, reach, slope, ROUNDINGS)
        if wide:
            Z, so_far = _parted(Z, width)
            tolerance, reach = tolerance[:width], tolerance[width:]
        between, places = remember(between, places, joints, along)
        filled = rows.shape[0]
        rows = with_room(rows, chords.shape[0])
        for c in range(chords.shape[0]):
            rows[filled + c, 0], rows[filled + c, 1] = chords[c, 0], chords[c, 1]
            rows[filled + c, 2], rows[filled + c, 3] = layer, chords[c, 2]
        if sides.shape[0]:
            plain = False
            rows, table = _overlapping_folds(rows, layer, xy, half, sides, base, shortest, table)
        start += width * (units + 1)
        base += units
    return Subdivision(xy, half, Z, tolerance, between, places, known, plain), rows, table


@part(error_model="numpy")
def _against_zero(Z, tolerance):
    """One output as two classes, the first always 0."""
    both, limits = np.zeros((Z.shape[0], 2)), np.zeros(2)
    for v in range(Z.shape[0]):
        both[v, 1] = Z[v, 0]
    limits[1] = tolerance[0]
    return both, limits


@part(error_model="numpy")
def _units_at(bends, labels, sizes, table):
    """Points, layers and units, one row for each unit that a label tells."""
    many = 0
    for k in range(labels.shape[0]):
        many += units_of(labels[k], table).shape[0] if labels[k] <= SEVERAL else 1
    xy, layers, units = np.empty((many, 2)), np.empty(many, np.int32), np.empty(many, np.int32)
    n = 0
    for k in range(labels.shape[0]):
        for unit in units_of(labels[k], table):
            layer = 0
            while unit >= sizes[layer + 1]:
                unit -= sizes[layer + 1]
                layer += 1
            xy[n, 0], xy[n, 1] = bends[k, 0], bends[k, 1]
            layers[n], units[n] = layer, unit
            n += 1
    return xy, layers, units


@part(error_model="numpy")
def _fold_lines(xy, rows):
    """Points, layers and units of the folds."""
    ends = np.empty((rows.shape[0], 2, 2))
    layers, units = np.empty(rows.shape[0], np.int32), np.empty(rows.shape[0], np.int32)
    for k in range(rows.shape[0]):
        layers[k], units[k] = rows[k, 2], rows[k, 3]
        for e in range(2):
            ends[k, e, 0], ends[k, e, 1] = xy[rows[k, e], 0], xy[rows[k, e], 1]
    return ends, layers, units


@part(error_model="numpy")
def tell(made, rows, table, sizes, box):
    """Read everything that a partition tells off a finished subdivision.

    Args:
        made: The subdivision.
        rows: Straight folds as (vertex, vertex, layer, unit), (S, 4), the active side to the left of the way.
        table: Labels of several units, as told in `_overlap`.
        sizes: Inputs, units of each hidden layer, outputs.
        box: (xmin, xmax, ymin, ymax).

    Returns:
        (made, cells, folds, boundary, fold_points, repeated, largest): fields of the subdivision; offsets, corners,
        areas and centroids of the cells; points, layers and units of the folds; points and classes of the boundary;
        points, layers and units of the fold points; whether those may repeat; the largest size the logits could have.
    """
    xy, half, Z, tolerance = made.xy, made.half, made.Z, made.tolerance
    smallest = SMALLEST_AREA * (box[1] - box[0]) * (box[3] - box[2])
    offsets, loops, corners, areas, centroids = trace_cells(xy, half, smallest)
    if Z.shape[1] == 1:
        Z, tolerance = _against_zero(Z, tolerance)
    pieces, pairs, bends, labels, repeated = trace_boundary(xy, half, offsets, loops, corners, Z, tolerance)
    return (
        (
            xy,
            half,
            made.Z,
            made.tolerance,
            made.between,
            made.places,
            made.known,
            made.plain,
        ),  # numba gives names slowly
        (offsets, corners, areas, centroids),
        _fold_lines(xy, rows),
        (pieces.reshape(pieces.shape[0], 2, 2), pairs),
        _units_at(bends, labels, sizes, table),
        repeated,
        made.tolerance.max() / ROUNDINGS,
    )


@kernel(error_model="numpy", indices_from_end=False)
def fold_plane(theta, sizes, box, slope, wide):
    """Cut a box of the plane by a net.

    Args:
        theta: Weights (out, in) and biases of one layer after another, flat float64.
        sizes: Inputs, units of each hidden layer, outputs, (layers + 1,) int64.
        box: (xmin, xmax, ymin, ymax).
        slope: Negative slope of the activation.
        wide: Whether every layer receives the inputs and all layers before it.

    Returns:
        What `tell` returns.
    """
    made, rows, table = _cut_plane(theta, sizes, box, slope, wide)
    return tell(made, rows, table, sizes, box)
