"""The learning rates of one run, whoever asks: engines, probes, pages."""

from __future__ import annotations

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.errors import NotPossible
from foldscape.schedules.base import Course, Schedule
from foldscape.schedules.constant import Constant


class LearningRates:
    """What a schedule makes of a base learning rate in each update of a run.

    They are worked out a whole epoch at a time, so that their bits do not depend on who asks for how many.

    Args:
        schedule: The schedule.
        course: The run.

    Example:
        >>> from foldscape.schedules.calendar import Calendar
        >>> from foldscape.schedules.cosine import Cosine
        >>> rates = LearningRates(Cosine(), Course(Calendar.steady(points=4, batch=2), end=4))
        >>> [round(rates.at(step, 0.1), 3) for step in range(4)]
        [0.1, 0.085, 0.05, 0.015]
    """

    def __init__(self, schedule: Schedule, course: Course) -> None:
        self._schedule, self._course = schedule, course
        self._known: tuple[int, float, Float64Array] | None = None

    @property
    def restarts(self) -> tuple[int, ...]:
        """Updates at which the rate jumps up again."""
        return self._schedule.restarts(self._course)

    @property
    def members(self) -> tuple[int, ...]:
        """Updates done at the moments whose nets are members of an ensemble."""
        return self._schedule.members(self._course)

    def of_epoch(self, epoch: int, base: float) -> Float64Array | None:
        """Give the rate of each update of an epoch, or ``None`` where all have the base.

        Args:
            epoch: The epoch, from 0.
            base: The learning rate that the schedule changes.

        Returns:
            (updates,) learning rates.

        Raises:
            NotPossible: If the schedule gives what is no learning rate.
        """
        if isinstance(self._schedule, Constant):
            return None
        if self._known is None or self._known[:2] != (epoch, base):
            calendar = self._course.calendar
            first = calendar.first_step(epoch)
            steps = np.arange(first, first + calendar.steps_in(epoch))
            self._known = (epoch, base, self._sound(self._schedule.rates(base, steps, self._course), first))
        return self._known[2]

    def at(self, step: int, base: float) -> float:
        """Give the rate of the update that comes after so many; at the end of the run that of the last one."""
        if isinstance(self._schedule, Constant):
            return base
        epoch, within = self._course.calendar.place(min(step, self._course.end - 1))
        rates = self.of_epoch(epoch, base)
        assert rates is not None
        return float(rates[within])

    def _sound(self, rates: Float64Array, first: int) -> Float64Array:
        """Refuse what is no learning rate; a schedule of anybody may come to that."""
        wrong = np.flatnonzero(~((rates > 0) & np.isfinite(rates)))
        if len(wrong):
            raise NotPossible(
                f"The schedule {self._schedule.kind} gives update {first + wrong[0]} the rate {rates[wrong[0]]:g}.",
                hint="Learning rates have to be positive and finite: change its settings, or the schedule.",
            )
        return rates
