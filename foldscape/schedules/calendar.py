"""When is it which epoch: the one place that converts updates and epochs, where batches may change their size."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foldscape.lazy import lazy

Floats = npt.NDArray[np.float64]


class Phase(NamedTuple):
    """Epochs in which every batch has one size.

    Attributes:
        epoch: The first of them.
        batch: Points a batch; the last of an epoch may have fewer.
    """

    epoch: int
    batch: int


@dataclass(frozen=True)
class Calendar:
    """The updates of a run and the epochs that they fall into.

    An epoch shows every training point once. So it takes ``ceil(points / batch)`` updates.

    Attributes:
        points: Training points.
        phases: Sizes of its batches, from epoch 0 on; the last stands for ever.

    Example:
        >>> doubling = Calendar(points=100, phases=(Phase(0, 10), Phase(5, 20)))
        >>> doubling.first_step(6), doubling.epoch_at(55), doubling.batch_at(6), doubling.steps_in(6)
        (55, 6.0, 20, 5)
    """

    points: int
    phases: tuple[Phase, ...]

    @classmethod
    def steady(cls, points: int, batch: int) -> Calendar:
        """Give the calendar of batches of one size."""
        return cls(points, (Phase(0, batch),))

    def batch_at(self, epoch: int) -> int:
        """Give the points a batch in an epoch."""
        return self._of_epoch(epoch).batch

    def steps_in(self, epoch: int) -> int:
        """Give the updates of an epoch."""
        return self._steps(self.batch_at(epoch))

    def first_step(self, epoch: int) -> int:
        """Give the updates that are done when an epoch begins."""
        at = bisect_right(self._epochs, epoch) - 1
        return self._begins[at] + (epoch - self._epochs[at]) * self._steps(self.phases[at].batch)

    def place(self, step: int) -> tuple[int, int]:
        """Give the epoch in which a run stands after so many updates, and the updates done of that epoch."""
        at = bisect_right(self._begins, step) - 1
        done, within = divmod(step - self._begins[at], self._steps(self.phases[at].batch))
        return self._epochs[at] + done, within

    def epoch_at(self, step: int) -> float:
        """Give the epochs done after so many updates, with the fraction of the present one."""
        at = bisect_right(self._begins, step) - 1
        return self._epochs[at] + (step - self._begins[at]) / self._steps(self.phases[at].batch)

    def epochs_at(self, steps: npt.ArrayLike) -> Floats:
        """Give what ``epoch_at`` gives, for each of (n,) numbers of updates."""
        given = np.asarray(steps, np.float64)
        begins, epochs = np.array(self._begins, np.float64), np.array(self._epochs, np.float64)
        lengths = np.array([self._steps(phase.batch) for phase in self.phases], np.float64)
        at = np.searchsorted(begins, given, side="right") - 1
        found: Floats = epochs[at] + (given - begins[at]) / lengths[at]
        return found

    def step_at(self, epoch: float) -> int:
        """Give the first update that is not before a moment, given in epochs, but for rounding."""
        whole = math.floor(epoch)
        return self.first_step(whole) + math.ceil((epoch - whole) * self.steps_in(whole) - 1e-6)

    def later(self, step: int, epochs: int) -> int:
        """Give the update at which a run stands so many epochs later, as far into its epoch as it is now."""
        epoch, within = self.place(step)
        then = epoch + epochs
        return self.first_step(then) + round(within * self.steps_in(then) / self.steps_in(epoch))

    def parts(self, epochs: int) -> list[tuple[int, int]]:
        """Give (epochs, points a batch) of each phase of a run of so many epochs."""
        ends = [*self._epochs[1:], epochs]
        whole = [(min(end, epochs) - phase.epoch, phase.batch) for phase, end in zip(self.phases, ends, strict=True)]
        return [(many, batch) for many, batch in whole if many > 0]

    def _of_epoch(self, epoch: int) -> Phase:
        return self.phases[bisect_right(self._epochs, epoch) - 1]

    def _steps(self, batch: int) -> int:
        return -(-self.points // batch)

    @lazy
    def _epochs(self) -> list[int]:
        return [phase.epoch for phase in self.phases]

    @lazy
    def _begins(self) -> list[int]:
        """Updates done when each phase begins."""
        begins = [0]
        for phase, following in zip(self.phases, self.phases[1:], strict=False):
            begins.append(begins[-1] + (following.epoch - phase.epoch) * self._steps(phase.batch))
        return begins
