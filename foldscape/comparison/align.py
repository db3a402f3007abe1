"""Clocks by which runs are aligned, and the values of a run at one reading of a clock.

A clock never goes back: of the training loss the lowest so far counts. A run is read where its clock first comes to
the target; between the two neighbouring checkpoints at which the measure is known its value is interpolated, by the
logarithm of the loss on the clock ``loss`` and linearly on the others. On the clock ``neurons`` the last checkpoint
with that many neurons counts, without interpolation. Where a run never comes there, the value is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from foldscape import vocabulary
from foldscape.arrays import Float64Array
from foldscape.comparison.curve import COLUMNS, Curve
from foldscape.errors import InvalidInput
from foldscape.losses import unit_of

Clock = Literal["loss", "updates", "epochs", "flops", "seconds", "neurons"]
CLOCKS: tuple[Clock, ...] = get_args(Clock)
COLUMN: dict[Clock, str] = {
    "loss": "train_loss",
    "updates": "updates",
    "epochs": "epoch",
    "flops": "flops",
    "seconds": "seconds",
    "neurons": "neurons",
}
TINY = 1e-300


@dataclass(frozen=True)
class Point:
    """Where runs are compared.

    Attributes:
        by: The clock.
        target: Its reading, in the unit of the clock.
        loss: Label of the loss that the runs were trained on; empty where it is not known.
    """

    by: Clock
    target: float
    loss: str = ""

    @property
    def unit(self) -> str:
        """Unit of the reading; of the loss its own, where it is known which."""
        return unit_of(self.loss) if self.by == "loss" and self.loss else vocabulary.CLOCKS[self.by].unit


def point_of(by: Clock, target: float, curves: Iterable[Curve]) -> Point:
    """Give a point with the loss of the runs that are compared there; several losses are named together."""
    return Point(by, target, " and ".join(sorted({curve.loss for curve in curves if curve.loss})))


def must_be_clock(by: str) -> None:
    """Refuse what is no clock.

    Raises:
        InvalidInput: If there is no clock of that name.
    """
    if by not in COLUMN:
        raise InvalidInput(f"No clock is called {by!r}.", hint=f"Choose one of {', '.join(CLOCKS)}.")


def words_of(point: Point) -> str:
    """Say where runs are compared, as every export does.

    Returns:
        Words that fit into a heading.

    Example:
        >>> words_of(Point("loss", 0.01))
        'aligned by equal training loss: 0.01 nats'
    """
    return f"aligned by {vocabulary.CLOCKS[point.by].equal}: {point.target:.4g} {point.unit}"


def clock_of(curve: Curve, by: Clock) -> Float64Array:
    """Give (n,) readings of a clock at each checkpoint, never falling: of the loss the lowest so far.

    Returns:
        (n,) readings, one a checkpoint; NaN before the first that is known.

    Raises:
        InvalidInput: If there is no such clock.
    """
    must_be_clock(by)
    values = curve[COLUMN[by]]
    if by == "loss":
        return np.fmin.accumulate(values) if len(values) else values
    return np.fmax.accumulate(values) if len(values) else values


def common_target(curves: Sequence[Curve], by: Clock, measures: Sequence[str] = ()) -> float | None:
    """Give the last reading that all curves reach: the largest final loss, or the smallest final of another clock.

    Args:
        curves: Those that are compared; one without any reading of the clock is passed over.
        by: The clock; a curve's final loss is the lowest that it came to.
        measures: Columns that are wanted there: a curve ends for this purpose where the first of those that were
            measured on it was measured last.

    Returns:
        The reading; ``None`` when no curve has one.
    """
    ends = [end for curve in curves if (end := _final(curve, by, measures)) is not None]
    if not ends:
        return None
    return max(ends) if by == "loss" else min(ends)


def common_point(curves: Sequence[Curve], by: Clock) -> Point:
    """Give the last point that all curves come to; its reading is NaN where there is none. See ``common_target``."""
    target = common_target(curves, by)
    return point_of(by, math.nan if target is None else target, curves)


def _final(curve: Curve, by: Clock, measures: Sequence[str]) -> float | None:
    clock = clock_of(curve, by)
    known = np.isfinite(clock)
    taken = [found for name in measures if (found := known & np.isfinite(curve[name])).any()]
    last = min((int(np.flatnonzero(rows)[-1]) for rows in taken or [known] if rows.any()), default=None)
    return None if last is None else float(clock[last])


def value_at(curve: Curve, by: Clock, targets: float | npt.ArrayLike, measure: str) -> Float64Array:
    """Read a measure where a clock first comes to each target.

    Args:
        curve: The run.
        by: The clock.
        targets: (T,) readings of the clock, or one.
        measure: Name of a column.

    Returns:
        (T,) values; NaN where the clock never comes there, or the measure is not known on both sides.

    Raises:
        InvalidInput: If there is no such clock or column.
    """
    if measure not in COLUMNS:
        raise InvalidInput(f"No measure is called {measure!r}.", hint=f"Choose one of {', '.join(COLUMNS)}.")
    must_be_clock(by)
    wanted = np.atleast_1d(np.asarray(targets, np.float64))
    if by == "neurons":
        return _last_with(curve, wanted, measure)
    clock, values = _forward(clock_of(curve, by), by), curve[measure]
    known = np.isfinite(clock) & np.isfinite(values)
    if not known.any():
        return np.full(len(wanted), np.nan)
    times, readings = _forward(wanted, by), values[known]
    found = _between(times, clock[known], readings)
    if measure == COLUMN[by]:  # A clock reads its own target, though the loss may go up between two checkpoints.
        found = np.where(np.isfinite(found), wanted, np.nan)
    begins = np.flatnonzero(np.isfinite(clock))[0]
    if known[begins]:
        found[times <= clock[begins]] = readings[0]
    return found


def _forward(readings: Float64Array, by: Clock) -> Float64Array:
    """Turn readings into a time that rises: of the loss the negative logarithm."""
    return -np.log(np.maximum(readings, TINY)) if by == "loss" else readings


def _between(times: Float64Array, clock: Float64Array, values: Float64Array) -> Float64Array:
    """Interpolate at the first place where the clock is at each time or beyond; NaN outside."""
    after = np.searchsorted(clock, times, side="left")
    inside = (after > 0) & (after < len(clock))
    found = np.full(len(times), np.nan)
    if len(clock):
        found[times == clock[0]] = values[0]  # what is read where it is first known needs no neighbour before it
    right = after[inside]
    left = right - 1
    share = (times[inside] - clock[left]) / (clock[right] - clock[left])
    found[inside] = values[left] + share * (values[right] - values[left])
    return found


def _last_with(curve: Curve, counts: Float64Array, measure: str) -> Float64Array:
    neurons, values = curve["neurons"], curve[measure]
    found = np.full(len(counts), np.nan)
    for at, count in enumerate(counts):
        rows = np.flatnonzero((neurons == count) & np.isfinite(values))
        if len(rows):
            found[at] = values[rows[-1]]
    return found
