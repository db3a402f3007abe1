# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
"""Compiled passes through a dense net that leave behind what Hessian products need, and those products.

Parameters lie in one vector, weight (row-major) then bias if any, layer by layer. Samples lie in the last axis, a block
of ``LANES`` of them at a time, zero-padded; a block is contiguous, so that its whole work stays in cache. Arithmetic is
that of the arrays given, single or double; gradients are summed over the blocks in double. Nothing assumes finite
numbers, and the GIL is free. Any stretch of the blocks can be passed alone, so that two threads share them.
"""

from __future__ import annotations

import numpy as np

from foldscape.curvature.compiled.kernels_tiles import LANES, MATH, add_outer, add_product, add_sums, start
from foldscape.kernel import kernel, part

PIECEWISE, TANH = 0, 1


@part(fastmath=MATH)
def _differentiate(kind, inactive, one, values, slopes, bends, rows):
    """Turn sums into values in place; fill slopes f', and for ``TANH`` bends f'' / f'."""
    for row in range(rows):
        for lane in range(LANES):
            z = values[row, lane]
            if kind == TANH:
                a = np.tanh(z)
                values[row, lane] = a
                slopes[row, lane] = one - a * a
                bends[row, lane] = -(one + one) * a
            else:
                slope = one if z > 0 else inactive
                slopes[row, lane] = slope
                values[row, lane] = slope * z


@part(fastmath=MATH)
def _softmax(logits, classes, labels, filled, share, odds, deltas, spread):
    """Fill the loss derivative by the logits, times share, and the class chances; give the summed loss.

    The odds are scratch of shape (2, LANES).
    """
    top, sums = odds[0], odds[1]
    for lane in range(filled):
        top[lane] = logits[0, lane]
        sums[lane] = 0
    for k in range(1, classes):
        for lane in range(filled):
            top[lane] = max(top[lane], logits[k, lane])
    for k in range(classes):
        for lane in range(filled):
            spread[k, lane] = np.exp(logits[k, lane] - top[lane])
            sums[lane] += spread[k, lane]
    for k in range(classes):
        for lane in range(filled):
            spread[k, lane] /= sums[lane]
            deltas[k, lane] = share * spread[k, lane]
    total = 0.0
    for lane in range(filled):
        label = labels[lane]
        deltas[label, lane] = share * (spread[label, lane] - 1)
        total += top[lane] + np.log(sums[lane]) - logits[label, lane]
    return total


@part(fastmath=MATH)
def _logistic(logits, labels, filled, share, deltas, spread):
    """The same for a single output and labels 0 and 1; the spread is the variance of the label."""
    total = 0.0
    for lane in range(filled):
        z = logits[0, lane]
        chance = 0.5 * (1 + np.tanh(0.5 * z))
        spread[0, lane] = chance * (1 - chance)
        deltas[0, lane] = share * (chance - labels[lane])
        total += max(z, 0.0) + np.log1p(np.exp(-abs(z))) - labels[lane] * z
    return total


@kernel(fastmath=MATH)
def linearise(theta, sizes, biased, kind, inactive, x, labels, samples, values, slopes, bends, deltas, spread):
    """Run forward and backward once, and keep the pass.

    Args:
        theta: (P,) parameters; their type is the arithmetic.
        sizes: (L + 1,) inputs, widths of the hidden layers, outputs.
        biased: (L,) whether each layer has a bias.
        kind: ``PIECEWISE`` or ``TANH``.
        inactive: Slope of a piecewise linear activation at sums of 0 and below.
        x: (blocks, inputs, LANES) samples, padded with zeros.
        labels: Their classes, one for each sample that is no padding.
        samples: Number of samples N that the loss is the mean over; these blocks may hold some of them only.
        values: (blocks, hidden units, LANES), filled with the hidden values, layer after layer.
        slopes: The same shape, filled with f'.
        bends: The same shape for ``TANH`` (else empty), filled with f'' / f' times the loss derivative by f.
        deltas: (blocks, hidden units + outputs, LANES), filled with the mean loss's derivative by every sum.
        spread: (blocks, outputs, LANES), filled with what the second derivative of the loss needs.

    Returns:
        What these samples add to the mean loss.
    """
    layers, outputs = len(sizes) - 1, sizes[-1]
    zero = np.zeros(1, theta.dtype)[0]
    one = np.ones(1, theta.dtype)[0]
    logits = np.empty((outputs, LANES), theta.dtype)
    pulled = np.empty((sizes.max(), LANES), theta.dtype)
    odds = np.empty((2, LANES), theta.dtype)
    share = one / theta.dtype.type(samples)
    hidden = sizes[1:-1].sum()
    total = 0.0
    for block in range(len(x)):
        filled = max(0, min(LANES, len(labels) - block * LANES))
        offset, unit = 0, 0
        source = x[block]
        for layer in range(layers):
            fan_in, fan_out = sizes[layer], sizes[layer + 1]
            target = logits if layer == layers - 1 else values[block, unit : unit + fan_out]
            start(theta, offset + fan_in * fan_out, fan_out, biased[layer], zero, target)
            add_product(theta, offset, fan_in, 1, fan_out, fan_in, source, target)
            if layer < layers - 1:
                bent = bends[block, unit : unit + fan_out] if kind == TANH else target
                _differentiate(kind, inactive, one, target, slopes[block, unit : unit + fan_out], bent, fan_out)
            offset += fan_out * (fan_in + biased[layer])
            unit += fan_out
            source = target
        error = deltas[block, hidden:]
        here = labels[block * LANES : block * LANES + filled]
        if outputs == 1:
            total += _logistic(logits, here, filled, share, error, spread[block])
        else:
            total += _softmax(logits, outputs, here, filled, share, odds, error, spread[block])
        unit = hidden
        for layer in range(layers - 1, 0, -1):
            fan_in, fan_out = sizes[layer], sizes[layer + 1]
            offset -= fan_out * (fan_in + biased[layer])
            unit -= fan_in
            pulled[:fan_in] = 0
            add_product(theta, offset, 1, fan_in, fan_in, fan_out, error, pulled)
            error = deltas[block, unit : unit + fan_in]
            for row in range(fan_in):
                for lane in range(LANES):
                    error[row, lane] = pulled[row, lane] * slopes[block, unit + row, lane]
                    if kind == TANH:
                        bends[block, unit + row, lane] *= pulled[row, lane]
    return total / samples


@kernel(fastmath=MATH)
def gradient(sizes, biased, x, values, deltas, out):
    """Add the gradient of the mean loss to ``out`` (P,), float64."""
    layers = len(sizes) - 1
    for block in range(len(x)):
        offset, unit = 0, 0
        source = x[block]
        for layer in range(layers):
            fan_in, fan_out = sizes[layer], sizes[layer + 1]
            error = deltas[block, unit : unit + fan_out]
            add_outer(error, source, fan_out, fan_in, out, offset)
            offset += fan_out * fan_in
            if biased[layer]:
                add_sums(error, fan_out, out, offset)
                offset += fan_out
            source = values[block, unit : unit + fan_out]
            unit += fan_out


@part(fastmath=MATH)
def _curve(direction, spread, outputs, scale, out):
    """Fill out (outputs, LANES) with the loss's second derivative by the logits, applied to a direction."""
    if outputs == 1:
        for lane in range(LANES):
            out[0, lane] = scale * spread[0, lane] * direction[0, lane]
        return
    for lane in range(LANES):
        mean = spread[0, lane] * direction[0, lane]
        for k in range(1, outputs):
            mean += spread[k, lane] * direction[k, lane]
        for k in range(outputs):
            out[k, lane] = scale * spread[k, lane] * (direction[k, lane] - mean)


@kernel(fastmath=MATH)
def products(theta, sizes, biased, kind, x, values, slopes, bends, deltas, spread, samples, gauss_newton, vectors, out):
    """Multiply vectors by the Hessian of the mean loss: Pearlmutter's R-operator, block by block.

    Args:
        theta: (P,) parameters.
        sizes: As ``linearise`` takes it; so are biased, kind and x.
        biased: Likewise.
        kind: Likewise.
        x: Likewise.
        values: What ``linearise`` kept; so are slopes, bends, deltas and spread.
        slopes: Likewise.
        bends: Likewise.
        deltas: Likewise.
        spread: Likewise.
        samples: Number of samples N.
        gauss_newton: Whether to leave out how the net itself bends, which gives the Gauss-Newton matrix.
        vectors: (V, P) in the type of theta.
        out: (V, P) float64, zeros; filled with the products.
    """
    layers, outputs = len(sizes) - 1, sizes[-1]
    hidden = sizes[1:-1].sum()
    zero = np.zeros(1, theta.dtype)[0]
    scale = np.ones(1, theta.dtype)[0] / theta.dtype.type(samples)
    moved = np.empty((max(hidden, 1), LANES), theta.dtype)
    ahead = np.empty((outputs, LANES), theta.dtype)
    error = np.empty((sizes.max(), LANES), theta.dtype)
    before = np.empty((sizes.max(), LANES), theta.dtype)
    for block in range(len(x)):
        for v in range(len(vectors)):
            vector = vectors[v]
            offset, unit = 0, 0
            for layer in range(layers):
                fan_in, fan_out = sizes[layer], sizes[layer + 1]
                target = ahead if layer == layers - 1 else moved[unit : unit + fan_out]
                source = x[block] if layer == 0 else values[block, unit - fan_in : unit]
                start(vector, offset + fan_in * fan_out, fan_out, biased[layer], zero, target)
                add_product(vector, offset, fan_in, 1, fan_out, fan_in, source, target)
                if layer > 0:
                    add_product(theta, offset, fan_in, 1, fan_out, fan_in, moved[unit - fan_in : unit], target)
                if layer < layers - 1:
                    for row in range(fan_out):
                        for lane in range(LANES):
                            target[row, lane] *= slopes[block, unit + row, lane]
                offset += fan_out * (fan_in + biased[layer])
                unit += fan_out
            _curve(ahead, spread[block], outputs, scale, error)
            unit = hidden
            for layer in range(layers - 1, -1, -1):
                fan_in, fan_out = sizes[layer], sizes[layer + 1]
                offset -= fan_out * (fan_in + biased[layer])
                source = x[block] if layer == 0 else values[block, unit - fan_in : unit]
                add_outer(error, source, fan_out, fan_in, out[v], offset)
                if biased[layer]:
                    add_sums(error, fan_out, out[v], offset + fan_in * fan_out)
                if layer == 0:
                    break
                below = moved[unit - fan_in : unit]
                before[:fan_in] = 0
                add_product(theta, offset, 1, fan_in, fan_in, fan_out, error, before)
                if not gauss_newton:
                    delta = deltas[block, unit : unit + fan_out]
                    add_outer(delta, below, fan_out, fan_in, out[v], offset)
                    add_product(vector, offset, 1, fan_in, fan_in, fan_out, delta, before)
                unit -= fan_in
                for row in range(fan_in):
                    for lane in range(LANES):
                        before[row, lane] *= slopes[block, unit + row, lane]
                        if kind == TANH and not gauss_newton:
                            before[row, lane] += bends[block, unit + row, lane] * below[row, lane]
                error, before = before, error
