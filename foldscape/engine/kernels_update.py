# mypy: allow-untyped-decorators
"""Compiled optimisers: one update of the flat parameters from their gradient.

``state`` holds a row each for the flat parameters, their gradient, what the optimiser remembers of it, and Adam's bias
corrections; rows are padded to whole vectors. ``rates`` holds the numbers that may change from call to call.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from foldscape.engine.kernels_lanes import LANES, fill, fma, jit, load, sqrt, store

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

THETA, GRADIENT, FIRST, SECOND, AGE, SCALE_FIRST, SCALE_SECOND = range(7)
ROWS = 7
SGD, MOMENTUM, NESTEROV, ADAM = range(4)
LR, WEIGHT_DECAY, KEPT, BETA1, BETA2, EPSILON, SLOPE = range(7)
RATES = 7


@jit
def add_decay(theta: Floats, gradient: Floats, decay: float) -> None:
    """Add its share of each parameter to its gradient."""
    share = fill(decay)
    for p in range(0, len(theta), LANES):
        store(gradient, p, fma(share, load(theta, p), load(gradient, p)))


@jit
def follow(theta: Floats, gradient: Floats, velocity: Floats, rule: int, lr: float, momentum: float) -> None:
    """Update by plain gradient descent, with momentum, or with Nesterov's."""
    rate, kept = fill(-lr), fill(momentum)
    for p in range(0, len(theta), LANES):
        direction = load(gradient, p)
        if rule != SGD:
            speed = fma(kept, load(velocity, p), direction)
            store(velocity, p, speed)
            direction = fma(kept, speed, direction) if rule == NESTEROV else speed
        store(theta, p, fma(rate, direction, load(theta, p)))


@jit
def scale_at(table: Floats, row: int, beta: float, age: float) -> np.float32:
    """Give 1 / (1 - beta**age), from the table as far as it goes."""
    updates, end = int(age), table.shape[1]
    if updates < end:
        return np.float32(table[row, updates])
    if table[row, end - 1] == 1:
        return np.float32(1)
    return np.float32(1 / (1 - np.float32(np.float64(np.float32(beta)) ** np.float64(age))))


@jit
def adam(state: Floats, table: Floats, parameters: int, same_age: bool, rates: Doubles) -> None:
    """Update by Adam, with a bias correction of its own for every entry."""
    theta, gradient, first, second, age = state[THETA], state[GRADIENT], state[FIRST], state[SECOND], state[AGE]
    scales_first, scales_second = state[SCALE_FIRST], state[SCALE_SECOND]
    lr, beta1, beta2, epsilon = rates[LR], rates[BETA1], rates[BETA2], rates[EPSILON]
    one = fill(np.float32(1))
    for p in range(0, len(theta), LANES):
        store(age, p, load(age, p) + one)
    scale1 = fill(scale_at(table, 0, beta1, age[0]))
    scale2 = fill(scale_at(table, 1, beta2, age[0]))
    if not same_age:
        for p in range(parameters):
            scales_first[p] = scale_at(table, 0, beta1, age[p])
            scales_second[p] = scale_at(table, 1, beta2, age[p])
    rate, new1, kept2, new2, least = fill(-lr), fill(1 - beta1), fill(beta2), fill(1 - beta2), fill(epsilon)
    for p in range(0, len(theta), LANES):
        if not same_age:
            scale1, scale2 = load(scales_first, p), load(scales_second, p)
        g, mean = load(gradient, p), load(first, p)
        mean = fma(new1, g - mean, mean)
        square = fma(new2, g * g, kept2 * load(second, p))
        store(first, p, mean)
        store(second, p, square)
        store(theta, p, fma(rate, (mean * scale1) / (sqrt(square * scale2) + least), load(theta, p)))
