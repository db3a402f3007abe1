# mypy: allow-untyped-decorators
"""Compiled passes through one dense layer, for a panel of samples.

A row of ``work`` is one unit; its columns are samples, ``end`` of them, a whole number of vectors. Rows lie ``stride``
apart, those of a layer's inputs ``step``. In the flat parameters a layer's weights, (fan_out, fan_in), start at ``w``
and its biases at ``b``. Every unit has two rows: its activation, and one that holds in turn its pre-activation, the
slope of its activation and the gradient of the loss by its pre-activation, here called its error.

Four units at a time keep the multipliers busy.
"""

from __future__ import annotations

import numpy as np

from foldscape.engine.kernels_functions import exp, tanh
from foldscape.engine.kernels_lanes import (
    LANES,
    Pointer,
    add_at,
    fill,
    fma,
    if_equal,
    if_less,
    load,
    spread,
    store,
    total,
)
from foldscape.kernel import part

_ZERO, _ONE = np.float32(0), np.float32(1)


@part
def combine(
    theta: Pointer, w: int, b: int, fan_in: int, fan_out: int,
    work: Pointer, into: int, step: int, out: int, stride: int, end: int,
) -> None:  # fmt: skip
    """Set the pre-activations at ``out`` from the inputs at ``into``."""
    whole = fan_out - fan_out % 4
    for o in range(0, whole, 4):
        row = w + o * fan_in
        for at in range(0, end, LANES):
            z0, z1 = spread(theta, b + o), spread(theta, b + o + 1)
            z2, z3 = spread(theta, b + o + 2), spread(theta, b + o + 3)
            for i in range(fan_in):
                h = load(work, into + i * step + at)
                z0 = fma(spread(theta, row + i), h, z0)
                z1 = fma(spread(theta, row + fan_in + i), h, z1)
                z2 = fma(spread(theta, row + 2 * fan_in + i), h, z2)
                z3 = fma(spread(theta, row + 3 * fan_in + i), h, z3)
            place = out + o * stride + at
            store(work, place, z0)
            store(work, place + stride, z1)
            store(work, place + 2 * stride, z2)
            store(work, place + 3 * stride, z3)
    for o in range(whole, fan_out):
        for at in range(0, end, LANES):
            z = spread(theta, b + o)
            for i in range(fan_in):
                z = fma(spread(theta, w + o * fan_in + i), load(work, into + i * step + at), z)
            store(work, out + o * stride + at, z)


@part
def activate(work: Pointer, pre: int, act: int, units: int, stride: int, end: int, is_tanh: bool, slope: float) -> None:
    """Set activations, and replace pre-activations by the slopes there.

    The slope of a ReLU at 0 is 1: units born with zero incoming weights can learn.
    """
    one, below = fill(_ONE), fill(slope)
    for u in range(units):
        for at in range(u * stride, u * stride + end, LANES):
            z = load(work, pre + at)
            if is_tanh:
                h = tanh(z)
                store(work, act + at, h)
                store(work, pre + at, one - h * h)
            else:
                store(work, act + at, if_less(z, fill(_ZERO), below * z, z))
                store(work, pre + at, if_less(z, fill(_ZERO), below, one))


@part
def output_errors(work: Pointer, out: int, classes: int, stride: int, end: int, labels: int, shares: int) -> None:
    """Replace logits by errors of the mean cross-entropy: softmax minus one-hot, times the sample's share."""
    one, zero = fill(_ONE), fill(_ZERO)
    for at in range(out, out + end, LANES):
        top = load(work, at)
        for k in range(1, classes):
            z = load(work, at + k * stride)
            top = if_less(top, z, z, top)
        mass = zero
        for k in range(classes):
            grown = exp(load(work, at + k * stride) - top)
            mass = mass + grown
            store(work, at + k * stride, grown)
        label, share = load(work, labels + at - out), load(work, shares + at - out)
        for k in range(classes):
            hit = if_equal(label, fill(np.float32(k)), one, zero)
            store(work, at + k * stride, (load(work, at + k * stride) / mass - hit) * share)


@part
def add_gradient(
    gradient: Pointer, w: int, b: int, fan_in: int, fan_out: int,
    work: Pointer, into: int, step: int, errors: int, stride: int, end: int,
) -> None:  # fmt: skip
    """Add the panel's gradient by weights and biases."""
    zero = fill(_ZERO)
    whole = fan_in - fan_in % 4
    for o in range(fan_out):
        row, error = w + o * fan_in, errors + o * stride
        for i in range(0, whole, 4):
            h = into + i * step
            g0, g1, g2, g3 = zero, zero, zero, zero
            for at in range(0, end, LANES):
                e = load(work, error + at)
                g0 = fma(e, load(work, h + at), g0)
                g1 = fma(e, load(work, h + step + at), g1)
                g2 = fma(e, load(work, h + 2 * step + at), g2)
                g3 = fma(e, load(work, h + 3 * step + at), g3)
            add_at(gradient, row + i, total(g0))
            add_at(gradient, row + i + 1, total(g1))
            add_at(gradient, row + i + 2, total(g2))
            add_at(gradient, row + i + 3, total(g3))
        for i in range(whole, fan_in):
            g = zero
            for at in range(0, end, LANES):
                g = fma(load(work, error + at), load(work, into + i * step + at), g)
            add_at(gradient, row + i, total(g))
        g = zero
        for at in range(0, end, LANES):
            g = g + load(work, error + at)
        add_at(gradient, b + o, total(g))


@part
def carry_back(
    theta: Pointer, w: int, fan_in: int, fan_out: int,
    work: Pointer, errors: int, back: int, stride: int, end: int,
) -> None:  # fmt: skip
    """Turn the slopes at ``back`` of the layer below into its errors."""
    zero = fill(_ZERO)
    whole = fan_in - fan_in % 4
    for i in range(0, whole, 4):
        for at in range(0, end, LANES):
            e0, e1, e2, e3 = zero, zero, zero, zero
            for o in range(fan_out):
                e = load(work, errors + o * stride + at)
                column = w + o * fan_in + i
                e0 = fma(spread(theta, column), e, e0)
                e1 = fma(spread(theta, column + 1), e, e1)
                e2 = fma(spread(theta, column + 2), e, e2)
                e3 = fma(spread(theta, column + 3), e, e3)
            place = back + i * stride + at
            store(work, place, e0 * load(work, place))
            store(work, place + stride, e1 * load(work, place + stride))
            store(work, place + 2 * stride, e2 * load(work, place + 2 * stride))
            store(work, place + 3 * stride, e3 * load(work, place + 3 * stride))
    for i in range(whole, fan_in):
        for at in range(0, end, LANES):
            e = zero
            for o in range(fan_out):
                e = fma(spread(theta, w + o * fan_in + i), load(work, errors + o * stride + at), e)
            place = back + i * stride + at
            store(work, place, e * load(work, place))
