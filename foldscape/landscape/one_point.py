"""One-point convexity of a path: Kleinberg et al. (2018, arXiv 1802.06175). Does descent point to where it ends?

Where it does at every step, the loss need not be convex for gradient descent to get there: an obstacle off the way is
never met. Goodfellow et al. (2015, arXiv 1412.6544) see the same from the straight line between both ends, along
which the loss of trained nets falls without a hill.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Float64Array
from foldscape.errors import InvalidInput


@dataclass(frozen=True)
class OnePoint:
    """How descent lies to the end of a path.

    Attributes:
        cosines: (T - 1,) cos(-g_t, theta_T - theta_t) at all places but the last; NaN where either has no length.
        share: Share of the known ones that are positive; NaN where none is known.
    """

    cosines: Float64Array
    share: float


def one_point_convexity(gradients: ArrayLike, thetas: ArrayLike) -> OnePoint:
    """Measure whether descent along a path points to its end.

    Args:
        gradients: (T, P) or (T - 1, P) gradients g_t of the loss at the places.
        thetas: (T, P) the places, the end last.

    Returns:
        Cosines, and the share of the places at which descent points to the end.

    Raises:
        InvalidInput: If there are no two places, or the shapes do not fit each other.

    Example:
        >>> one_point_convexity([[2.0, 0.0], [1.0, 0.0]], [[2.0, 0.0], [1.0, 0.0], [0.0, 0.0]]).share
        1.0
    """
    path, slopes = np.asarray(thetas, dtype=np.float64), np.asarray(gradients, dtype=np.float64)
    fits = path.ndim == 2 and len(path) >= 2 and slopes.shape[1:] == path.shape[1:]
    if not fits or len(slopes) not in (len(path) - 1, len(path)):
        raise InvalidInput(
            f"Gradients of shape {slopes.shape} do not fit a path of shape {path.shape}.",
            hint="Give a path (T, P) of at least two places, and a gradient for each but the last.",
        )
    ahead, descent = path[-1] - path[:-1], -slopes[: len(path) - 1]
    lengths = np.linalg.norm(ahead, axis=1) * np.linalg.norm(descent, axis=1)
    cosines = np.where(lengths > 0, (ahead * descent).sum(axis=1) / np.where(lengths > 0, lengths, 1), np.nan)
    known = cosines[np.isfinite(cosines)]
    return OnePoint(cosines, float((known > 0).mean()) if len(known) else float("nan"))
