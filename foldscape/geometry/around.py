"""What lies around straight pieces of the plane, within a distance of them in the maximum norm."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import Float64Array
from foldscape.geometry.box import Box

AT_ONCE = 1 << 20  # pairs of a point and a piece; bounds the memory


def max_norm_distance(X: ArrayLike, pieces: ArrayLike) -> Float64Array:
    r"""Distance of points to the nearest of straight pieces, in the maximum norm, in closed form.

    Along a piece, :math:`\max(|x|, |y|)` of what lies between is convex and made of straight parts: it is smallest at
    an end, or where :math:`x = y` or :math:`x = -y`.

    Args:
        X: Points, (N, 2).
        pieces: End points, (S, 2, 2); S may be 0.

    Returns:
        (N,), in data units; infinite without pieces.

    Example:
        >>> max_norm_distance([[3.0, 1.0], [0.0, 5.0]], [[[0.0, 0.0], [1.0, 0.0]]]).tolist()
        [2.0, 5.0]
    """
    points, ends = np.asarray(X, np.float64), np.asarray(pieces, np.float64)
    nearest = np.full(len(points), np.inf)
    rows = max(1, AT_ONCE // max(1, len(ends)))
    for start in range(0, len(points) if len(ends) else 0, rows):
        nearest[start : start + rows] = _to_each(points[start : start + rows], ends).min(axis=1)
    return nearest


def _to_each(points: Float64Array, ends: Float64Array) -> Float64Array:
    """Distance of each point to each piece, (N, S)."""
    x, y = np.moveaxis(ends[None, :, 0] - points[:, None], -1, 0)
    dx, dy = (ends[:, 1] - ends[:, 0]).T
    best = np.minimum(np.maximum(abs(x), abs(y)), np.maximum(abs(x + dx), abs(y + dy)))
    for sign in (1.0, -1.0):
        rate = dx - sign * dy
        t = np.divide(sign * y - x, rate, out=np.zeros_like(x), where=rate != 0).clip(0, 1)
        np.minimum(best, np.maximum(abs(x + t * dx), abs(y + t * dy)), out=best)
    found: Float64Array = best
    return found


def hexagons_around(pieces: ArrayLike, r: float) -> Float64Array:
    """The hexagons whose union is all that lies within a distance of straight pieces, in the maximum norm.

    Each is the Minkowski sum of a piece with the square [-r, r]².

    Args:
        pieces: End points, (S, 2, 2).
        r: Distance, in data units.

    Returns:
        Corners, counter-clockwise, (S, 6, 2).

    Example:
        >>> hexagons_around([[[0.0, 0.0], [2.0, 1.0]]], 1.0)[0].tolist()
        [[-1.0, -1.0], [1.0, -1.0], [3.0, 0.0], [3.0, 2.0], [1.0, 2.0], [-1.0, 1.0]]
    """
    ends = np.asarray(pieces, np.float64)
    left_first = (ends[:, 0, 0] <= ends[:, 1, 0])[:, None]
    a, b = np.where(left_first, ends[:, 0], ends[:, 1]), np.where(left_first, ends[:, 1], ends[:, 0])
    sw, se, ne, nw = r * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    rising = np.stack([a + sw, a + se, b + se, b + ne, b + nw, a + nw], axis=1)
    falling = np.stack([a + sw, b + sw, b + se, b + ne, a + ne, a + nw], axis=1)
    found: Float64Array = np.where((a[:, 1] <= b[:, 1])[:, None, None], rising, falling)
    return found


def within(pieces: ArrayLike, box: Box) -> tuple[Float64Array, NDArray[np.int64]]:
    """The parts of straight pieces that lie in a box.

    Args:
        pieces: End points, (S, 2, 2).
        box: (xmin, xmax, ymin, ymax), sides included.

    Returns:
        Their end points, (T, 2, 2), and which pieces they are of, (T,).
    """
    ends, enter, leave = _stay(pieces, box)
    kept = np.flatnonzero(enter <= leave).astype(np.int64)
    return _stretch(ends[kept], enter[kept], leave[kept]), kept


def outside(pieces: ArrayLike, box: Box) -> Float64Array:
    """The parts of straight pieces that lie outside a box, (T, 2, 2); none of length 0.

    Args:
        pieces: End points, (S, 2, 2).
        box: (xmin, xmax, ymin, ymax).

    Returns:
        (T, 2, 2); a piece that passes through the box leaves two parts.

    Example:
        >>> outside([[[-2.0, 0.0], [2.0, 0.0]]], (-1, 1, -1, 1))[:, :, 0].tolist()
        [[-2.0, -1.0], [1.0, 2.0]]
    """
    ends, enter, leave = _stay(pieces, box)
    meets = enter <= leave
    before, after = np.where(meets, enter, 1.0), np.where(meets, leave, 1.0)
    parts = _stretch(ends, np.zeros_like(before), before), _stretch(ends, after, np.ones_like(after))
    found: Float64Array = np.concatenate([parts[0][before > 0], parts[1][after < 1]])
    return found


def _stay(pieces: ArrayLike, box: Box) -> tuple[Float64Array, Float64Array, Float64Array]:
    """End points, and where along each piece it enters the box and leaves it; what never does enters behind that."""
    ends: Float64Array = np.asarray(pieces, np.float64).reshape(-1, 2, 2)
    start, along = ends[:, 0], ends[:, 1] - ends[:, 0]
    low, high = np.array([box[0], box[2]]), np.array([box[1], box[3]])
    with np.errstate(divide="ignore", invalid="ignore"):
        sides = np.stack([(low - start) / along, (high - start) / along])
    held = (low <= start) & (start <= high)
    enter = np.where(along == 0, np.where(held, -np.inf, np.inf), sides.min(axis=0)).max(axis=1).clip(0)
    leave = np.where(along == 0, np.where(held, np.inf, -np.inf), sides.max(axis=0)).min(axis=1).clip(None, 1)
    return ends, enter, leave


def _stretch(ends: Float64Array, start: Float64Array, end: Float64Array) -> Float64Array:
    """The part of each piece between two places along it, from 0 to 1; an end at 0 or 1 is the piece's own."""
    t = np.stack([start, end], axis=1)[:, :, None]
    return (1 - t) * ends[:, None, 0] + t * ends[:, None, 1]
