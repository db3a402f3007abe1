"""In which order a run's mini-batches take the training points."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from foldscape.chance import generator

Shuffle = Literal["epoch", "once", "never"]


def order_of(shuffle: Shuffle, seed: int, epoch: int, points: int) -> npt.NDArray[np.int64]:
    """Give the order of an epoch, from which mini-batches are cut one after another.

    Args:
        shuffle: Whether each epoch has an order of its own, all have that of the first, or all that of the data.
        seed: Seed of the run.
        epoch: Epochs done.
        points: Number N of training points.

    Returns:
        (N,) indices of the points.

    Example:
        >>> order_of("never", 7, 3, 4).tolist()
        [0, 1, 2, 3]
        >>> bool((order_of("once", 7, 3, 100) == order_of("epoch", 7, 0, 100)).all())
        True
    """
    if shuffle == "never":
        return np.arange(points)
    return generator(seed, "shuffle", epoch if shuffle == "epoch" else 0).permutation(points)
