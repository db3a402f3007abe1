"""A surface: the values over a plane as far as they are known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from foldscape.errors import InvalidInput
from foldscape.landscape.spec import Plane, Range

Grid = NDArray[np.float64]
VALUES = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")


@dataclass(frozen=True)
class FinishedCells:
    """Some finished points of a plane.

    Attributes:
        rows: (m,) int64 place along the second direction.
        columns: (m,) int64 place along the first.
        train_loss: (m,) mean losses in nats; not finite where the net's outputs are not. NaN without training data.
        train_accuracy: (m,) shares of right answers.
        test_loss: (m,) the same on test data; NaN without.
        test_accuracy: (m,) the same.
        done: Points of the plane that are known after these.
        total: Points of the plane.
        stage: Points a side of the look that these belong to.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    train_loss: Grid
    train_accuracy: Grid
    test_loss: Grid
    test_accuracy: Grid
    done: int
    total: int
    stage: int


@dataclass(frozen=True)
class Surface:
    """Values over a plane; rows go along the second direction, columns along the first.

    Attributes:
        x: (columns,) coordinates along the first direction, in steps.
        y: (rows,) coordinates along the second.
        known: (rows, columns) which points have been measured.
        train_loss: (rows, columns) mean losses in nats, NaN where not known. A known point whose value is not finite
            is one where the net's outputs are not.
        train_accuracy: (rows, columns) shares of right answers.
        test_loss: (rows, columns) the same on test data.
        test_accuracy: (rows, columns) the same.
    """

    x: Grid
    y: Grid
    known: NDArray[np.bool_]
    train_loss: Grid
    train_accuracy: Grid
    test_loss: Grid
    test_accuracy: Grid

    @staticmethod
    def empty(plane: Plane) -> Surface:
        """Give the surface of a plane of which nothing is known yet."""
        shape = (plane.resolution, plane.resolution)
        x, y = axis(plane.x_reach, plane.resolution), axis(plane.y_reach, plane.resolution)
        return Surface(x, y, np.zeros(shape, bool), *(np.full(shape, np.nan) for _ in VALUES))

    def with_cells(self, cells: FinishedCells) -> Surface:
        """Give the surface with some more points known."""
        known, place = self.known.copy(), (cells.rows, cells.columns)
        known[place] = True
        grids = {name: getattr(self, name).copy() for name in VALUES}
        for name, grid in grids.items():
            grid[place] = getattr(cells, name)
        return replace(self, known=known, **grids)

    def finer(self, plane: Plane) -> Surface:
        """Carry what is known over to a finer grid on the same ranges.

        Args:
            plane: The finer plane; its points must hold those of this one, as 101 a side hold 51.

        Returns:
            The finer surface; cells between the known ones are unknown.

        Raises:
            InvalidInput: If they do not.
        """
        wide = Surface.empty(plane)
        stride, rest = divmod(plane.resolution - 1, len(self.x) - 1)
        fits = rest == 0 and np.allclose(wide.x[::stride], self.x) and np.allclose(wide.y[::stride], self.y)
        if not fits:
            raise InvalidInput(
                f"{len(self.x)} points a side are no part of {plane.resolution} on these ranges.",
                hint=f"Keep the ranges and take {2 * len(self.x) - 1}.",
            )
        rows, columns = np.nonzero(self.known)
        values = {name: getattr(self, name)[rows, columns] for name in VALUES}
        return wide.with_cells(
            FinishedCells(
                rows * stride, columns * stride, **values, done=len(rows), total=plane.cells, stage=len(self.x)
            )
        )

    def failed(self, name: str = "train_loss") -> NDArray[np.bool_]:
        """Tell which known points have no finite value, (rows, columns)."""
        return np.asarray(self.known & ~np.isfinite(getattr(self, name)))

    def limits(self, name: str = "train_loss", clip: float | None = None) -> tuple[float, float] | None:
        """Give lowest and highest finite value, which a colour scale spans; ``None`` if there is none.

        Args:
            name: Which values.
            clip: Cut the highest at so many times the 5th percentile, as 10 for steep losses (Li et al. 2018).

        Returns:
            Lowest and highest, after ``clip``.
        """
        values = getattr(self, name)
        finite = values[np.isfinite(values)]
        if not finite.size:
            return None
        top = float(finite.max())
        if clip is not None:
            top = min(top, clip * float(np.percentile(finite, 5)))
        return float(finite.min()), max(top, float(finite.min()))


def axis(reach: Range, points: int) -> Grid:
    """Give evenly spaced coordinates; one that should be 0 is exactly 0.

    Args:
        reach: First and last.
        points: How many.

    Returns:
        (points,) float64, rising.
    """
    coordinates = np.linspace(*reach, points)
    coordinates[np.abs(coordinates) < 1e-12 * (reach[1] - reach[0])] = 0.0
    return coordinates
