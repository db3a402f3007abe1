"""Up to the learning rate at first, then any other schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from foldscape.arrays import Float64Array
from foldscape.registry import union_of
from foldscape.schedules.base import Course, Schedule, Updates, in_epochs
from foldscape.schedules.constant import Constant

if TYPE_CHECKING:
    Then = Schedule
else:
    Then = union_of(
        "foldscape.schedules", Schedule
    )  # this module declares its own kind below, and so is not among them


class WarmUp(Schedule):
    """The rate rises in a straight line to where another schedule begins; that then runs over the rest of the run.

    Goyal et al., Accurate, Large Minibatch SGD, arXiv 1706.02677, section 2.2; the rate changes with every update.
    """

    kind: Literal["warm_up"] = "warm_up"
    epochs: float = Field(5, gt=0, le=1_000_000)
    """Epochs that it takes."""
    start: float = Field(0.1, gt=0, le=1)
    """Share of the learning rate at the first update."""
    then: Then = Constant()
    """What follows; its epochs count from the end of the warm-up."""

    def rates(self, base: float, steps: Updates, course: Course) -> Float64Array:
        """Give the rates; see ``Schedule.rates``."""
        rest = course.after(self.epochs)
        target = self.then.rates(base, np.array([rest.begin]), rest)[0]
        share = self.start + (1 - self.start) * course.passed(steps) / self.epochs
        following = self.then.rates(base, np.maximum(steps, rest.begin), rest)
        found: Float64Array = np.where(steps < rest.begin, target * share, following)
        return found

    def restarts(self, course: Course) -> tuple[int, ...]:
        """Give those of what follows."""
        return self.then.restarts(course.after(self.epochs))

    def members(self, course: Course) -> tuple[int, ...]:
        """Give those of what follows."""
        return self.then.members(course.after(self.epochs))

    def problem(self, base: float, course: Course) -> str:
        """Say that it never comes to its end, or what is wrong with what follows."""
        if course.update_at(self.epochs) >= course.end:
            return (
                f"epochs {self.epochs:g} of warm-up end no earlier than the run of {in_epochs(course.epochs)}; "
                "set epochs lower, or stop.epochs higher"
            )
        following = self.then.problem(base, course.after(self.epochs))
        return following and f"then.{following}"
