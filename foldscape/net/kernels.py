# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
"""Compiled passes through a small dense net: mean losses at many parameter vectors, and loss with gradient.

Parameters lie in one float64 vector, weight then bias, layer by layer, row-major. Samples lie in the last axis and are
taken ``LANES`` at a time, so that the inner loops are plain vector arithmetic that stays in cache. The kernels release
the GIL: a worker measures many runs at once. Not-a-number and infinity come out as they are.
"""

from __future__ import annotations

import numpy as np

from foldscape.kernel import kernel, part

LANES = 32
RELU, TANH = 0, 1
_MATH = {"contract", "reassoc", "arcp", "nsz"}  # nothing that assumes finite numbers


@part(fastmath=_MATH)
def _layer(theta, offset, fan_in, fan_out, source, target):
    """Fill target (fan_out, LANES) with weight times source (fan_in, LANES) plus bias."""
    for row in range(fan_out):
        bias = theta[offset + fan_out * fan_in + row]
        for lane in range(LANES):
            target[row, lane] = bias
        for column in range(fan_in):
            weight = theta[offset + row * fan_in + column]
            for lane in range(LANES):
                target[row, lane] += weight * source[column, lane]


@part(fastmath=_MATH)
def _activate(kind, slope, values, rows):
    """Apply the activation in place: ``RELU`` with a slope on the inactive side, or ``TANH``."""
    for row in range(rows):
        for lane in range(LANES):
            z = values[row, lane]
            values[row, lane] = np.tanh(z) if kind == TANH else (z if z >= 0 else slope * z)


@part(fastmath=_MATH)
def _differentiate(kind, slope, values, rows, bent):
    """Fill bent with the activation's derivative at pre-activations; that of a ReLU at 0 is 1."""
    for row in range(rows):
        for lane in range(LANES):
            z = values[row, lane]
            bent[row, lane] = 1 - np.tanh(z) ** 2 if kind == TANH else (1.0 if z >= 0 else slope)


@part(fastmath=_MATH)
def _score(logits, classes, lane, label):
    """Give cross-entropy of one sample, its log normaliser, and whether the answer is right."""
    top, answer = logits[0, lane], 0
    for k in range(1, classes):
        if logits[k, lane] > top:
            top, answer = logits[k, lane], k
    total = 0.0
    for k in range(classes):
        total += np.exp(logits[k, lane] - top)
    normaliser = top + np.log(total)
    return normaliser - logits[label, lane], normaliser, answer == label


@kernel(fastmath=_MATH)
def mean_losses(thetas, sizes, kind, slope, x, y):
    """Give the mean cross-entropy at each parameter vector.

    Args:
        thetas: (T, P) parameter vectors.
        sizes: (L + 1,) inputs, widths of the hidden layers, classes.
        kind: ``RELU`` or ``TANH``.
        slope: Slope of the inactive side.
        x: (inputs, N) samples.
        y: (N,) classes.
    """
    layers, count = len(sizes) - 1, x.shape[1]
    source, target = np.zeros((sizes.max(), LANES)), np.zeros((sizes.max(), LANES))
    losses = np.zeros(len(thetas))
    for t in range(len(thetas)):
        total = 0.0
        for first in range(0, count, LANES):
            filled = min(LANES, count - first)
            for row in range(sizes[0]):
                for lane in range(filled):
                    source[row, lane] = x[row, first + lane]
            offset = 0
            for layer in range(layers):
                _layer(thetas[t], offset, sizes[layer], sizes[layer + 1], source, target)
                if layer < layers - 1:
                    _activate(kind, slope, target, sizes[layer + 1])
                offset += sizes[layer + 1] * (sizes[layer] + 1)
                source, target = target, source
            for lane in range(filled):
                total += _score(source, sizes[layers], lane, y[first + lane])[0]
        losses[t] = total / count
    return losses


@kernel(fastmath=_MATH)
def loss_and_gradient(theta, sizes, kind, slope, x, y, gradient):
    """Give mean cross-entropy and number of right answers; add the gradient of the mean to ``gradient`` (P,)."""
    layers, count, widest = len(sizes) - 1, x.shape[1], sizes.max()
    values = np.zeros((layers + 1, widest, LANES))
    bent = np.zeros((layers, widest, LANES))
    error, before = np.zeros((widest, LANES)), np.zeros((widest, LANES))
    total, right, share = 0.0, 0, 1.0 / count
    for first in range(0, count, LANES):
        filled = min(LANES, count - first)
        for row in range(sizes[0]):
            for lane in range(filled):
                values[0, row, lane] = x[row, first + lane]
        offset = 0
        for layer in range(layers):
            _layer(theta, offset, sizes[layer], sizes[layer + 1], values[layer], values[layer + 1])
            if layer < layers - 1:
                _differentiate(kind, slope, values[layer + 1], sizes[layer + 1], bent[layer + 1])
                _activate(kind, slope, values[layer + 1], sizes[layer + 1])
            offset += sizes[layer + 1] * (sizes[layer] + 1)
        error[:] = 0
        for lane in range(filled):
            label = y[first + lane]
            loss, normaliser, is_right = _score(values[layers], sizes[layers], lane, label)
            total += loss
            right += is_right
            for k in range(sizes[layers]):
                error[k, lane] = share * np.exp(values[layers, k, lane] - normaliser)
            error[label, lane] -= share
        for layer in range(layers - 1, -1, -1):
            fan_in, fan_out = sizes[layer], sizes[layer + 1]
            offset -= fan_out * (fan_in + 1)
            before[:] = 0
            for row in range(fan_out):
                for lane in range(LANES):
                    gradient[offset + fan_out * fan_in + row] += error[row, lane]
                for column in range(fan_in):
                    weight, summed = theta[offset + row * fan_in + column], 0.0
                    for lane in range(LANES):
                        summed += error[row, lane] * values[layer, column, lane]
                        before[column, lane] += weight * error[row, lane]
                    gradient[offset + row * fan_in + column] += summed
            if layer > 0:
                for column in range(fan_in):
                    for lane in range(LANES):
                        before[column, lane] *= bent[layer, column, lane]
            error, before = before, error
    return total / count, right
