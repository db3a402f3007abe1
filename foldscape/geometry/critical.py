"""Which points of the plane are critical: another class wins within a distance of them in the maximum norm. Exact."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import Float64Array
from foldscape.geometry.around import hexagons_around, max_norm_distance, within
from foldscape.geometry.box import as_points
from foldscape.geometry.errors import GeometryError
from foldscape.geometry.segments import Boundary

if TYPE_CHECKING:
    from foldscape.geometry.network import Network
    from foldscape.net.mlp import Weights

BEYOND = 1e-6  # of the box, by which it is cut wider, so that a boundary exactly at distance r is not lost to rounding
STEPS = 2.0 ** -np.arange(0, 44, 4)  # how far across the boundary a witness is looked for, as shares of r


@dataclass(frozen=True, eq=False)
class CriticalRegion:
    """How near to points another class wins, and where it does.

    Attributes:
        X: The points, (N, 2).
        r: Radius in the maximum norm, in data units.
        distance: Of each point to the decision boundary in the maximum norm, (N,); infinite where it lies beyond the
            box that was cut, and so further than r.
        boundary: The decision boundary wherever it lies within r of the range of the points.
        net: The net, for looking for witnesses.
    """

    X: Float64Array
    r: float
    distance: Float64Array
    boundary: Boundary
    net: Network = field(repr=False)

    @property
    def critical(self) -> NDArray[np.bool_]:
        """Whether the boundary comes within r of each point, (N,); at r = 0 nothing can change, so none is."""
        return (self.distance <= self.r) & (self.r > 0)

    @property
    def ratio(self) -> float:
        """The critical sample ratio: the share of the points that are critical."""
        return float(self.critical.mean())

    def hexagons(self) -> Float64Array:
        """The hexagons whose union is the critical region, (S, 6, 2); see ``hexagons_around``."""
        return hexagons_around(self.boundary.points, self.r)

    def witnesses(self) -> Float64Array:
        """A point of another class within r of each critical point, (N, 2).

        Returns:
            NaN where a point is not critical, and where the boundary touches its square within rounding only.
        """
        own = _winners(self.net, self.X)
        found = np.full_like(self.X, np.nan)
        for i in np.flatnonzero(self.critical):
            tried = self._across(int(i))
            other = np.flatnonzero(_winners(self.net, tried) != own[i])
            if len(other):
                found[i] = tried[other[0]]
        return found

    def _across(self, i: int) -> Float64Array:
        """Points of the square around a point that lie a little to either side of the boundary."""
        (left, low), (right, high) = self.X[i] - self.r, self.X[i] + self.r
        parts, _ = within(self.boundary.points, (left, right, low, high))
        middle = parts.mean(axis=1)
        along = parts[:, 1] - parts[:, 0]
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
        length = np.hypot(normal[:, 0], normal[:, 1])[:, None]
        normal = np.divide(normal, length, out=np.zeros_like(normal), where=length > 0)
        corners = self.X[i] + self.r * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
        sides = self.r * np.concatenate([STEPS, -STEPS])[:, None, None] * normal
        tried = np.concatenate([corners, (middle + sides).reshape(-1, 2), parts.reshape(-1, 2)])
        inside: Float64Array = np.clip(tried, self.X[i] - self.r, self.X[i] + self.r)
        return inside


def critical_region(net: Weights, X: ArrayLike, r: float) -> CriticalRegion:
    r"""Find the points of the plane for which another class wins within a distance, exactly and without a search.

    A point :math:`x` is critical (Arpit et al. 2017, arXiv 1706.05394) when there is an :math:`\hat x` with
    :math:`\|\hat x - x\|_\infty \le r` and another winning class. The square around it is convex, so that this is so
    just when the decision boundary meets it.

    Args:
        net: The net, piecewise linear, of points of the plane; batch normalisation counts as folded in.
        X: Points, (N, 2), N at least 1.
        r: Radius in the maximum norm, in data units, at least 0.

    Returns:
        Distances, who is critical, witnesses, and the region.

    Raises:
        GeometryError: If points or radius are not such.
        NotPossible: If the net is not made of linear pieces.

    Example:
        >>> from foldscape.net.mlp import Weights
        >>> line = Weights((np.array([[1.0, 0.0], [0.0, 1.0]]),), (np.zeros(2),))
        >>> critical_region(line, [[0.3, 0.0], [1.0, 0.0]], 0.2).critical.tolist()
        [True, False]
    """
    points = as_points(X)
    if not (math.isfinite(r) and r >= 0):
        raise GeometryError(f"The radius is {r}: give a finite number, at least 0, in the units of the data.")
    low, high = points.min(axis=0), points.max(axis=0)
    more = r + BEYOND * max(r, float((high - low).max()), float(abs(points).max()), 1e-3)
    box = (low[0] - more, high[0] + more, low[1] - more, high[1] + more)
    found = net.pieces(box)
    distance = max_norm_distance(points, found.boundary.points)
    return CriticalRegion(points, float(r), distance, found.boundary, found.cells.net)


def _winners(net: Network, X: Float64Array) -> NDArray[np.int64]:
    out = net.preactivations(X)[-1]
    found: NDArray[np.int64] = (out[:, 0] > 0).astype(np.int64) if out.shape[1] == 1 else out.argmax(axis=1)
    return found
