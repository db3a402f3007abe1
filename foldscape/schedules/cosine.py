"""Down along half a cosine, once."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from foldscape.arrays import Float64Array
from foldscape.schedules.base import Course, Schedule, Updates, annealed, in_epochs, too_high


class Cosine(Schedule):
    """The rate goes down along half a cosine: ``lr_min + (lr - lr_min) * (1 + cos(pi * epoch / epochs)) / 2``.

    Loshchilov and Hutter, SGDR, arXiv 1608.03983, equation 5, without restarts.
    """

    kind: Literal["cosine"] = "cosine"
    epochs: int | None = Field(None, ge=1, le=1_000_000)
    """Epochs until the lowest rate, which stays; empty (``null``) is the whole run."""
    lr_min: float = Field(0, ge=0, le=100)
    """The lowest rate."""

    def rates(self, base: float, steps: Updates, course: Course) -> Float64Array:
        """Give the rates; see ``Schedule.rates``."""
        return annealed(base, self.lr_min, np.minimum(course.passed(steps) / self._epochs(course), 1.0))

    def problem(self, base: float, course: Course) -> str:
        """Say that it never comes to its end, or that training would stand still after it."""
        length = course.epochs
        if self._epochs(course) > length:
            return (
                f"epochs {self.epochs} is longer than the {in_epochs(length)} that it has; "
                "set epochs to null, or stop.epochs higher"
            )
        if self._epochs(course) < length and self.lr_min == 0:
            return (
                f"lr_min 0 would be the learning rate from epoch {course.start + self._epochs(course):g} on; "
                "set lr_min above 0, or epochs to null"
            )
        return too_high(self.lr_min, base)

    def _epochs(self, course: Course) -> float:
        return self.epochs if self.epochs is not None else course.epochs
