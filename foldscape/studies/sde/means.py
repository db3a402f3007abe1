"""What is measured of the chains of a row: means with their errors, and what is averaged over moments."""

from __future__ import annotations

import math

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.studies.sde.rows import counts, with_counts, with_moments
from foldscape.studies.sde.spec import SdeRow

_ALIKE = 5.0
"""Standard errors within which both halves of what is measured have to agree."""


class ChainMeans:
    """Sums for each chain over the measured updates, the first half of them apart from the second.

    The mean over time of a chain is one value, and the chains are independent. So their spread gives the error,
    however slowly a chain moves.

    Args:
        chains: How many.
        updates: Measured updates in all.
    """

    def __init__(self, chains: int, updates: int) -> None:
        self._sums = np.zeros((2, chains))
        self._counts = [0, 0]
        self._updates = updates
        self._done = 0

    def add(self, done: int, totals: FloatArray) -> None:
        """Add (chains,) sums over the updates up to ``done``."""
        half = int(2 * done > self._updates)
        self._sums[half] += totals
        self._counts[half] += done - self._done
        self._done = done

    @property
    def mean(self) -> float:
        """Mean over chains and updates."""
        return float(self._each().mean())

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return _error(self._each())

    @property
    def is_settled(self) -> bool | None:
        """Whether both halves agree; ``None`` where there is only one."""
        if min(self._counts) == 0:
            return None
        drift = self._sums[1] / self._counts[1] - self._sums[0] / self._counts[0]
        return bool(abs(drift.mean()) <= _ALIKE * _error(drift))

    def _each(self) -> FloatArray:
        each: FloatArray = self._sums.sum(axis=0) / self._done
        return each


class Looks:
    """The histogram, or the second moments, averaged over the moments at which something is told."""

    def __init__(self, row: SdeRow) -> None:
        self._density = row.density
        self._sum: FloatArray = np.zeros(1)
        self._many = 0

    def add(self, places: FloatArray) -> None:
        """Look at (chains, d) places."""
        self._many += 1
        if self._density is not None:
            self._sum = self._sum + counts(self._density, places[:, 0])
        else:
            self._sum = self._sum + places.T @ places / len(places)

    def into(self, row: SdeRow) -> SdeRow:
        """Give a row what was seen."""
        seen = self._sum / self._many
        return with_moments(row, seen) if self._density is None else with_counts(row, seen)


def _error(each: FloatArray) -> float:
    return float(each.std(ddof=1)) / math.sqrt(len(each))
