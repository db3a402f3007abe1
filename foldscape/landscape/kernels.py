# mypy: allow-untyped-decorators
"""Compiled losses of a dense net at many points of a plane through its parameters.

A point is origin + a first + b second. The first layer's pre-activations are affine in (a, b): they are worked out
once for each panel of samples and combined at every point, so what is left to compute is the layers after it.

Samples lie ``PANEL`` to a panel, eight to a vector, and a panel's arrays stay in cache while all points pass over it.
Two units by four vectors are summed in registers at a time, which is what keeps the multipliers busy.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from foldscape import engine
from foldscape.engine.kernels_functions import exp, tanh
from foldscape.engine.kernels_lanes import (
    LANES,
    Place,
    address,
    fill,
    fma,
    get,
    if_equal,
    if_less,
    jit,
    load,
    spread,
    store,
)
from foldscape.kernel import kernel

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

PANEL = 32
"""Samples in a panel."""
_TILE = 4 * LANES
F4 = np.float32
_ZERO, _ONE = np.float32(0), np.float32(1)


@jit
def _multiply(theta: Place, w: int, fan_in: int, fan_out: int, source: Place, target: Place) -> None:
    """Set target (fan_out, PANEL) to weight times source (fan_in, PANEL) plus bias; parameters start at ``w``."""
    biases = w + fan_in * fan_out
    even = fan_out - fan_out % 2
    for o in range(0, even, 2):
        row = w + o * fan_in
        for at in range(0, PANEL, _TILE):
            a0 = spread(theta, biases + o)
            b0 = spread(theta, biases + o + 1)
            a1, a2, a3, b1, b2, b3 = a0, a0, a0, b0, b0, b0
            for i in range(fan_in):
                here = i * PANEL + at
                wa, wb = spread(theta, row + i), spread(theta, row + fan_in + i)
                s = load(source, here)
                a0, b0 = fma(wa, s, a0), fma(wb, s, b0)
                s = load(source, here + LANES)
                a1, b1 = fma(wa, s, a1), fma(wb, s, b1)
                s = load(source, here + 2 * LANES)
                a2, b2 = fma(wa, s, a2), fma(wb, s, b2)
                s = load(source, here + 3 * LANES)
                a3, b3 = fma(wa, s, a3), fma(wb, s, b3)
            place = o * PANEL + at
            store(target, place, a0)
            store(target, place + LANES, a1)
            store(target, place + 2 * LANES, a2)
            store(target, place + 3 * LANES, a3)
            store(target, place + PANEL, b0)
            store(target, place + PANEL + LANES, b1)
            store(target, place + PANEL + 2 * LANES, b2)
            store(target, place + PANEL + 3 * LANES, b3)
    for o in range(even, fan_out):
        for at in range(0, PANEL, LANES):
            z = spread(theta, biases + o)
            for i in range(fan_in):
                z = fma(spread(theta, w + o * fan_in + i), load(source, i * PANEL + at), z)
            store(target, o * PANEL + at, z)


@jit
def _moved(base: Place, step: Place, t: float, size: int, target: Place) -> None:
    """Set target to base + t step, entry by entry; where t is 0 the step is not read."""
    factor = fill(t)
    if t == 0:
        for at in range(0, size, LANES):
            store(target, at, load(base, at))
    else:
        for at in range(0, size, LANES):
            store(target, at, fma(factor, load(step, at), load(base, at)))


@jit
def _activate(values: Place, size: int, target: Place, is_tanh: bool, slope: float) -> None:
    """Set target, not ``values``: in place it would compile to masked stores, which cost tenfold."""
    below = fill(slope)
    if is_tanh:
        for at in range(0, size, LANES):
            store(target, at, tanh(load(values, at)))
    else:
        for at in range(0, size, LANES):
            z = load(values, at)
            store(target, at, if_less(z, below * z, below * z, z))


@jit
def _moved_rectified(base: Place, step: Place, t: float, size: int, target: Place, slope: float) -> None:
    """Set target to the leaky ReLU of base + t step: most of the work of a narrow net, so in one pass."""
    factor, below = fill(t), fill(slope)
    for at in range(0, size, LANES):
        z = fma(factor, load(step, at), load(base, at))
        store(target, at, if_less(z, below * z, below * z, z))


@jit
def _score(logits: Place, classes: int, labels: Place, lost: Place, rest: Place, hit: Place) -> None:
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


@jit
def _summed(lost: Place, rest: Place, hit: Place, filled: int) -> tuple[float, int]:
    """Sum a panel's losses in double precision, with one logarithm for all; count the hits."""
    total, product, right = 0.0, 1.0, 0
    for lane in range(filled):
        total += get(lost, lane)
        product *= 1.0 + np.float64(get(rest, lane))
        right += int(get(hit, lane))
    return total + np.log(product), right


@kernel(reads=(engine,))
def plane_sums(
    origin: Floats, first: Floats, second: Floats, sizes: Integers, is_tanh: bool, slope: np.float32,
    x: Floats, y: Floats, filled: Integers, a: Floats, b: Floats, losses: Doubles, hits: Integers,
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
    row, here = np.empty(tail + LANES, F4), np.empty(tail + LANES, F4)
    work = np.empty(2 * widest, F4)
    scores, labels = np.empty(3 * PANEL, F4), y.reshape(-1)
    theta, along, across = address(origin, 0), address(first, 0), address(second, 0)
    is_plane = (b != 0).any()
    for panel in range(len(x)):
        # Taken anew each time: an array whose last mention is before a loop is freed before it.
        hidden, logits = address(work, 0), address(work, widest)
        lost, rest, hit = address(scores, 0), address(scores, PANEL), address(scores, 2 * PANEL)
        samples = address(x[panel], 0)
        _multiply(theta, 0, sizes[0], sizes[1], samples, address(z0, 0))
        _multiply(along, 0, sizes[0], sizes[1], samples, address(z1, 0))
        if is_plane:
            _multiply(across, 0, sizes[0], sizes[1], samples, address(z2, 0))
        for point in range(len(a)):
            if point == 0 or b[point] != b[point - 1]:
                _moved(address(z0, 0), address(z2, 0), b[point], units, address(base, 0))
                _moved(address(origin, head), address(second, head), b[point], tail, address(row, 0))
            _moved(address(row, 0), address(first, head), a[point], tail, address(here, 0))
            if a[point] == 0 or is_tanh or layers == 1:
                _moved(address(base, 0), address(z1, 0), a[point], units, logits)
                _activate(logits, units, hidden, is_tanh, slope)
            else:
                _moved_rectified(address(base, 0), address(z1, 0), a[point], units, hidden, slope)
            offset = 0
            for layer in range(1, layers):
                if layer > 1:
                    _activate(logits, sizes[layer] * PANEL, hidden, is_tanh, slope)
                _multiply(address(here, 0), offset, sizes[layer], sizes[layer + 1], hidden, logits)
                offset += sizes[layer + 1] * (sizes[layer] + 1)
            _score(logits, classes, address(labels, panel * PANEL), lost, rest, hit)
            loss, right = _summed(lost, rest, hit, filled[panel])
            losses[point] += loss
            hits[point] += right
