"""What nets have reached, counted draw by draw."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from foldscape.studies.utilisation.methods import TAUS
from foldscape.studies.utilisation.spec import Tally

Counts = npt.NDArray[np.int64]
NEAR = 0.99


def tally(right: Counts, best: int, points: int) -> Tally:
    """Count the nets of one draw.

    Args:
        right: (nets,) points that each net has right.
        best: Most points that any net of any row has right on this draw.
        points: Points in all, N.

    Returns:
        The counts at both thresholds.
    """
    return Tally(
        nets=len(right),
        perfect=int((right == points).sum()),
        near=int((right >= fewest_right(NEAR, points)).sum()),
        within=tuple(int((right >= fewest_right(best / points - tau, points)).sum()) for tau in TAUS),
    )


def sum_of_draws(tallies: Sequence[Tally]) -> Tally:
    """Add the draws up."""
    return Tally(
        nets=sum(one.nets for one in tallies),
        perfect=sum(one.perfect for one in tallies),
        near=sum(one.near for one in tallies),
        within=tuple(sum(column) for column in zip(*(one.within for one in tallies), strict=True)),
    )


def fewest_right(accuracy: float, points: int) -> int:
    """Give the fewest right points that make an accuracy; 0.99 of 200 is 198, whatever rounding says."""
    return math.ceil(accuracy * points - 1e-9)
