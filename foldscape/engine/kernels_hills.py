# mypy: allow-untyped-decorators
"""Compiled hills: what each adds to the gradient, in two passes over the parameters in which distance is measured.

``tops`` has a row a hill, shaped like the flat parameters; ``spans`` says from where to where distance is measured;
``hills`` holds strength, twice the squared width and the kernel of each.
"""

from __future__ import annotations

import math

import numpy as np

from foldscape.arrays import Float32Array, Float64Array, Int64Array
from foldscape.engine.kernels_lanes import LANES, Pointer, add_at, address, fill, fma, get, load, store, total
from foldscape.engine.kernels_update import GRADIENT, THETA
from foldscape.kernel import part

STRENGTH, TWICE_SQUARED_WIDTH, KERNEL = range(3)
COLUMNS = 3
RBF, INVERSE, L2 = range(3)
KERNELS = {"rbf": RBF, "inverse": INVERSE, "l2": L2}
"""The shapes, by the names that terms know them by."""


@part
def squared_distance(theta: Pointer, top: Pointer, start: int, end: int) -> float:
    """Sum the squared differences from start to end: four vectors at a time, then what is left."""
    zero = fill(np.float32(0))
    s0, s1, s2, s3 = zero, zero, zero, zero
    whole = start + (end - start) // (4 * LANES) * (4 * LANES)
    for p in range(start, whole, 4 * LANES):
        a0, a1 = load(theta, p) - load(top, p), load(theta, p + LANES) - load(top, p + LANES)
        a2 = load(theta, p + 2 * LANES) - load(top, p + 2 * LANES)
        a3 = load(theta, p + 3 * LANES) - load(top, p + 3 * LANES)
        s0, s1, s2, s3 = fma(a0, a0, s0), fma(a1, a1, s1), fma(a2, a2, s2), fma(a3, a3, s3)
    found = np.float64(total((s0 + s1) + (s2 + s3)))
    for p in range(whole, end):
        apart = np.float64(get(theta, p)) - np.float64(get(top, p))
        found += apart * apart
    return found


@part
def push_away(theta: Pointer, top: Pointer, gradient: Pointer, start: int, end: int, push: float) -> None:
    """Add so many times the way from the top to the gradient, from start to end."""
    share = fill(push)
    whole = start + (end - start) // LANES * LANES
    for p in range(start, whole, LANES):
        store(gradient, p, fma(share, load(theta, p) - load(top, p), load(gradient, p)))
    for p in range(whole, end):
        add_at(gradient, p, np.float32(push) * (get(theta, p) - get(top, p)))


@part
def push_of(hill: Float64Array, squared: float) -> float:
    """Give twice the derivative of a hill by the squared distance."""
    if hill[KERNEL] == L2:
        return float(-2 * hill[STRENGTH])
    share = squared / hill[TWICE_SQUARED_WIDTH]
    slope = math.exp(-share) if hill[KERNEL] == RBF else 1 / ((1 + share) * (1 + share))
    return float(-2 * hill[STRENGTH] * slope / hill[TWICE_SQUARED_WIDTH])


@part
def add_hills(state: Float32Array, tops: Float32Array, spans: Int64Array, hills: Float64Array) -> None:
    """Add the gradient of every hill to that which lies in its row of the state."""
    width = state.shape[1]
    theta, gradient = address(state, THETA * width), address(state, GRADIENT * width)
    for c in range(len(hills)):
        top, squared = address(tops, c * width), 0.0
        for s in range(len(spans)):
            squared += squared_distance(theta, top, spans[s, 0], spans[s, 1])
        push = push_of(hills[c], squared)
        for s in range(len(spans)):
            push_away(theta, top, gradient, spans[s, 0], spans[s, 1], push)
