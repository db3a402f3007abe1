# mypy: allow-untyped-decorators
"""Compiled losses of a dense net at many points of a plane through its parameters.

A point is origin + a first + b second. The first layer's pre-activations are affine in (a, b): they are worked out
once for each panel of samples and combined at every point, so what is left to compute is the layers after it.

Samples lie ``PANEL`` to a panel, eight to a vector, and a panel's arrays stay in cache while all points pass over it.
Two units by four vectors are summed in registers at a time, which is what keeps the multipliers busy. The first hidden
layer is worked out and summed on a few units at a time, and for two points of a row at once where it can be: what they
stand on is read once. A point's value does not depend on the other.
"""

from __future__ import annotations

import numpy as np

from foldscape import engine
from foldscape.arrays import Float32Array, Float64Array, Int64Array
from foldscape.engine.kernels_functions import exp, tanh
from foldscape.engine.kernels_lanes import (
    LANES,
    LaneVector,
    Pointer,
    address,
    fill,
    fma,
    get,
    if_equal,
    if_less,
    load,
    spread,
    store,
)
from foldscape.kernel import kernel, part

PANEL = 32
"""Samples in a panel: four vectors."""
UNITS = 64
"""Hidden units that are worked out before they are summed on: they stay in the nearest cache."""
F4 = np.float32
_ZERO, _ONE = np.float32(0), np.float32(1)


@part
def _two(
    theta: Pointer,
    row: int,
    fan_in: int,
    bias: int,
    count: int,
    source: Pointer,
    target: Pointer,
    place: int,
    fresh: bool,
) -> None:
    """Sum some inputs of two units over a panel, from the biases or from what the target has."""
    if fresh:
        a0, b0 = spread(theta, bias), spread(theta, bias + 1)
        a1, a2, a3, b1, b2, b3 = a0, a0, a0, b0, b0, b0
    else:
        a0, a1 = load(target, place), load(target, place + LANES)
        a2, a3 = load(target, place + 2 * LANES), load(target, place + 3 * LANES)
        b0, b1 = load(target, place + PANEL), load(target, place + PANEL + LANES)
        b2, b3 = load(target, place + PANEL + 2 * LANES), load(target, place + PANEL + 3 * LANES)
    for i in range(count):
        here = i * PANEL
        wa, wb = spread(theta, row + i), spread(theta, row + fan_in + i)
        s = load(source, here)
        a0, b0 = fma(wa, s, a0), fma(wb, s, b0)
        s = load(source, here + LANES)
        a1, b1 = fma(wa, s, a1), fma(wb, s, b1)
        s = load(source, here + 2 * LANES)
        a2, b2 = fma(wa, s, a2), fma(wb, s, b2)
        s = load(source, here + 3 * LANES)
        a3, b3 = fma(wa, s, a3), fma(wb, s, b3)
    _store_panel(target, place, a0, a1, a2, a3)
    _store_panel(target, place + PANEL, b0, b1, b2, b3)


@part
def _store_panel(target: Pointer, place: int, v0: LaneVector, v1: LaneVector, v2: LaneVector, v3: LaneVector) -> None:
    store(target, place, v0)
    store(target, place + LANES, v1)
    store(target, place + 2 * LANES, v2)
    store(target, place + 3 * LANES, v3)


@part
def _multiply(
    theta: Pointer, w: int, fan_in: int, fan_out: int, source: Pointer, target: Pointer, begin: int, count: int
) -> None:
    """Sum ``count`` inputs from ``begin`` on into target (fan_out, PANEL); the first sum begins from the biases.

    Args:
        theta: The parameters.
        w: Where the layer's weights start in them.
        fan_in: Inputs of the layer.
        fan_out: Its units.
        source: (count, PANEL) the inputs to sum.
        target: (fan_out, PANEL) the sums.
        begin: First of the inputs.
        count: How many.
    """
    biases, even = w + fan_in * fan_out, fan_out - fan_out % 2
    for o in range(0, even, 2):
        row = w + o * fan_in + begin
        _two(theta, row, fan_in, biases + o, count, source, target, o * PANEL, begin == 0)
    for o in range(even, fan_out):
        row, place = w + o * fan_in + begin, o * PANEL
        for at in range(0, PANEL, LANES):
            z = spread(theta, biases + o) if begin == 0 else load(target, place + at)
            for i in range(count):
                z = fma(spread(theta, row + i), load(source, i * PANEL + at), z)
            store(target, place + at, z)


@part
def _moved(base: Pointer, step: Pointer, t: float, size: int, target: Pointer) -> None:
    """Set target to base + t step, entry by entry; where t is 0 the step is not read."""
    factor = fill(t)
    if t == 0:
        for at in range(0, size, LANES):
            store(target, at, load(base, at))
    else:
        for at in range(0, size, LANES):
            store(target, at, fma(factor, load(step, at), load(base, at)))


@part
def _activate(values: Pointer, size: int, target: Pointer, is_tanh: bool, slope: float) -> None:
    """Set target, not ``values``: in place it would compile to masked stores, which cost tenfold."""
    below = fill(slope)
    if is_tanh:
        for at in range(0, size, LANES):
            store(target, at, tanh(load(values, at)))
    else:
        for at in range(0, size, LANES):
            z = load(values, at)
            store(target, at, if_less(z, below * z, below * z, z))


@part
def _moved_rectified(base: Pointer, step: Pointer, t: float, size: int, target: Pointer, slope: float) -> None:
    """Set target to the leaky ReLU of base + t step: most of the work of a narrow net, so in one pass."""
    factor, below = fill(t), fill(slope)
    for at in range(0, size, LANES):
        z = fma(factor, load(step, at), load(base, at))
        store(target, at, if_less(z, below * z, below * z, z))


@part
def _both_rectified(
    base: Pointer, step: Pointer, t: float, u: float, size: int, target: Pointer, other: Pointer, slope: float
) -> None:
    """Do as ``_moved_rectified`` for t into target and for u into other."""
    factor, second, below = fill(t), fill(u), fill(slope)
    for at in range(0, size, LANES):
        start, along = load(base, at), load(step, at)
        z = fma(factor, along, start)
        store(target, at, if_less(z, below * z, below * z, z))
        z = fma(second, along, start)
        store(other, at, if_less(z, below * z, below * z, z))


@part
def _score(logits: Pointer, classes: int, labels: Pointer, lost: Pointer, rest: Pointer, hit: Pointer) -> None:
    """Split the cross-entropy of each sample into ``lost + log(1 + rest)``, exact where it is small; tell the hits.

    ``lost`` is what the best logit has over the label's, ``rest`` the other classes' odds against the best.
    """
    zero, one = fill(_ZERO), fill(_ONE)
    for at in range(0, PANEL, LANES):
        label = load(labels, at)
        best = load(logits, at)
        best_class, own = zero, best
        for k in range(1, classes):
            z, here = load(logits, k * PANEL + at), fill(np.float32(k))
            own = if_equal(label, here, z, own)
            best_class = if_less(best, z, here, best_class)
            best = if_less(best, z, z, best)
        odds = zero
        for k in range(classes):
            grown = exp(load(logits, k * PANEL + at) - best)
            odds = odds + if_equal(best_class, fill(np.float32(k)), zero, grown)
        store(lost, at, best - own)
        store(rest, at, odds)
        store(hit, at, if_equal(best_class, label, one, zero))


@part
def _summed(lost: Pointer, rest: Pointer, hit: Pointer, filled: int) -> tuple[float, int]:
    """Sum a panel's losses in double precision, with one logarithm for all; count the hits."""
    total, product, other_total, other_product, right = 0.0, 1.0, 0.0, 1.0, 0
    even = filled - filled % 2
    for lane in range(0, even, 2):  # two sums side by side: one would wait for itself
        total += get(lost, lane)
        product *= 1.0 + np.float64(get(rest, lane))
        other_total += get(lost, lane + 1)
        other_product *= 1.0 + np.float64(get(rest, lane + 1))
        right += int(get(hit, lane)) + int(get(hit, lane + 1))
    if even < filled:
        total += get(lost, even)
        product *= 1.0 + np.float64(get(rest, even))
        right += int(get(hit, even))
    return total + other_total + np.log(product * other_product), right


@part
def _deeper(theta: Pointer, sizes: Int64Array, hidden: Pointer, logits: Pointer, is_tanh: bool, slope: float) -> None:
    """Go on from the pre-activations of the second layer, in ``logits``, to the outputs, in their place."""
    offset = sizes[2] * (sizes[1] + 1) if len(sizes) > 2 else 0
    for layer in range(2, len(sizes) - 1):
        _activate(logits, sizes[layer] * PANEL, hidden, is_tanh, slope)
        _multiply(theta, offset, sizes[layer], sizes[layer + 1], hidden, logits, 0, sizes[layer])
        offset += sizes[layer + 1] * (sizes[layer] + 1)


@kernel(reads=(engine,))
def plane_sums(
    origin: Float32Array, first: Float32Array, second: Float32Array, sizes: Int64Array, is_tanh: bool, slope:
    np.float32,
    x: Float32Array, y: Float32Array, filled: Int64Array, a: Float32Array, b: Float32Array, losses: Float64Array,
    hits: Int64Array,
) -> None:  # fmt: skip
    """Add each point's summed cross-entropy and number of right answers over some panels of samples.

    Args:
        origin: (P,) float32 parameters, weight then bias, layer by layer, padded by 8 entries.
        first: The same for the direction that ``a`` goes along.
        second: The same for ``b``; not read where b is 0.
        sizes: (L + 1,) inputs, widths of the hidden layers, classes.
        is_tanh: Whether the hidden activation is tanh; else it is ReLU with a slope.
        slope: Slope of the inactive side, float32.
        x: (panels, inputs * PANEL) float32 samples, those of a panel in the last axis of each input.
        y: (panels, PANEL) float32 classes.
        filled: (panels,) samples in each panel.
        a: (points,) float32 coordinates along ``first``; points of one ``b`` should follow one another.
        b: (points,) float32 coordinates along ``second``.
        losses: (points,) float64, added to.
        hits: (points,) int64, added to.
    """
    layers, classes = len(sizes) - 1, sizes[-1]
    units, head = sizes[1] * PANEL, sizes[1] * (sizes[0] + 1)
    tail, widest = len(origin) - LANES - head, sizes[1:].max() * PANEL
    z0, z1, z2, base = np.empty(units, F4), np.empty(units, F4), np.empty(units, F4), np.empty(units, F4)
    row, weights, second_weights = np.empty(tail + LANES, F4), np.empty(tail + LANES, F4), np.empty(tail + LANES, F4)
    work, some = np.empty(3 * widest, F4), np.empty(UNITS * PANEL, F4)
    scores, labels = np.empty(3 * PANEL, F4), y.reshape(-1)
    theta, along, across = address(origin, 0), address(first, 0), address(second, 0)
    is_plane, is_paired = (b != 0).any(), layers > 1 and not is_tanh
    for panel in range(len(x)):
        # Taken anew each time: an array whose last mention is before a loop is freed before it.
        here, other = address(weights, 0), address(second_weights, 0)
        hidden, logits, second_logits = address(work, 0), address(work, widest), address(work, 2 * widest)
        lost, rest, hit = address(scores, 0), address(scores, PANEL), address(scores, 2 * PANEL)
        samples, moved = address(x[panel], 0), address(some, 0)
        _multiply(theta, 0, sizes[0], sizes[1], samples, address(z0, 0), 0, sizes[0])
        _multiply(along, 0, sizes[0], sizes[1], samples, address(z1, 0), 0, sizes[0])
        if is_plane:
            _multiply(across, 0, sizes[0], sizes[1], samples, address(z2, 0), 0, sizes[0])
        point = 0
        while point < len(a):
            if point == 0 or b[point] != b[point - 1]:
                _moved(address(z0, 0), address(z2, 0), b[point], units, address(base, 0))
                _moved(address(origin, head), address(second, head), b[point], tail, address(row, 0))
            points = 1
            if is_paired and point + 1 < len(a) and b[point] == b[point + 1] and a[point] != 0 and a[point + 1] != 0:
                points = 2
                _moved(address(row, 0), address(first, head), a[point + 1], tail, other)
            _moved(address(row, 0), address(first, head), a[point], tail, here)
            if layers == 1:
                _moved(address(base, 0), address(z1, 0), a[point], units, logits)
            else:
                for begin in range(0, sizes[1], UNITS):
                    count = min(UNITS, sizes[1] - begin)
                    start, step = address(base, begin * PANEL), address(z1, begin * PANEL)
                    size = count * PANEL
                    if points == 2:
                        _both_rectified(start, step, a[point], a[point + 1], size, hidden, moved, slope)
                        _multiply(other, 0, sizes[1], sizes[2], moved, second_logits, begin, count)
                    elif a[point] == 0 or is_tanh:
                        _moved(start, step, a[point], size, moved)
                        _activate(moved, size, hidden, is_tanh, slope)
                    else:
                        _moved_rectified(start, step, a[point], size, hidden, slope)
                    _multiply(here, 0, sizes[1], sizes[2], hidden, logits, begin, count)
            for each in range(points):
                _deeper(
                    here if each == 0 else other, sizes, hidden, logits if each == 0 else second_logits, is_tanh, slope
                )
                _score(logits if each == 0 else second_logits, classes, address(labels, panel * PANEL), lost, rest, hit)
                loss, right = _summed(lost, rest, hit, filled[panel])
                losses[point + each] += loss
                hits[point + each] += right
            point += points
