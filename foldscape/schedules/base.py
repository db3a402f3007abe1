"""What a schedule of the learning rate answers, and the stretch of a run that it covers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float64Array
from foldscape.model import Model
from foldscape.schedules.calendar import Calendar

Updates = npt.NDArray[np.int64]

ROUNDING = 1e-9
"""Epochs that are none."""


@dataclass(frozen=True)
class Course:
    """The updates that a schedule covers, to the end of the run.

    Attributes:
        calendar: Which update falls into which epoch.
        end: The update at which it ends, counted from the start of the run.
        begin: The first of its updates.
        start: The moment at which it begins, in epochs since the start of the run.
    """

    calendar: Calendar
    end: int
    begin: int = 0
    start: float = 0.0

    @property
    def updates(self) -> int:
        """Number of updates."""
        return self.end - self.begin

    @property
    def epochs(self) -> float:
        """Length in epochs."""
        return self.calendar.epoch_at(self.end) - self.start

    def passed(self, steps: npt.ArrayLike) -> Float64Array:
        """Give the epochs that have passed before each of (n,) updates, with fractions."""
        # Where it began within an epoch, rounding would put what begins after whole epochs an update too late.
        passed = self.calendar.epochs_at(steps) - self.start
        whole = np.rint(passed)
        found: Float64Array = np.where(np.abs(passed - whole) < ROUNDING, whole, passed)
        return found

    def update_at(self, epochs: float) -> int:
        """Give the first update that is not before so many epochs have passed."""
        return self.calendar.step_at(self.start + epochs)

    def updates_at(self, epochs: npt.ArrayLike) -> tuple[int, ...]:
        """Give what ``update_at`` gives, for each of (n,) moments."""
        return tuple(self.calendar.steps_at(self.start + np.asarray(epochs)).tolist())

    def after(self, epochs: float) -> Course:
        """Give what is left of it after so many epochs."""
        return replace(self, begin=self.update_at(epochs), start=self.start + epochs)


class Schedule(Model):
    """Base of the schedules: the learning rate as a function of the update.

    A rate follows from the update, the run's length and the base alone, so that a run taken up again goes on with the
    same bits. The base is ``optimizer.lr``, or what a command ``set`` has made of it since; the schedule goes on. What
    the optimiser remembers is kept at restarts.
    """

    kind: str

    def rates(self, base: float, steps: Updates, course: Course) -> Float64Array:
        """Give the learning rates of updates.

        Args:
            base: The learning rate that is followed where no schedule changes it.
            steps: (n,) updates of the course, counted from the start of the run.
            course: What the schedule covers.

        Returns:
            (n,) learning rates, positive and finite.
        """
        raise NotImplementedError

    def restarts(self, course: Course) -> tuple[int, ...]:
        """Give the updates at which the rate jumps up again, counted from the start of the run."""
        del course
        return ()

    def members(self, course: Course) -> tuple[int, ...]:
        """Give the updates done at the moments whose nets are worth keeping as members of an ensemble.

        Args:
            course: What the schedule covers.

        Returns:
            The ends of its cycles, that of the last one too; none where it has no cycles.
        """
        restarts = self.restarts(course)
        return (*restarts, course.end) if restarts else ()

    def problem(self, base: float, course: Course) -> str:
        """Say what of it does not fit a run, beginning with the field, and the way out; empty when it fits."""
        del base, course
        return ""


def annealed(base: float, least: float, share: Float64Array) -> Float64Array:
    """Go down from the base to the least rate along half a cosine (arXiv 1608.03983, equation 5).

    Args:
        base: The highest rate.
        least: The lowest; the base where that has been set lower.
        share: (n,) how far, 0 to 1.

    Returns:
        (n,) rates.
    """
    low = min(least, base)
    found: Float64Array = low + 0.5 * (base - low) * (1 + np.cos(math.pi * share))
    return found


def too_high(least: float, base: float) -> str:
    """Say that the lowest rate is no lower than the base; empty when it is."""
    if least < base:
        return ""
    return f"lr_min {least:g} is not below the learning rate {base:g}; set it lower, or optimizer.lr higher"


def in_epochs(epochs: float) -> str:
    """Say how long something is.

    Returns:
        Words such as "1 epoch".
    """
    return f"{epochs:g} epoch{'' if epochs == 1 else 's'}"
