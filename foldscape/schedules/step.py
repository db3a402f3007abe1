"""Down by a factor every so many epochs."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from pydantic import Field

from foldscape.arrays import Float64Array
from foldscape.schedules.base import Course, Schedule, Updates, in_epochs

SMALLEST = 1e-30
"""Rates below are none in the precision of the weights."""


class StepSchedule(Schedule):
    """The rate is multiplied by a factor every so many epochs: ``lr * gamma ** floor(epoch / every)``."""

    kind: Literal["step"] = "step"
    every: int | None = Field(None, ge=1, le=1_000_000)
    """Epochs between two steps; empty (``null``) is a third of the run."""
    gamma: float = Field(0.1, gt=0, lt=1)
    """Factor at each step."""

    def rates(self, base: float, steps: Updates, course: Course) -> Float64Array:
        """Give the rates; see ``Schedule.rates``."""
        found: Float64Array = base * self.gamma ** np.floor(course.passed(steps) / self._every(course))
        return found

    def problem(self, base: float, course: Course) -> str:
        """Say that no step falls into the run, or that the rate comes down to nothing."""
        every, length = self._every(course), course.epochs
        if every >= length:
            return (
                f"every {every} epochs comes to no step within the {in_epochs(length)} that it has; "
                "set every lower, or stop.epochs higher"
            )
        steps = math.ceil(length / every) - 1
        if math.log(base) + steps * math.log(self.gamma) < math.log(SMALLEST):
            return (
                f"gamma {self.gamma:g} at {steps:,} steps brings the learning rate down to nothing; "
                "set gamma or every higher"
            )
        return ""

    def _every(self, course: Course) -> int:
        return self.every if self.every is not None else math.ceil(course.epochs / 3)
