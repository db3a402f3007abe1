"""The rectangle of the plane that is looked at."""

import math

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Float64Array
from foldscape.geometry.errors import GeometryError

Box = tuple[float, float, float, float]


def as_box(box: ArrayLike) -> Box:
    """Check a box.

    Args:
        box: (xmin, xmax, ymin, ymax), in data units.

    Returns:
        The same as four floats.

    Raises:
        GeometryError: If it is not four finite numbers, or is empty, inverted or thinner than float64 can cut.
    """
    try:
        xmin, xmax, ymin, ymax = np.asarray(box, dtype=np.float64).tolist()
    except (TypeError, ValueError):
        raise GeometryError(f"The box is {box!r}: give four numbers (xmin, xmax, ymin, ymax).") from None
    if not (math.isfinite(xmin) and math.isfinite(xmax) and math.isfinite(ymin) and math.isfinite(ymax)):
        raise GeometryError(f"The box is {(xmin, xmax, ymin, ymax)}: all four sides must be finite.")
    for low, high, names in ((xmin, xmax, "xmin < xmax"), (ymin, ymax, "ymin < ymax")):
        if not high - low > 1e-9 * max(abs(low), abs(high)):
            raise GeometryError(
                f"The box is {(xmin, xmax, ymin, ymax)}: it must have {names}, with more than 9 common digits left to "
                "cut. The order is (xmin, xmax, ymin, ymax); default_box(X) gives one that fits the data."
            )
    return xmin, xmax, ymin, ymax


def as_points(X: ArrayLike) -> Float64Array:
    """Check points of the plane.

    Args:
        X: Points, (N, 2), N at least 1.

    Returns:
        The same in float64.

    Raises:
        GeometryError: If X is not (N, 2), is empty or is not finite.
    """
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) or not np.isfinite(points).all():
        raise GeometryError(f"Points have shape {points.shape}: give at least one finite point as (N, 2).")
    return points


def default_box(X: ArrayLike, margin: float = 0.1) -> Box:
    """Range of the data and a margin on every side.

    Args:
        X: Points, (N, 2), N at least 1.
        margin: Share of the range added on each side.

    Returns:
        (xmin, xmax, ymin, ymax), in data units. A range of zero is widened to one unit on each side.

    Raises:
        GeometryError: If X is not (N, 2), is empty or is not finite.

    Example:
        >>> default_box([[0, 0], [10, 1]])
        (-1.0, 11.0, -0.1, 1.1)
    """
    sides: list[float] = []
    for column in as_points(X).T:
        low, high = float(column.min()), float(column.max())
        pad = margin * (high - low) if high - low > 1e-6 * max(abs(low), abs(high)) else max(1.0, abs(low))
        sides += [low - pad, high + pad]
    return sides[0], sides[1], sides[2], sides[3]
