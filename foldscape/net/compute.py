"""Floating point operations of training, counted and not measured: of one sample, and along a run whose net grows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float64Array

PER_WEIGHT = 6
"""Operations a sample of one weight that multiplies and adds once: two forward, four back (Kaplan et al. 2020,
arXiv 2001.08361, section 2.1)."""


class Passage(NamedTuple):
    """What one sample's way forward through a net takes, for forecasts.

    Attributes:
        weights: Multiplications by weights, and additions of biases.
        units: Numbers that come out of them.
        layers: Layers with weights.
        parameters: Numbers that are trained, where it is not each weight that multiplies once; else 0.
    """

    weights: int
    units: int
    layers: int
    parameters: int = 0


def per_sample(parameters: npt.ArrayLike) -> Float64Array:
    """Count the operations of one step of training, forward and back, by sample.

    Args:
        parameters: Number of parameters of a net each of whose parameters is used once a sample, or many such numbers.

    Returns:
        Operations, in the shape of ``parameters``.

    Example:
        >>> float(per_sample(42))
        252.0
    """
    return PER_WEIGHT * np.asarray(parameters, np.float64)


def operations_along(seen: npt.ArrayLike, each: npt.ArrayLike) -> Float64Array:
    """Count the operations of a run up to each of its moments; between two of them its net was that of the first.

    Args:
        seen: (n,) training points shown up to each moment, in order; at a birth the same number stands twice.
        each: (n,) operations a sample of the net at each moment; NaN where it is not known and the one before stands.

    Returns:
        (n,) operations; NaN throughout where no net is known.

    Example:
        >>> operations_along([0, 50, 50, 100], [60, 60, 120, 120]).tolist()
        [0.0, 3000.0, 3000.0, 9000.0]
    """
    known = _held(np.asarray(each, np.float64))
    shown = np.diff(np.asarray(seen, np.float64), prepend=0.0)
    before = np.concatenate([known[:1], known[:-1]])
    done: Float64Array = np.cumsum(before * shown)
    return done


def _held(each: Float64Array) -> Float64Array:
    """Let what is known stand until the next is known; before the first, the first."""
    places = np.flatnonzero(np.isfinite(each))
    if not len(places):
        return np.full(len(each), np.nan)
    last = np.searchsorted(places, np.arange(len(each)), side="right") - 1
    held: Float64Array = each[places[np.maximum(last, 0)]]
    return held
