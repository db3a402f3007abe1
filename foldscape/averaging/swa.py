"""The mean of the nets at the ends of epochs: stochastic weight averaging."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from foldscape.averaging.base import AverageRule
from foldscape.schedules.base import Course, in_epochs


class StochasticWeightAveraging(AverageRule):
    """The plain mean of the weights at the ends of epochs, from some part of the run on.

    Izmailov et al. 2018, "Averaging weights leads to wider optima and better generalization", arXiv 1803.05407,
    algorithm 1, with a constant rate or the cycles of a schedule: give ``every`` the epochs of a cycle.
    """

    kind: Literal["swa"] = "swa"
    begin: float = Field(0.75, ge=0, lt=1)
    """Share of the run after which the first net is taken in."""
    every: int = Field(1, ge=1, le=100_000)
    """Epochs between two nets that are taken in (c)."""

    def following(self, step: int, course: Course) -> int | None:
        """Give the next end of an epoch at which the net is taken in."""
        first, last = self._first(course), round(course.epochs)
        epoch, _ = course.calendar.place(step)
        passed = max(0, epoch - first + 1)
        due = first + -(-passed // self.every) * self.every
        return course.calendar.first_step(due) if due <= last else None

    def share(self, taken: int) -> float:
        """Give each net the same weight."""
        return 1 / (taken + 1)

    def problem(self, course: Course) -> str:
        """Say that fewer than two nets would be taken in."""
        first, last = self._first(course), round(course.epochs)
        if first + self.every <= last:
            return ""
        return (
            f"every {self.every} takes one net in, after {in_epochs(first)} of {in_epochs(last)}; "
            "set every or begin lower, or stop.epochs higher"
        )

    def _first(self, course: Course) -> int:
        return max(1, math.ceil(self.begin * round(course.epochs)))
