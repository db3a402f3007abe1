"""A training path in a plane: its coordinates, and how much of the movement the plane shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import Vector
from foldscape.curvature import Block
from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape.direction import Direction
from foldscape.landscape.embedding import Embedded


@dataclass(frozen=True)
class PathInPlane:
    """A path projected on a plane.

    Attributes:
        coordinates: (T, 2) in steps of the two directions, so that they fit a surface along the same directions.
        share: Share of the path's squared distances from the origin that the plane shows, 0 to 1; NaN if it does not
            move.
        shown: (T,) the same for each moment; NaN where it stands at the origin.
        away: (T,) distance from the plane, parameter units.
        steps: (T,) updates done.
        births: Moments at which the net had grown, as indices into the path.
        cosine: Cosine of the two directions.
    """

    coordinates: Vector
    share: float
    shown: Vector
    away: Vector
    steps: NDArray[np.int64]
    births: NDArray[np.int64]
    cosine: float


@dataclass(frozen=True)
class Components:
    """Principal directions of a path.

    Attributes:
        directions: Orthonormal directions, the one that shows more first.
        ratios: (k,) share of the movement along each.
        centred: Whether the movement is from the path's mean; else from its last point, which is then the origin.
    """

    directions: tuple[Direction, ...]
    ratios: Vector
    centred: bool


def principal_components(path: Embedded, centred: bool = False, k: int = 2) -> Components:
    """Give the directions in which a path moves most (Li et al. 2018; there two, and centred).

    Args:
        path: More moments than directions.
        centred: Whether to subtract the path's mean instead of its last point.
        k: How many directions.

    Returns:
        The directions, and the share of squared distances that each shows.

    Raises:
        NotPossible: If the path does not span so many directions.
    """
    moved = path.thetas - (path.thetas.mean(axis=0) if centred else path.thetas[-1])
    values, vectors = np.linalg.eigh(moved @ moved.T)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    if len(values) <= k or values[k - 1] <= 1e-14 * values[0] or values[0] == 0:
        space = "a plane" if k == 2 else f"{k} directions"
        raise NotPossible(f"This path does not span {space}.", hint="Take more moments, or other directions.")
    found = (vectors[:, :k] / np.sqrt(values[:k])).T @ moved
    rows = np.linalg.qr(found.T)[0].T
    rows *= np.sign(np.sum(rows * found, axis=1))[:, None]
    named = tuple(Direction(f"path component {i + 1}", vector, path.blocks) for i, vector in enumerate(rows))
    return Components(named, values[:k] / values.sum(), centred)


def coordinates_along(path: Embedded, directions: Sequence[Direction], origin: ArrayLike | None = None) -> Vector:
    """Give a path's coordinates along some directions together, by least squares.

    Args:
        path: The path.
        directions: The directions, of any length; they need not be orthogonal.
        origin: (P,) where the coordinates are 0; the path's last point if ``None``.

    Returns:
        (T, k) coordinates in steps of the directions.

    Raises:
        InvalidInput: If the directions have another number of parameters.
        NotPossible: If they do not span as many dimensions as they are.
    """
    return _solved(path, directions, origin)[0]


def project(path: Embedded, first: Direction, second: Direction, origin: ArrayLike | None = None) -> PathInPlane:
    """Project a path on a plane by least squares; the directions need be neither orthogonal nor of unit length.

    Args:
        path: The path.
        first: Along the x axis.
        second: Along the y axis.
        origin: (P,) where the coordinates are 0; the path's last point if ``None``.

    Returns:
        Coordinates of each moment, and how much of the movement the plane shows.

    Raises:
        InvalidInput: If the directions have another number of parameters.
        NotPossible: If they do not span a plane.
    """
    coordinates, axes, moved = _solved(path, (first, second), origin)
    away = np.linalg.norm(moved - coordinates @ axes.T, axis=1)
    whole = np.sum(moved**2, axis=1)
    with np.errstate(invalid="ignore"):
        shown = np.clip(1 - away**2 / whole, 0, 1)
        share = float(np.clip(1 - np.sum(away**2) / np.sum(whole), 0, 1))
    return PathInPlane(coordinates, share, shown, away, path.steps, path.births, first.cosine(second))


def _solved(
    path: Embedded, directions: Sequence[Direction], origin: ArrayLike | None
) -> tuple[Vector, NDArray[np.float64], Vector]:
    """Give coordinates (T, k) by least squares, directions as columns (P, k), and the path (T, P) from its origin."""
    axes = np.stack([one.vector for one in directions], axis=1)
    if len(axes) != path.thetas.shape[1]:
        raise InvalidInput(
            f"Directions of {len(axes)} parameters do not fit a path of {path.thetas.shape[1]}.",
            hint="Take them from the path's last net.",
        )
    lengths = np.linalg.norm(axes, axis=0)
    if not (lengths > 0).all() or np.linalg.cond(axes / lengths) > 1e8:
        names = " and ".join(one.name for one in directions)
        space = "a plane" if len(directions) == 2 else f"{len(directions)} dimensions"
        raise NotPossible(f"{names} do not span {space}.", hint="Choose other ones.")
    moved = path.thetas - (path.thetas[-1] if origin is None else np.asarray(origin, dtype=np.float64))
    return np.asarray(np.linalg.lstsq(axes / lengths, moved.T, rcond=None)[0].T / lengths), axes, moved


def plane_of_three(thetas: ArrayLike, blocks: Sequence[Block]) -> tuple[Direction, Direction, Vector]:
    """Give the plane through three nets (Garipov et al. 2018): first from the first to the second, second square to it.

    Args:
        thetas: (3, P) nets A, B and C of one shape.
        blocks: Their block table.

    Returns:
        The two directions, as long as the triangle's base, and the (3, 2) coordinates of A, B, C with A as origin:
        (0, 0), (1, 0) and C's.

    Raises:
        NotPossible: If the three lie on a line.
    """
    a, b, c = np.asarray(thetas, dtype=np.float64)
    base = Direction("A to B", b - a, tuple(blocks), "distance of A and B")
    side = Direction("towards C", c - a, tuple(blocks), "distance of A and B")
    square = side.orthogonal_to(base)
    square = square.times(base.norm / square.norm, "distance of A and B")
    along = float(side.vector @ base.vector) / base.norm**2
    across = float(side.vector @ square.vector) / square.norm**2
    return base, square, np.array([[0.0, 0.0], [1.0, 0.0], [along, across]])
