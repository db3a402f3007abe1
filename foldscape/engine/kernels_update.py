# mypy: allow-untyped-decorators
"""Compiled optimisers: one update of the flat parameters from their gradient.

``state`` holds a row each for the flat parameters, their gradient, what the optimiser remembers of it, and Adam's bias
corrections; rows are padded to whole vectors. Rows beyond these are the sharpest directions, orthonormal. ``rates``
holds the numbers that may change from update to update, and behind them each direction's factor less 1.
"""

from __future__ import annotations

import numpy as np

from foldscape.arrays import Float32Array, Float64Array
from foldscape.engine.kernels_lanes import LANES, Pointer, address, fill, fma, get, load, put, sqrt, store, total
from foldscape.kernel import part

THETA, GRADIENT, FIRST, SECOND, AGE, SCALE_FIRST, SCALE_SECOND = range(7)
ROWS = 7
SGD, MOMENTUM, NESTEROV, ADAM, NUDGED_VELOCITY = range(5)
LR, WEIGHT_DECAY, KEPT, BETA1, BETA2, EPSILON, SLOPE = range(7)
RATES = 7

RULES = {
    "descent": SGD,
    "momentum": MOMENTUM,
    "nesterov": NESTEROV,
    "adam": ADAM,
    "nudged_velocity": NUDGED_VELOCITY,
}
"""The updates, by the names that optimisers know them by."""
RATE_OF = {"kept": KEPT, "beta1": BETA1, "beta2": BETA2, "epsilon": EPSILON}
"""The rates that belong to an optimiser."""
ROW_OF = {"first": FIRST, "second": SECOND, "age": AGE}
"""The rows that an optimiser remembers."""


@part
def clear(gradient: Pointer, width: int) -> None:
    """Set the gradient to zero."""
    for p in range(0, width, LANES):
        store(gradient, p, fill(np.float32(0)))


@part
def add_decay(theta: Pointer, gradient: Pointer, width: int, decay: float) -> None:
    """Add its share of each parameter to its gradient."""
    share = fill(decay)
    for p in range(0, width, LANES):
        store(gradient, p, fma(share, load(theta, p), load(gradient, p)))


@part
def descend(
    theta: Pointer, gradient: Pointer, velocity: Pointer, width: int, rule: int, lr: float, momentum: float
) -> None:  # fmt: skip
    """Update by plain gradient descent, with momentum, or with Nesterov's."""
    rate, kept = fill(-lr), fill(momentum)
    for p in range(0, width, LANES):
        direction = load(gradient, p)
        if rule != SGD:
            speed = fma(kept, load(velocity, p), direction)
            store(velocity, p, speed)
            direction = fma(kept, speed, direction) if rule == NESTEROV else speed
        store(theta, p, fma(rate, direction, load(theta, p)))


@part
def accelerate(gradient: Pointer, velocity: Pointer, width: int, momentum: float) -> None:
    """Take the gradient into the velocity, and let that stand for it."""
    kept = fill(momentum)
    for p in range(0, width, LANES):
        speed = fma(kept, load(velocity, p), load(gradient, p))
        store(velocity, p, speed)
        store(gradient, p, speed)


@part
def stretch_along(gradient: Pointer, direction: Pointer, width: int, more: float) -> None:
    """Add so many times its own part along a unit direction to the gradient."""
    zero = fill(np.float32(0))
    a, b, c, d = zero, zero, zero, zero
    whole = width - width % (4 * LANES)
    for p in range(0, whole, 4 * LANES):
        a = fma(load(gradient, p), load(direction, p), a)
        b = fma(load(gradient, p + LANES), load(direction, p + LANES), b)
        c = fma(load(gradient, p + 2 * LANES), load(direction, p + 2 * LANES), c)
        d = fma(load(gradient, p + 3 * LANES), load(direction, p + 3 * LANES), d)
    for p in range(whole, width, LANES):
        a = fma(load(gradient, p), load(direction, p), a)
    added = fill(np.float32(more * total((a + b) + (c + d))))
    for p in range(0, width, LANES):
        store(gradient, p, fma(added, load(direction, p), load(gradient, p)))


@part
def scale_at(table: Pointer, end: int, beta: float, age: float) -> np.float32:
    """Give 1 / (1 - beta**age), from a table of ``end`` entries as far as it goes."""
    updates = int(age)
    if updates < end:
        return np.float32(get(table, updates))
    if get(table, end - 1) == 1:
        return np.float32(1)
    return np.float32(1 / (1 - np.float32(np.float64(np.float32(beta)) ** np.float64(age))))


@part
def grow_older(age: Pointer, width: int) -> None:
    """Count an update for every entry."""
    one = fill(np.float32(1))
    for p in range(0, width, LANES):
        store(age, p, load(age, p) + one)


@part
def look_up(table: Pointer, end: int, beta: float, age: Pointer, width: int, scales: Pointer) -> None:
    """Set each entry's bias correction from its age."""
    for p in range(width):
        put(scales, p, scale_at(table, end, beta, get(age, p)))


@part
def adam(
    state: Pointer, width: int, scale_first: float, scale_second: float, same_age: bool, rates: Float64Array
) -> None:
    """Update by Adam; the two bias corrections are the same for all entries of the same age, or one an entry."""
    scale1, scale2 = fill(scale_first), fill(scale_second)
    new1, kept2, new2 = fill(1 - rates[BETA1]), fill(rates[BETA2]), fill(1 - rates[BETA2])
    rate, least = fill(-rates[LR]), fill(rates[EPSILON])
    for p in range(0, width, LANES):
        if not same_age:
            scale1, scale2 = load(state, p + SCALE_FIRST * width), load(state, p + SCALE_SECOND * width)
        g, mean = load(state, p + GRADIENT * width), load(state, p + FIRST * width)
        mean = fma(new1, g - mean, mean)
        square = fma(new2, g * g, kept2 * load(state, p + SECOND * width))
        store(state, p + FIRST * width, mean)
        store(state, p + SECOND * width, square)
        step = (mean * scale1) / (sqrt(square * scale2) + least)
        store(state, p + THETA * width, fma(rate, step, load(state, p + THETA * width)))


@part(inline="always")
def update(state: Float32Array, table: Float32Array, rule: int, same_age: bool, rates: Float64Array) -> None:
    """Do one update by the gradient that lies in its row of the state."""
    width, entries = state.shape[1], table.shape[1]
    theta, gradient = address(state, THETA * width), address(state, GRADIENT * width)
    if rates[WEIGHT_DECAY] != 0:
        add_decay(theta, gradient, width, rates[WEIGHT_DECAY])
    if rule == NUDGED_VELOCITY:
        accelerate(gradient, address(state, FIRST * width), width, rates[KEPT])
        rule = SGD
    for row in range(ROWS, len(state)):
        if rates[RATES + row - ROWS] != 0:
            stretch_along(gradient, address(state, row * width), width, rates[RATES + row - ROWS])
    if rule != ADAM:
        descend(theta, gradient, address(state, FIRST * width), width, rule, rates[LR], rates[KEPT])
    else:
        age, corrections, square_corrections = address(state, AGE * width), address(table, 0), address(table, entries)
        grow_older(age, width)
        if not same_age:
            look_up(corrections, entries, rates[BETA1], age, width, address(state, SCALE_FIRST * width))
            look_up(square_corrections, entries, rates[BETA2], age, width, address(state, SCALE_SECOND * width))
        scale = scale_at(corrections, entries, rates[BETA1], get(age, 0))
        square_scale = scale_at(square_corrections, entries, rates[BETA2], get(age, 0))
        adam(theta, width, scale, square_scale, same_age, rates)
