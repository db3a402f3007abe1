"""Whether a path of steps swings to and fro along directions, from its slopes and displacements along them.

Gradient descent on a quadratic multiplies its distance along an eigenvector by 1 - eta lambda: it comes from one side
where eta lambda < 1 and changes sides at every step where 1 < eta lambda < 2. Jastrzebski et al. (2019, arXiv
1807.05031) see SGD do so along the sharpest directions of a net.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Float64Array
from foldscape.errors import InvalidInput


def sign_changes(slopes: ArrayLike) -> Float64Array:
    """Give the share of consecutive updates between which the slope along a direction changes its sign.

    Args:
        slopes: (T, K) g_t.v_k, the part of each update's gradient along each direction; T at least 2.

    Returns:
        (K,) shares from 0 to 1; a slope of 0 has no sign and changes none.

    Raises:
        InvalidInput: If there are fewer than two updates.

    Example:
        >>> sign_changes([[1.0, 1.0], [-1.0, 0.5], [1.0, 0.2]])
        array([1., 0.])
    """
    rows = _rows(slopes)
    return np.asarray((rows[1:] * rows[:-1] < 0).mean(axis=0))


def step_correlation(displacements: ArrayLike) -> Float64Array:
    """Give the autocorrelation of the displacement along a direction at a lag of one update, about 0.

    It is not taken about the mean: a steady drift to one side gives 1, as much to as fro gives -1.

    Args:
        displacements: (T, K) (theta_{t+1} - theta_t).v_k; T at least 2.

    Returns:
        (K,) numbers from -1 to 1; NaN where nothing moves.

    Raises:
        InvalidInput: If there are fewer than two updates.

    Example:
        >>> step_correlation([[1.0, 2.0], [-1.0, 2.0], [1.0, 2.0]])
        array([-1.,  1.])
    """
    rows = _rows(displacements)
    before, after = rows[:-1], rows[1:]
    lengths = np.sqrt((before**2).sum(axis=0) * (after**2).sum(axis=0))
    return np.asarray(np.where(lengths > 0, (before * after).sum(axis=0) / np.where(lengths > 0, lengths, 1), np.nan))


def _rows(values: ArrayLike) -> Float64Array:
    rows = np.asarray(values, dtype=np.float64)
    if rows.ndim != 2 or len(rows) < 2:
        raise InvalidInput(
            f"Values of shape {rows.shape} have no two updates one after the other.",
            hint="Give (updates, directions), with at least two updates.",
        )
    return rows
