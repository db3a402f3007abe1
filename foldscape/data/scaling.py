"""Inputs as a net reads them: without their mean, in units of their spread, each channel for itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from foldscape.arrays import Float32Array, Float64Array
from foldscape.data.base import Scaling, Split

Normalise = Literal["none", "channels", "mean_picture"]

AT_ONCE = 1024
"""Points whose sums are taken together, so that no copy of a large set in double precision is made."""


def as_read(split: Split, how: Normalise) -> Split:
    """Give points as a net is to read them, by what is known of the training points alone.

    Args:
        split: The points in data units.
        how: ``channels`` takes each channel's mean off and divides by its standard deviation, of what is no picture
            each number's; ``mean_picture`` takes the mean training picture off.

    Returns:
        The split, with the way back beside in ``scaling``.

    Example:
        >>> import foldscape
        >>> split = as_read(foldscape.RunSpec(data={"kind": "digits"}).load(), "channels")
        >>> abs(float(split.train_x.mean())) < 1e-5, round(float(split.train_x.std()), 3)
        (True, 1.0)
    """
    if how == "none":
        return split
    scaling = _scaling(split, how)
    train, test, held = (scaling.read(x) if len(x) else x for x in (split.train_x, split.test_x, split.validation_x))
    return replace(split, train_x=train, test_x=test, validation_x=held, scaling=scaling)


def _scaling(split: Split, how: Normalise) -> Scaling:
    mean, square = _moments(split.train_x)
    if how == "mean_picture":
        return Scaling(mean.astype(np.float32), np.ones(split.features, np.float32))
    channels = split.shape[0]
    middle = mean.reshape(channels, -1).mean(axis=1)
    spread = np.sqrt(np.maximum(square.reshape(channels, -1).mean(axis=1) - middle**2, 0))
    spread[spread < 1e-6] = 1  # what never changes stays as it is
    each = split.features // channels
    return Scaling(np.repeat(middle, each).astype(np.float32), np.repeat(spread, each).astype(np.float32))


def _moments(x: Float32Array) -> tuple[Float64Array, Float64Array]:
    """Give mean and mean square (d,) of each number."""
    total, square = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for first in range(0, len(x), AT_ONCE):
        part = x[first : first + AT_ONCE].astype(np.float64)
        total += part.sum(axis=0)
        square += (part * part).sum(axis=0)
    return total / len(x), square / len(x)
