"""Means over samples, with their standard errors."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

from foldscape.arrays import Float64Array, FloatArray


class Averaged(NamedTuple):
    """Means over samples.

    Attributes:
        mean: float64 means, in any shape.
        error: Their standard errors over samples, in the same shape; NaN of fewer than two samples.
    """

    mean: Float64Array
    error: Float64Array


def averaged(values: FloatArray) -> Averaged:
    """Average over the last axis what is a number there.

    Args:
        values: (..., N), NaN where a sample has no value.

    Returns:
        Means and standard errors, (...,); NaN where no sample has a value, and where one is infinite.

    Example:
        >>> averaged(np.array([[1.0, 3.0], [2.0, np.nan]])).mean
        array([2., 2.])
    """
    exact = np.asarray(values, np.float64)
    counted = np.count_nonzero(~np.isnan(exact), axis=-1)
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # of no sample there is no mean, and that is what is told
        mean = np.nanmean(exact, axis=-1)
        spread = np.nanstd(exact, axis=-1, ddof=1)
        error = np.where(counted > 1, spread / np.sqrt(np.maximum(counted, 1)), np.nan)
    return Averaged(np.where(np.isfinite(mean), mean, np.nan), np.where(np.isfinite(mean), error, np.nan))
