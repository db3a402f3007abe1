# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
"""Compiled sums over the gradients of single samples, and over the diagonal of the Hessian.

The arrays are those that ``kernels.linearise`` keeps. The gradient of a sample is never written out: a layer's part of
it is the product of N times its kept derivative and its inputs.
"""

from __future__ import annotations

import numpy as np

from foldscape.curvature.compiled.kernels import TANH
from foldscape.curvature.compiled.kernels_tiles import LANES, MATH, add_outer, add_product, add_sums, start
from foldscape.kernel import kernel, part


@kernel(fastmath=MATH)
def slopes_along(sizes, biased, x, values, deltas, vectors, out):
    """Fill out (V, N) with the slope of every sample's loss along vectors (V, P)."""
    layers, samples = len(sizes) - 1, out.shape[1]
    zero = np.zeros(1, x.dtype)[0]
    moved = np.empty((sizes.max(), LANES), x.dtype)
    total = np.empty(LANES, x.dtype)
    for block in range(len(x)):
        for v in range(len(vectors)):
            offset, unit = 0, 0
            source = x[block]
            total[:] = 0
            for layer in range(layers):
                fan_in, fan_out = sizes[layer], sizes[layer + 1]
                start(vectors[v], offset + fan_in * fan_out, fan_out, biased[layer], zero, moved)
                add_product(vectors[v], offset, fan_in, 1, fan_out, fan_in, source, moved)
                for row in range(fan_out):
                    for lane in range(LANES):
                        total[lane] += deltas[block, unit + row, lane] * moved[row, lane]
                source = values[block, unit : unit + fan_out]
                offset += fan_out * (fan_in + biased[layer])
                unit += fan_out
            for lane in range(min(LANES, samples - block * LANES)):
                out[v, block * LANES + lane] = samples * total[lane]


@kernel(fastmath=MATH)
def weighted_gradients(sizes, biased, x, values, deltas, weights, out):
    """Add to out (V, P), float64, the sums of the samples' gradients with weights (V, N)."""
    layers, samples = len(sizes) - 1, weights.shape[1]
    error = np.empty((sizes.max(), LANES), x.dtype)
    share = np.zeros(LANES, x.dtype)
    for block in range(len(x)):
        first, filled = block * LANES, min(LANES, samples - block * LANES)
        for v in range(len(weights)):
            share[:] = 0
            some = False
            for lane in range(filled):
                share[lane] = samples * weights[v, first + lane]
                some = some or share[lane] != 0
            if not some:
                continue
            offset, unit = 0, 0
            source = x[block]
            for layer in range(layers):
                fan_in, fan_out = sizes[layer], sizes[layer + 1]
                for row in range(fan_out):
                    for lane in range(LANES):
                        error[row, lane] = deltas[block, unit + row, lane] * share[lane]
                add_outer(error, source, fan_out, fan_in, out[v], offset)
                offset += fan_out * fan_in
                if biased[layer]:
                    add_sums(error, fan_out, out[v], offset)
                    offset += fan_out
                source = values[block, unit : unit + fan_out]
                unit += fan_out


@part(fastmath=MATH)
def _squared(source, rows, biased, out):
    """Fill out (LANES,) with the squared norm of a layer's inputs, the one of the bias included."""
    out[:] = 1 if biased else 0
    for row in range(rows):
        for lane in range(LANES):
            out[lane] += source[row, lane] * source[row, lane]


@kernel(fastmath=MATH)
def squared_norms(sizes, biased, x, values, deltas, out):
    """Fill out (N,) with the squared norm of every sample's gradient."""
    layers, samples = len(sizes) - 1, len(out)
    below, above = np.empty(LANES, x.dtype), np.empty(LANES, x.dtype)
    for block in range(len(x)):
        first, filled = block * LANES, min(LANES, samples - block * LANES)
        source, unit = x[block], 0
        for lane in range(filled):
            out[first + lane] = 0
        for layer in range(layers):
            fan_in, fan_out = sizes[layer], sizes[layer + 1]
            _squared(source, fan_in, biased[layer], below)
            _squared(deltas[block, unit : unit + fan_out], fan_out, False, above)
            for lane in range(filled):
                out[first + lane] += float(samples) * samples * below[lane] * above[lane]
            source = values[block, unit : unit + fan_out]
            unit += fan_out


@part(fastmath=MATH)
def _root_column(spread, outputs, column, tails, out):
    """Fill out (outputs, LANES) with a column of the Cholesky root of the loss's second derivative by the logits.

    That is diag(p) - p p^T, or the variance of the label for a single output. Tails (LANES,) hold the chances from this
    class on, and are moved to the next.
    """
    for lane in range(LANES):
        if outputs == 1:
            out[0, lane] = np.sqrt(spread[0, lane])
            continue
        p = spread[column, lane]
        left = max(tails[lane] - p, tails[lane] * 0)
        for k in range(column):
            out[k, lane] = 0
        good = p > 0 and left > 0
        out[column, lane] = np.sqrt(p * left / tails[lane]) if good else 0
        factor = -np.sqrt(p / (tails[lane] * left)) if good else 0
        for k in range(column + 1, outputs):
            out[k, lane] = factor * spread[k, lane]
        tails[lane] = left


@part(fastmath=MATH)
def _carry_down(theta, offsets, sizes, slopes, units, vector, weight, top, scratch, seconds):
    """Pull a vector at the sums of layer ``top`` down, adding weight times its squares to every layer's seconds."""
    here, there = vector, scratch
    for layer in range(top, 0, -1):
        fan_in, fan_out = sizes[layer], sizes[layer + 1]
        there[:fan_in] = 0
        add_product(theta, offsets[layer], 1, fan_in, fan_in, fan_out, here, there)
        unit = units[layer - 1]
        for row in range(fan_in):
            for lane in range(LANES):
                there[row, lane] *= slopes[unit + row, lane]
                seconds[unit + row, lane] += weight[lane] * there[row, lane] * there[row, lane]
        here, there = there, here


@part(fastmath=MATH)
def _output_seconds(spread, outputs, scale, unit, seconds):
    """Fill the last layer's seconds: the diagonal of the loss's second derivative by the logits."""
    for k in range(outputs):
        for lane in range(LANES):
            p = spread[k, lane]
            seconds[unit + k, lane] = scale * (p if outputs == 1 else p * (1 - p))


@part(fastmath=MATH)
def _below_output(theta, squared_theta, offset, fan_in, outputs, spread, slopes, scale, squares, means, seconds):
    """Fill the seconds of the last hidden layer: the variance of its outgoing weights under the class chances."""
    squares[:fan_in] = 0
    means[:fan_in] = 0
    add_product(theta, offset, 1, fan_in, fan_in, outputs, spread, means)
    add_product(squared_theta, offset, 1, fan_in, fan_in, outputs, spread, squares)
    for row in range(fan_in):
        for lane in range(LANES):
            spent = 0 * scale if outputs == 1 else means[row, lane] * means[row, lane]
            slope = slopes[row, lane]
            seconds[row, lane] = scale * slope * slope * max(squares[row, lane] - spent, 0 * scale)


@kernel(fastmath=MATH)
def second_sums(theta, sizes, biased, kind, x, values, slopes, bends, spread, samples, gauss_newton, traces, diagonal):
    """Sum the diagonal of the Hessian, or of its Gauss-Newton part; for piecewise linear nets they are the same.

    The second derivative of the loss by a layer's sums is a sum of squares of vectors pulled down from the output (one
    a class but one), and for ``TANH`` of vectors pulled down from every unit above, weighted by how it bends.

    What weights and biases of each layer contribute is added to traces (2 L,), and the diagonal itself to ``diagonal``
    (P,) unless that is empty. The other arguments are those of ``kernels.products``.
    """
    layers, outputs = len(sizes) - 1, sizes[-1]
    hidden = sizes[1:-1].sum()
    units, offsets = np.zeros(layers, np.int64), np.zeros(layers + 1, np.int64)
    for layer in range(layers):
        offsets[layer + 1] = offsets[layer] + sizes[layer + 1] * (sizes[layer] + biased[layer])
        units[layer] = sizes[1 : layer + 1].sum()
    zero = np.zeros(1, x.dtype)[0]
    scale = np.ones(1, x.dtype)[0] / x.dtype.type(samples)
    seconds = np.empty((hidden + outputs, LANES), x.dtype)
    vector, scratch = np.empty((sizes.max(), LANES), x.dtype), np.empty((sizes.max(), LANES), x.dtype)
    weight, tails, below = np.empty(LANES, x.dtype), np.empty(LANES, x.dtype), np.empty(LANES, x.dtype)
    squared = np.empty((sizes.max(), LANES), x.dtype)
    squared_theta = theta * theta
    for block in range(len(x)):
        seconds[:] = 0
        _output_seconds(spread[block], outputs, scale, hidden, seconds)
        weight[:] = scale
        tails[:] = 1
        if layers == 2:
            _below_output(
                theta, squared_theta, offsets[1], sizes[1], outputs, spread[block], slopes[block], scale, vector,
                scratch, seconds,
            )  # fmt: skip
        elif layers > 2:
            for column in range(max(outputs - 1, 1)):
                _root_column(spread[block], outputs, column, tails, vector)
                _carry_down(theta, offsets, sizes, slopes[block], units, vector, weight, layers - 1, scratch, seconds)
        if kind == TANH and not gauss_newton:
            for layer in range(layers - 1):
                for row in range(sizes[layer + 1]):
                    unit = units[layer] + row
                    for lane in range(LANES):
                        weight[lane] = bends[block, unit, lane] * slopes[block, unit, lane]
                        seconds[unit, lane] += weight[lane]
                    vector[: sizes[layer + 1]] = 0
                    vector[row] = 1
                    _carry_down(theta, offsets, sizes, slopes[block], units, vector, weight, layer, scratch, seconds)
        source = x[block]
        for layer in range(layers):
            fan_in, fan_out = sizes[layer], sizes[layer + 1]
            here = seconds[units[layer] : units[layer] + fan_out]
            _squared(source, fan_in, False, below)
            for lane in range(LANES):
                total = zero
                for row in range(fan_out):
                    total += here[row, lane]
                traces[2 * layer] += total * below[lane]
                traces[2 * layer + 1] += total if biased[layer] else zero
            if len(diagonal) > 0:
                for row in range(fan_in):
                    for lane in range(LANES):
                        squared[row, lane] = source[row, lane] * source[row, lane]
                add_outer(here, squared, fan_out, fan_in, diagonal, offsets[layer])
                if biased[layer]:
                    add_sums(here, fan_out, diagonal, offsets[layer] + fan_in * fan_out)
            source = values[block, units[layer] : units[layer] + fan_out]
