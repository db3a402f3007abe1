"""Down along half a cosine again and again: stochastic gradient descent with warm restarts."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from foldscape.arrays import Float64Array
from foldscape.schedules.base import ROUNDING, Course, Schedule, Updates, annealed, in_epochs, too_high


class SGDR(Schedule):
    """Half a cosine, begun anew at each restart; cycle i lasts ``cycle * factor ** i`` epochs.

    Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, arXiv 1608.03983, equation 5; the rate
    changes with every update. Their (T_0, T_mult) of (10, 2) are the shipped values. Momentum is kept at restarts.
    """

    kind: Literal["sgdr"] = "sgdr"
    cycle: int = Field(10, ge=1, le=1_000_000)
    """Epochs of the first cycle (T_0)."""
    factor: int = Field(2, ge=1, le=100)
    """How many times as long as the one before each cycle is (T_mult)."""
    lr_min: float = Field(0, ge=0, le=100)
    """The lowest rate."""

    def rates(self, base: float, steps: Updates, course: Course) -> Float64Array:
        """Give the rates; see ``Schedule.rates``."""
        passed, starts = course.passed(steps), self._starts(course.epochs)
        at = np.searchsorted(starts, passed, side="right") - 1
        lengths = self.cycle * float(self.factor) ** at
        return annealed(base, self.lr_min, (passed - starts[at]) / lengths)

    def restarts(self, course: Course) -> tuple[int, ...]:
        """Give the first update of every cycle but the first."""
        return course.updates_at(self._starts(course.epochs)[1:])

    def members(self, course: Course) -> tuple[int, ...]:
        """Give the ends of the cycles that come to their end."""
        starts = self._starts(course.epochs)
        last = starts[-1] + self.cycle * float(self.factor) ** (len(starts) - 1)
        whole = (course.end,) if abs(last - course.epochs) < ROUNDING else ()
        return (*self.restarts(course), *whole)

    def problem(self, base: float, course: Course) -> str:
        """Say that the first cycle never comes to its end, or has only one update."""
        length = course.epochs
        if self.cycle > length:
            return (
                f"cycle {self.cycle} is longer than the {in_epochs(length)} that it has; "
                "set cycle lower, or stop.epochs higher"
            )
        if course.update_at(self.cycle) - course.begin < 2:
            return f"cycle {self.cycle} is a single update; set cycle higher, or batch smaller"
        return too_high(self.lr_min, base)

    def _starts(self, length: float) -> Float64Array:
        """Give the moments within so many epochs at which a cycle begins, in epochs."""
        if self.factor == 1:
            return np.arange(0.0, length, self.cycle)
        starts = [0.0]
        while (following := starts[-1] + self.cycle * float(self.factor) ** (len(starts) - 1)) < length:
            starts.append(following)
        return np.array(starts)
