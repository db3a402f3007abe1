"""Straight pieces in the plane: folds, the decision boundary, and the points at which it can bend."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foldscape.arrays import Float64Array
from foldscape.lazy import lazy


@dataclass(frozen=True, eq=False)
class Folds:
    """Where units switch: one row for each maximal straight piece of one unit's fold.

    Attributes:
        points: End points, (S, 2, 2). The unit is active to the left of the way from the first to the second.
        layer: Hidden layer of the unit, from 0, (S,).
        unit: Unit within its layer, (S,).
    """

    points: Float64Array
    layer: NDArray[np.int32]
    unit: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.points)

    @lazy
    def active_side(self) -> Float64Array:
        """Unit normal that points to where the unit is active, (S, 2); zero for a piece shorter than rounding."""
        along = self.points[:, 1] - self.points[:, 0]
        length = np.hypot(along[:, 0], along[:, 1])[:, None]
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
        return np.divide(normal, length, out=np.zeros_like(normal), where=length > 0)


@dataclass(frozen=True, eq=False)
class Boundary:
    """Where the winning class changes: one row for each straight piece.

    Attributes:
        points: End points, (S, 2, 2).
        pair: The two classes that win beside it, the lower first, (S, 2).
    """

    points: Float64Array
    pair: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, eq=False)
class FoldPoints:
    """Where the decision boundary crosses a fold, the only places at which it can bend: one row for each fold there.

    Attributes:
        xy: (F, 2).
        layer: Hidden layer of the fold's unit, from 0, (F,).
        unit: Unit within its layer, (F,).
    """

    xy: Float64Array
    layer: NDArray[np.int32]
    unit: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.xy)
