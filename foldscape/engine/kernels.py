# mypy: allow-untyped-decorators
"""The compiled kernels that training calls: lay an epoch out, and do many updates.

One kernel serves every shape, activation and optimiser, so that little has to be compiled. Each runs without the GIL
and touches only the arrays it is given. ``work`` holds, in this order: two rows a unit for one panel of samples, two
rows of the samples' shares in the mean (for a whole batch and for the last), and per batch its labels and its points,
(1 + features, lanes).
"""

from __future__ import annotations

from foldscape.arrays import Float32Array, Float64Array, Int64Array
from foldscape.engine.kernels_hills import add_hills
from foldscape.engine.kernels_lanes import LANES, Pointer, address
from foldscape.engine.kernels_layer import activate, add_gradient, carry_back, combine, output_errors
from foldscape.engine.kernels_update import GRADIENT, SLOPE, THETA, clear, update
from foldscape.kernel import kernel, part

PANEL = 128
"""Samples at most that go through the net together, so that their activations stay in the nearest cache."""

FAN_IN, FAN_OUT, WEIGHTS, BIASES, ERRORS, ACTIVATIONS = range(6)
"""Columns of ``plan``, one row a layer: sizes, and where its parts start in ``theta`` and ``work``."""

POINTS, BATCH, FEATURES, BATCH_LANES, ROW, SHARES, EPOCH, RULE, IS_TANH, SAME_AGE = range(10)
"""Entries of ``sizes``. ROW: floats from one unit's row to the next; SHARES, EPOCH: where those start in ``work``."""


@kernel()
def lay_out(x: Float32Array, y: Int64Array, order: Int64Array, sizes: Int64Array, work: Float32Array) -> None:
    """Copy the points in their shuffled order, samples side by side; spare lanes repeat a batch's first point."""
    points, batch, features, lanes = sizes[POINTS], sizes[BATCH], sizes[FEATURES], sizes[BATCH_LANES]
    place = sizes[EPOCH]
    for start in range(0, points, batch):
        for lane in range(lanes):
            within = start + lane
            point = order[within if lane < batch and within < points else start]
            work[place + lane] = y[point]
            for f in range(features):
                work[place + (1 + f) * lanes + lane] = x[point, f]
        place += (1 + features) * lanes


@part(inline="always")
def _add_panel(
    plan: Int64Array, theta: Pointer, gradient: Pointer, work: Pointer, sizes: Int64Array, slope: float,
    points: int, labels: int, shares: int, end: int,
) -> None:  # fmt: skip
    """Take a panel of samples through the net and back, and add its gradient."""
    stride, last = sizes[ROW], len(plan) - 1
    into, step = points, sizes[BATCH_LANES]
    for layer in range(last + 1):
        fan_in, fan_out, errors = plan[layer, FAN_IN], plan[layer, FAN_OUT], plan[layer, ERRORS]
        w, b, act = plan[layer, WEIGHTS], plan[layer, BIASES], plan[layer, ACTIVATIONS]
        combine(theta, w, b, fan_in, fan_out, work, into, step, errors, stride, end)
        if layer < last:
            activate(work, errors, act, fan_out, stride, end, sizes[IS_TANH] != 0, slope)
            into, step = act, stride
    output_errors(work, plan[last, ERRORS], plan[last, FAN_OUT], stride, end, labels, shares)
    for layer in range(last, -1, -1):
        fan_in, fan_out, errors = plan[layer, FAN_IN], plan[layer, FAN_OUT], plan[layer, ERRORS]
        w, b = plan[layer, WEIGHTS], plan[layer, BIASES]
        if layer:
            below = plan[layer - 1, ACTIVATIONS]
            add_gradient(gradient, w, b, fan_in, fan_out, work, below, stride, errors, stride, end)
            carry_back(theta, w, fan_in, fan_out, work, errors, plan[layer - 1, ERRORS], stride, end)
        else:
            add_gradient(gradient, w, b, fan_in, fan_out, work, points, sizes[BATCH_LANES], errors, stride, end)


@kernel()
def train(
    plan: Int64Array,
    state: Float32Array,
    work: Float32Array,
    table: Float32Array,
    sizes: Int64Array,
    rates: Float64Array,
    tops: Float32Array,
    spans: Int64Array,
    hills: Float64Array,
    first: int,
    updates: int,
) -> None:
    """Do so many updates from a batch of the epoch on; ``rates`` has a row for each of them, or one for all."""
    lanes, rule, same_age, width = sizes[BATCH_LANES], sizes[RULE], sizes[SAME_AGE] != 0, state.shape[1]
    theta, gradient, panel = address(state, THETA * width), address(state, GRADIENT * width), address(work, 0)
    for number in range(first, first + updates):
        now = rates[number - first if len(rates) > 1 else 0]
        clear(gradient, width)
        labels = sizes[EPOCH] + number * (1 + sizes[FEATURES]) * lanes
        left = sizes[POINTS] - number * sizes[BATCH]
        shares = sizes[SHARES] + (lanes if left < sizes[BATCH] else 0)
        end = -(-min(left, sizes[BATCH]) // LANES) * LANES
        for at in range(0, end, PANEL):
            points, many = labels + lanes + at, min(PANEL, end - at)
            _add_panel(plan, theta, gradient, panel, sizes, now[SLOPE], points, labels + at, shares + at, many)
        add_hills(state, tops, spans, hills)
        update(state, table, rule, same_age, now)


@kernel()
def train_nets(
    plan: Int64Array, states: Float32Array, work: Float32Array, table: Float32Array, sizes: Int64Array, rates:
    Float64Array, tops: Float32Array, spans: Int64Array, hills: Float64Array,
    x: Float32Array, y: Int64Array, orders: Int64Array, first: int, end: int,
) -> None:  # fmt: skip
    """Train the nets from first to end, one after another; ``orders`` is (nets or 1 for all alike, epochs, points)."""
    batches = -(-sizes[POINTS] // sizes[BATCH])
    nets, epochs = orders.shape[:2]
    for net in range(first, end):
        for epoch in range(epochs):
            if net == first or nets > 1 or epochs > 1:
                lay_out(x, y, orders[net if nets > 1 else 0, epoch], sizes, work)
            train(plan, states[net], work, table, sizes, rates, tops, spans, hills, 0, batches)
