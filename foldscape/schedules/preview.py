"""A schedule along its run, as curves and marks to draw; nobody else works them out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from foldscape.model import Model
from foldscape.schedules.base import Course, Schedule
from foldscape.schedules.calendar import Calendar

POINTS = 240
"""Points of a curve, besides those on both sides of each jump."""
MOST_RESTARTS = 120
"""More restarts than these are a comb in which nobody sees one; then none are marked."""


class SteadyStretch(Model):
    """Epochs whose batches have one size."""

    epoch: int
    """The first of them."""
    step: int
    """Updates done when it begins."""
    batch: int
    """Points a batch."""
    steps_per_epoch: int
    """Updates of each of its epochs."""


class SchedulePreview(Model):
    """What schedules make of a run."""

    updates: int
    """Updates of all epochs."""
    steps: tuple[int, ...]
    """Updates at which the learning rate is told."""
    epochs: tuple[float, ...]
    """The same in epochs."""
    rates: tuple[float, ...]
    """The learning rate there."""
    restarts: tuple[int, ...]
    """Updates at which the learning rate jumps up again; none where there are too many to be seen."""
    restart_epochs: tuple[float, ...]
    """The same in epochs."""
    stretches: tuple[SteadyStretch, ...]
    """Sizes of the batches, from the first epoch on."""


def preview(schedule: Schedule, base: float, course: Course) -> SchedulePreview:
    """Give the learning rates and batch sizes of a run that nobody interrupts.

    Args:
        schedule: The schedule of the learning rate.
        base: The learning rate that it changes.
        course: The run.

    Returns:
        Curves of a few hundred points.

    Example:
        >>> from foldscape.schedules import Calendar
        >>> from foldscape.schedules.sgdr import SGDR
        >>> seen = preview(SGDR(cycle=2), 0.1, Course(Calendar.steady(points=10, batch=5), end=20))
        >>> seen.restart_epochs, seen.rates[0]
        ((2.0, 6.0), 0.1)
    """
    calendar, restarts = course.calendar, marked(schedule, course)
    steps = _told(schedule, base, course, restarts)
    return SchedulePreview(
        updates=course.end,
        steps=tuple(steps.tolist()),
        epochs=tuple(calendar.epochs_at(steps).tolist()),
        rates=tuple(schedule.rates(base, steps, course).tolist()),
        restarts=restarts,
        restart_epochs=tuple(calendar.epochs_at(restarts).tolist()),
        stretches=stretches(calendar),
    )


def marked(schedule: Schedule, course: Course) -> tuple[int, ...]:
    """Give the updates at which the rate jumps up again, as far as they can be told apart in a picture."""
    restarts = schedule.restarts(course)
    return restarts if len(restarts) <= MOST_RESTARTS else ()


def stretches(calendar: Calendar) -> tuple[SteadyStretch, ...]:
    """Give the stretches of equal batches of a calendar."""
    return tuple(
        SteadyStretch(
            epoch=first, step=calendar.first_step(first), batch=batch, steps_per_epoch=calendar.steps_in(first)
        )
        for first, batch in calendar.phases
    )


def _told(schedule: Schedule, base: float, course: Course, restarts: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """Choose updates evenly, and both sides of each restart and of each sudden fall."""
    even = np.unique(np.linspace(0, course.end - 1, POINTS).round().astype(np.int64))
    rates = schedule.rates(base, even, course)
    falls = np.flatnonzero(np.diff(rates) < -0.25 * np.ptp(rates))
    sides = [step for restart in restarts for step in (restart - 1, restart)]
    for at in falls:
        sides += _fall(schedule, base, course, int(even[at]), int(even[at + 1]))
    return np.unique(np.concatenate([even, np.array(sides, np.int64)]))


def _fall(schedule: Schedule, base: float, course: Course, low: int, high: int) -> tuple[int, int]:
    """Find two neighbouring updates between which most of a fall happens, by halving."""
    first, last = schedule.rates(base, np.array([low, high]), course)
    while high - low > 1:
        middle = (low + high) // 2
        if schedule.rates(base, np.array([middle]), course)[0] > (first + last) / 2:
            low = middle
        else:
            high = middle
    return low, high
