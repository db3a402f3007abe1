"""The mean of a group along a clock with its 95 % band: a function of that group alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.comparison.align import Clock, clock_of, value_at
from foldscape.comparison.curve import json_numbers
from foldscape.comparison.group import Group
from foldscape.comparison.statistics import mean_interval
from foldscape.measures.declared import MEASURES

PLACES = 120
FIGURES = 6


@dataclass(frozen=True)
class Band:
    """A measure along a clock.

    Attributes:
        x: (T,) readings of the clock.
        each: (seeds, T) value of each run; NaN where it has none.
        mean: (T,) mean over the runs that have a value; the geometric mean of measures that are compared as ratios.
        low: (T,) lower end of the 95 % interval of the mean; NaN for fewer than two runs.
        high: (T,) upper end.
        n: (T,) runs behind the mean.
    """

    x: Float64Array
    each: Float64Array
    mean: Float64Array
    low: Float64Array
    high: Float64Array
    n: np.ndarray

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON in six figures."""
        lines = {name: _short(getattr(self, name)) for name in ("x", "mean", "low", "high")}
        return {**lines, "n": self.n.tolist(), "each": [_short(row) for row in self.each]}


def grid_of(group: Group, by: Clock, places: int = PLACES) -> Float64Array:
    """Give readings of a clock over the whole length of a group's curves, in the order in which they are reached."""
    clocks = [clock_of(curve, by) for curve in group.curves]
    readings = np.concatenate([clock[np.isfinite(clock)] for clock in clocks]) if clocks else np.zeros(0)
    if by == "loss":
        readings = readings[readings > 0]
    if not len(readings):
        return np.zeros(0)
    if by == "neurons":
        return np.unique(readings)
    low, high = float(readings.min()), float(readings.max())
    return np.geomspace(high, low, places) if by == "loss" else np.linspace(low, high, places)


def band(group: Group, by: Clock, measure: str, grid: Float64Array | None = None) -> Band:
    """Work out a group's mean along a clock.

    Args:
        group: The group; no other group has a say.
        by: The clock.
        measure: Name of a column.
        grid: (T,) readings of the clock; those of ``grid_of`` when missing.

    Returns:
        Mean and 95 % interval at each point of the grid; NaN where a run has no value.
    """
    x = grid_of(group, by) if grid is None else grid
    each = np.stack([value_at(curve, by, x, measure) for curve in group.curves])
    log = MEASURES[measure].log
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(each > 0, np.log(each), np.nan) if log else each
    mean, low, high, n = mean_interval(values)
    if log:
        mean, low, high = np.exp(mean), np.exp(low), np.exp(high)
    return Band(x, each, mean, low, high, n)


def _short(values: Float64Array) -> list[float | None]:
    return [None if value is None else float(f"{value:.{FIGURES}g}") for value in json_numbers(values)]
