# mypy: allow-untyped-decorators
"""Compiled functions of eight float32 at a time."""

from __future__ import annotations

import numpy as np

from foldscape.engine.kernels_lanes import LaneVector, fill, fma, if_less, power_of_two
from foldscape.kernel import part

_LOWEST = np.float32(-87.0)
_HIGHEST = np.float32(88.0)
_SHIFT = np.float32(12582912 + 127)
_LOG2_E = np.float32(1.4426950408889634)
# ln 2 as a short part, whose multiples are exact, and the rest.
_LN2_SHORT = np.float32(0.693359375)
_LN2_REST = np.float32(-2.1219444e-4)


@part
def exp(x: LaneVector) -> LaneVector:
    """e**x to 3e-7 of its size; 0 below -87, held at e**88 above, NaN for NaN.

    x = n ln 2 + r with |r| <= ln(2) / 2; the polynomial in r has the least largest relative error over that range.

    Returns:
        One value a lane.
    """
    x = if_less(fill(_HIGHEST), x, fill(_HIGHEST), x)
    shifted = fma(x, fill(_LOG2_E), fill(_SHIFT))
    n = shifted - fill(_SHIFT)
    r = fma(n, fill(-_LN2_REST), fma(n, fill(-_LN2_SHORT), x))
    tail = fma(r, fill(np.float32(8.368717e-3)), fill(np.float32(4.1668389e-2)))
    tail = fma(r * r, fill(np.float32(1.3814599e-3)), tail)
    tail = fma(r, fma(r, tail, fill(np.float32(0.16666521))), fill(np.float32(0.49999994)))
    value = (fma(r * r, tail, r) + fill(np.float32(1))) * power_of_two(shifted)
    return if_less(x, fill(_LOWEST), fill(np.float32(0)), value)


@part
def tanh(x: LaneVector) -> LaneVector:
    """Hyperbolic tangent to 3e-7 of its size: an odd polynomial near 0, through ``exp`` beyond."""
    zero, one = fill(np.float32(0)), fill(np.float32(1))
    size = if_less(x, zero, zero - x, x)
    far = one - fill(np.float32(2)) / (exp(size + size) + one)
    u = x * x
    near = fma(u, fill(np.float32(-5.704984e-3)), fill(np.float32(2.0639084e-2)))
    near = fma(u, fma(u, near, fill(np.float32(-5.3739715e-2))), fill(np.float32(0.13331442)))
    near = fma(x * u, fma(u, near, fill(np.float32(-0.3333328))), x)
    return if_less(size, fill(np.float32(0.625)), near, if_less(x, zero, zero - far, far))
