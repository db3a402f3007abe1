# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
"""Matrix products between a weight and a block of samples, a tile of registers at a time.

A block of samples is an array (rows, LANES) without gaps. Sums stay in registers: four rows of a weight by two
registers of samples, or four rows by two columns of an outer product.
"""

from __future__ import annotations

from foldscape.curvature.compiled.registers import (
    add,
    address,
    beyond,
    fma,
    load,
    spread,
    store,
    total,
    width_of,
    zeros,
)
from foldscape.kernel import part

MATH = {"contract", "reassoc", "arcp", "nsz"}  # nothing that assumes finite numbers

LANES = 208
"""Samples of a block: a multiple of 16, two registers of single precision, and far from a power of two, whose rows
would all fall into the same part of the cache."""

COLUMNS = 16
"""Columns of an outer product that are taken together, to be read from the nearest cache by all rows."""


@part(fastmath=MATH)
def add_product(theta, offset, by_row, by_column, rows, columns, source, target):
    """Add a weight (rows, columns), read with two strides, times source (columns, LANES) to target (rows, LANES)."""
    weight, below, above = address(theta, offset), address(source, 0), address(target, 0)
    width = width_of(weight)
    fours = rows - rows % 4
    for row in range(0, fours, 4):
        here, there = beyond(weight, row * by_row), beyond(above, row * LANES)
        for lane in range(0, LANES, 2 * width):
            _four_rows(here, by_row, by_column, columns, beyond(below, lane), beyond(there, lane), width)
    if rows - fours >= 2:
        here, there = beyond(weight, fours * by_row), beyond(above, fours * LANES)
        for lane in range(0, LANES, 2 * width):
            _two_rows(here, by_row, by_column, columns, beyond(below, lane), beyond(there, lane), width)
    if rows % 2:
        here, there = beyond(weight, (rows - 1) * by_row), beyond(above, (rows - 1) * LANES)
        for lane in range(0, LANES, 2 * width):
            _one_row(here, by_column, columns, beyond(below, lane), beyond(there, lane), width)


@part(fastmath=MATH)
def _four_rows(weight, by_row, by_column, columns, below, above, width):
    b, c, d = LANES, 2 * LANES, 3 * LANES
    a0, a1 = load(above, 0), load(above, width)
    b0, b1 = load(above, b), load(above, b + width)
    c0, c1 = load(above, c), load(above, c + width)
    d0, d1 = load(above, d), load(above, d + width)
    second, third, fourth = beyond(weight, by_row), beyond(weight, 2 * by_row), beyond(weight, 3 * by_row)
    i = at = 0
    for _ in range(columns):
        s0, s1 = load(below, at), load(below, at + width)
        w = spread(weight, i)
        a0, a1 = fma(w, s0, a0), fma(w, s1, a1)
        w = spread(second, i)
        b0, b1 = fma(w, s0, b0), fma(w, s1, b1)
        w = spread(third, i)
        c0, c1 = fma(w, s0, c0), fma(w, s1, c1)
        w = spread(fourth, i)
        d0, d1 = fma(w, s0, d0), fma(w, s1, d1)
        i += by_column
        at += LANES
    store(above, 0, a0)
    store(above, width, a1)
    store(above, b, b0)
    store(above, b + width, b1)
    store(above, c, c0)
    store(above, c + width, c1)
    store(above, d, d0)
    store(above, d + width, d1)


@part(fastmath=MATH)
def _two_rows(weight, by_row, by_column, columns, below, above, width):
    a0, a1 = load(above, 0), load(above, width)
    b0, b1 = load(above, LANES), load(above, LANES + width)
    second = beyond(weight, by_row)
    i = at = 0
    for _ in range(columns):
        s0, s1 = load(below, at), load(below, at + width)
        w = spread(weight, i)
        a0, a1 = fma(w, s0, a0), fma(w, s1, a1)
        w = spread(second, i)
        b0, b1 = fma(w, s0, b0), fma(w, s1, b1)
        i += by_column
        at += LANES
    store(above, 0, a0)
    store(above, width, a1)
    store(above, LANES, b0)
    store(above, LANES + width, b1)


@part(fastmath=MATH)
def _one_row(weight, by_column, columns, below, above, width):
    a0, a1 = load(above, 0), load(above, width)
    i = at = 0
    for _ in range(columns):
        w = spread(weight, i)
        a0, a1 = fma(w, load(below, at), a0), fma(w, load(below, at + width), a1)
        i += by_column
        at += LANES
    store(above, 0, a0)
    store(above, width, a1)


@part(fastmath=MATH)
def add_outer(left, right, rows, columns, out, offset):
    """Add left (rows, LANES) times right (columns, LANES) transposed to a stretch of a float64 vector."""
    high, wide = address(left, 0), address(right, 0)
    width = width_of(high)
    fours = rows - rows % 4
    for first in range(0, columns, COLUMNS):
        last = min(first + COLUMNS, columns)
        even = last - last % 2
        for row in range(0, fours, 4):
            here = beyond(high, row * LANES)
            for column in range(first, even, 2):
                _four_by_two(here, beyond(wide, column * LANES), width, out, offset + row * columns + column, columns)
        if rows - fours >= 2:
            here = beyond(high, fours * LANES)
            for column in range(first, even, 2):
                _two_by_two(here, beyond(wide, column * LANES), width, out, offset + fours * columns + column, columns)
        for row in range(rows):
            for column in range(even if row < rows - rows % 2 else first, last):
                dot = _dot(beyond(high, row * LANES), beyond(wide, column * LANES), width)
                out[offset + row * columns + column] += dot


@part(fastmath=MATH)
def _four_by_two(high, wide, width, out, i, columns):
    a0 = a1 = b0 = b1 = c0 = c1 = d0 = d1 = zeros(high)
    second, third, fourth = beyond(high, LANES), beyond(high, 2 * LANES), beyond(high, 3 * LANES)
    other = beyond(wide, LANES)
    for lane in range(0, LANES, width):
        s0, s1 = load(wide, lane), load(other, lane)
        x = load(high, lane)
        a0, a1 = fma(x, s0, a0), fma(x, s1, a1)
        x = load(second, lane)
        b0, b1 = fma(x, s0, b0), fma(x, s1, b1)
        x = load(third, lane)
        c0, c1 = fma(x, s0, c0), fma(x, s1, c1)
        x = load(fourth, lane)
        d0, d1 = fma(x, s0, d0), fma(x, s1, d1)
    out[i] += total(a0)
    out[i + 1] += total(a1)
    i += columns
    out[i] += total(b0)
    out[i + 1] += total(b1)
    i += columns
    out[i] += total(c0)
    out[i + 1] += total(c1)
    i += columns
    out[i] += total(d0)
    out[i + 1] += total(d1)


@part(fastmath=MATH)
def _two_by_two(high, wide, width, out, i, columns):
    a0 = a1 = b0 = b1 = zeros(high)
    second, other = beyond(high, LANES), beyond(wide, LANES)
    for lane in range(0, LANES, width):
        s0, s1 = load(wide, lane), load(other, lane)
        x = load(high, lane)
        a0, a1 = fma(x, s0, a0), fma(x, s1, a1)
        x = load(second, lane)
        b0, b1 = fma(x, s0, b0), fma(x, s1, b1)
    out[i] += total(a0)
    out[i + 1] += total(a1)
    out[i + columns] += total(b0)
    out[i + columns + 1] += total(b1)


@part(fastmath=MATH)
def _dot(high, wide, width):
    a0 = a1 = zeros(high)
    for lane in range(0, LANES, 2 * width):
        a0 = fma(load(high, lane), load(wide, lane), a0)
        a1 = fma(load(high, lane + width), load(wide, lane + width), a1)
    return total(a0) + total(a1)


@part(fastmath=MATH)
def add_sums(values, rows, out, offset):
    """Add the sum over the lanes of every row to a stretch of a float64 vector."""
    place = address(values, 0)
    width = width_of(place)
    for row in range(rows):
        a0 = a1 = zeros(place)
        for at in range(row * LANES, (row + 1) * LANES, 2 * width):
            a0, a1 = add(a0, load(place, at)), add(a1, load(place, at + width))
        out[offset + row] += total(add(a0, a1))


@part(fastmath=MATH)
def start(theta, offset, rows, biased, zero, target):
    """Fill target (rows, LANES) with the biases, or with zeros."""
    for row in range(rows):
        value = theta[offset + row] if biased else zero
        for lane in range(LANES):
            target[row, lane] = value
