"""Compiled: pattern and affine map of every cell, from neighbour to neighbour.

Across an edge only the unit switches whose fold it lies on. So the next layer's map changes by that unit's outgoing
column times its own map, and only the layers above that have to be summed anew. The walk crosses folds of the last
layers first: most steps then change the logits alone. After some changes a layer is summed anew all the same, for
rounding adds up.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# (numba infers the types of compiled functions from their first call)

import numpy as np
from numba import njit

from foldscape.geometry._cut import LABEL, TWIN
from foldscape.geometry._trace import trace_cells
from foldscape.kernel import kernel

CHANGES = 64  # made to a layer's map before it is summed anew
NARROW = 8  # units below which a layer is summed unit by unit


@njit(error_model="numpy")
def _layout(sizes, wide):
    """First unit of each layer (units, then logits), and where its transposed weights and its biases begin in theta."""
    layers = sizes.shape[0] - 1
    first, weights = np.zeros(layers + 1, np.int64), np.zeros(layers + 1, np.int64)
    fan_in = 0
    for layer in range(layers):
        fan_in = fan_in + sizes[layer] if wide else sizes[layer]
        first[layer + 1] = first[layer] + sizes[layer + 1]
        weights[layer + 1] = weights[layer] + sizes[layer + 1] * (fan_in + 1)
    return first, weights


@njit(error_model="numpy")
def _transposed(theta, sizes, first, weights):
    """Theta with every layer's weights as (in, out)."""
    turned = theta.copy()
    for layer in range(sizes.shape[0] - 1):
        units = first[layer + 1] - first[layer]
        fan_in = (weights[layer + 1] - weights[layer]) // units - 1
        for j in range(units):
            for i in range(fan_in):
                turned[weights[layer] + i * units + j] = theta[weights[layer] + j * fan_in + i]
    return turned


@njit(fastmath={"contract"}, error_model="numpy")
def _hear(maps, layer, unit, factor, turned, first, weights, wide):
    """Add what a layer hears of a unit, times a factor, to the layer's map."""
    units = first[layer + 1] - first[layer]
    column = 2 + unit if wide else unit - first[layer - 1]
    start = weights[layer] + column * units
    w = turned[start : start + units]
    x, y, rest = factor * maps[0, unit], factor * maps[1, unit], factor * maps[2, unit]
    x_of, y_of = maps[0, first[layer] : first[layer + 1]], maps[1, first[layer] : first[layer + 1]]
    rest_of = maps[2, first[layer] : first[layer + 1]]
    for j in range(units):
        x_of[j] += x * w[j]
        y_of[j] += y * w[j]
        rest_of[j] += rest * w[j]


@njit(fastmath={"contract", "reassoc", "nsz"}, error_model="numpy")
def _sum_anew(maps, layer, pattern, slope, turned, first, weights, wide):
    """Set a layer's map to what it hears of the inputs and of all units below."""
    units = first[layer + 1] - first[layer]
    begin, biases = weights[layer], weights[layer + 1] - units
    from_inputs = layer == 0 or wide
    for j in range(units):
        maps[0, first[layer] + j] = turned[begin + j] if from_inputs else 0.0
        maps[1, first[layer] + j] = turned[begin + units + j] if from_inputs else 0.0
        maps[2, first[layer] + j] = turned[biases + j]
    if layer == 0:
        return
    lowest = 0 if wide else first[layer - 1]
    if units >= NARROW:
        for unit in range(lowest, first[layer]):
            factor = 1.0 if pattern[unit] else slope
            if factor != 0.0:
                _hear(maps, layer, unit, factor, turned, first, weights, wide)
        return
    begin += (2 if wide else 0) * units
    for j in range(units):
        x, y, rest = 0.0, 0.0, 0.0
        for unit in range(lowest, first[layer]):
            w = turned[begin + (unit - lowest) * units + j] * (1.0 if pattern[unit] else slope)
            x += w * maps[0, unit]
            y += w * maps[1, unit]
            rest += w * maps[2, unit]
        maps[0, first[layer] + j] += x
        maps[1, first[layer] + j] += y
        maps[2, first[layer] + j] += rest


@njit(error_model="numpy")
def _step(maps, pattern, target, changes, slope, turned, first, weights, wide):
    """Go back to a pattern, and carry the maps along."""
    stale = False
    for layer in range(first.shape[0] - 2):
        switched = 0
        for unit in range(first[layer], first[layer + 1]):
            switched += pattern[unit] != target[unit]
        above = layer + 1
        anew = stale or changes[above] + switched > CHANGES
        for unit in range(first[layer], first[layer + 1] if switched else first[layer]):
            if pattern[unit] != target[unit]:
                pattern[unit] = target[unit]
                if not anew:
                    factor = 1.0 - slope if target[unit] else slope - 1.0
                    _hear(maps, above, unit, factor, turned, first, weights, wide)
        if anew:
            _sum_anew(maps, above, pattern, slope, turned, first, weights, wide)
        changes[above] = 0 if anew else changes[above] + switched
        stale = anew or switched > 0


@njit(error_model="numpy")
def _cross(maps, pattern, unit, layer, changes, slope, turned, first, weights, wide):
    """Switch one unit, and carry the maps along."""
    pattern[unit] ^= 1
    above = layer + 1
    changes[above] += 1
    if changes[above] <= CHANGES:
        _hear(maps, above, unit, 1.0 - slope if pattern[unit] else slope - 1.0, turned, first, weights, wide)
        above += 1
    for stale in range(above, first.shape[0] - 1):
        _sum_anew(maps, stale, pattern, slope, turned, first, weights, wide)
        changes[stale] = 0


@njit(error_model="numpy")
def _push(face, offsets, loops, half, face_of, seen, layer_of, tops, link):
    """Remember the ways from a face to neighbours not yet seen, by the layer of the fold between."""
    for k in range(offsets[face], offsets[face + 1]):
        h = loops[k]
        label = half[h, LABEL]
        if label >= 0 and not seen[face_of[half[h, TWIN]]]:
            link[h] = tops[layer_of[label]]
            tops[layer_of[label]] = h


@njit(error_model="numpy")
def _pop(tops, link):
    """Take the last way remembered across a fold of the last layer that has one; -1 if there is none."""
    for layer in range(tops.shape[0] - 1, -1, -1):
        if tops[layer] >= 0:
            h = tops[layer]
            tops[layer] = link[h]
            return h
    return -1


@kernel(error_model="numpy")
def cell_maps(theta, sizes, slope, wide, xy, half, smallest, pattern):
    """Walk over all cells of a subdivision in which no two folds coincide.

    Args:
        theta: Weights (out, in) and biases of one layer after another, flat float64.
        sizes: Inputs, units of each hidden layer, outputs, (layers + 1,) int64.
        slope: Negative slope of the activation.
        wide: Whether every layer receives the inputs and all layers before it.
        xy: Vertices, (V, 2).
        half: Half-edges, (H, 4), as told in `_cut`.
        smallest: Cells of at most this area are walked through, but not told.
        pattern: Of the largest cell, (units,) uint8.

    Returns:
        (patterns, slopes, offsets): (C, units) uint8, (C, K, 2), (C, K).
    """
    first, weights = _layout(sizes, wide)
    turned = _transposed(theta, sizes, first, weights)
    layers = first.shape[0] - 1
    units, outputs = first[layers - 1], first[layers] - first[layers - 1]
    offsets, loops, _, areas, _ = trace_cells(xy, half, -np.inf)
    faces = areas.shape[0]
    face_of, layer_of = np.empty(half.shape[0], np.int64), np.empty(units, np.int64)
    for face in range(faces):
        for k in range(offsets[face], offsets[face + 1]):
            face_of[loops[k]] = face
    for layer in range(layers - 1):
        layer_of[first[layer] : first[layer + 1]] = layer

    patterns = np.empty((faces, units), np.uint8)
    slopes, values = np.empty((faces, outputs, 2)), np.empty((faces, outputs))
    maps, changes = np.empty((3, first[layers])), np.zeros(layers, np.int64)
    here = pattern.copy()
    for layer in range(layers):
        _sum_anew(maps, layer, here, slope, turned, first, weights, wide)
    seen, link = np.zeros(faces, np.bool_), np.empty(half.shape[0], np.int64)
    tops = np.full(max(layers - 1, 1), -1)
    face = np.argmax(areas)  # type: ignore[assignment]
    patterns[face] = pattern
    while True:
        seen[face] = True
        for k in range(outputs):
            slopes[face, k, 0], slopes[face, k, 1] = maps[0, units + k], maps[1, units + k]
            values[face, k] = maps[2, units + k]
        _push(face, offsets, loops, half, face_of, seen, layer_of, tops, link)
        h = _pop(tops, link)
        while h >= 0 and seen[face_of[half[h, TWIN]]]:
            h = _pop(tops, link)
        if h < 0:
            break
        before, label = face, half[h, LABEL]
        face = face_of[half[h, TWIN]]
        if before != face_of[h]:
            _step(maps, here, patterns[face_of[h]], changes, slope, turned, first, weights, wide)
        _cross(maps, here, label, layer_of[label], changes, slope, turned, first, weights, wide)
        patterns[face] = here
    told = areas > smallest
    if told.all():
        return patterns, slopes, values
    return patterns[told], slopes[told], values[told]
