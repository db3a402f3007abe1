"""When is it which epoch: the one place that converts updates and epochs, where batches may change their size."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float64Array


class Phase(NamedTuple):
    """Epochs in which every batch has one size.

    Attributes:
        epoch: The first of them.
        batch: Points a batch; the last of an epoch may have fewer.
    """

    epoch: int
    batch: int


class _Stage(NamedTuple):
    """A phase with the updates done before it, and the updates of each of its epochs."""

    epoch: int
    step: int
    batch: int
    steps: int

    def begins_at(self) -> int:
        return self.epoch

    def begins_after(self) -> int:
        return self.step


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
    _stages: list[_Stage] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        stages: list[_Stage] = []
        step = 0
        for number, (epoch, batch) in enumerate(self.phases):
            if number:
                step += (epoch - stages[-1].epoch) * stages[-1].steps
            stages.append(_Stage(epoch, step, batch, -(-self.points // batch)))
        object.__setattr__(self, "_stages", stages)

    @classmethod
    def steady(cls, points: int, batch: int) -> Calendar:
        """Give the calendar of batches of one size."""
        return cls(points, (Phase(0, batch),))

    def batch_at(self, epoch: int) -> int:
        """Give the points a batch in an epoch."""
        return self._of_epoch(epoch).batch

    def batches_at(self, steps: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Give the points a batch of the updates that come after each of (n,) numbers of updates."""
        _, begins, sizes, _ = np.array(self._stages, np.int64).T
        found: npt.NDArray[np.int64] = sizes[np.searchsorted(begins, np.asarray(steps), side="right") - 1]
        return found

    def steps_in(self, epoch: int) -> int:
        """Give the updates of an epoch."""
        return self._of_epoch(epoch).steps

    def first_step(self, epoch: int) -> int:
        """Give the updates that are done when an epoch begins."""
        stage = self._of_epoch(epoch)
        return stage.step + (epoch - stage.epoch) * stage.steps

    def place(self, step: int) -> tuple[int, int]:
        """Give the epoch in which a run stands after so many updates, and the updates done of that epoch."""
        stage = self._of_step(step)
        done, within = divmod(step - stage.step, stage.steps)
        return stage.epoch + done, within

    def epoch_at(self, step: int) -> float:
        """Give the epochs done after so many updates, with the fraction of the present one."""
        stage = self._of_step(step)
        return stage.epoch + (step - stage.step) / stage.steps

    def epochs_at(self, steps: npt.ArrayLike) -> Float64Array:
        """Give what ``epoch_at`` gives, for each of (n,) numbers of updates."""
        given = np.asarray(steps, np.float64)
        epochs, begins, _, lengths = np.array(self._stages, np.float64).T
        at = np.searchsorted(begins, given, side="right") - 1
        found: Float64Array = epochs[at] + (given - begins[at]) / lengths[at]
        return found

    def step_at(self, epoch: float) -> int:
        """Give the first update that is not before a moment, given in epochs, but for rounding."""
        return int(self.steps_at(epoch))

    def steps_at(self, epochs: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Give what ``step_at`` gives, for each of (n,) moments."""
        given = np.asarray(epochs, np.float64)
        first, begins, _, lengths = np.array(self._stages, np.float64).T
        whole = np.floor(given)
        at = np.searchsorted(first, whole, side="right") - 1
        past = (whole - first[at]) * lengths[at] + np.ceil((given - whole) * lengths[at] - 1e-6)
        steps: npt.NDArray[np.int64] = (begins[at] + past).astype(np.int64)
        return steps

    def later(self, step: int, epochs: int) -> int:
        """Give the update at which a run stands so many epochs later, as far into its epoch as it is now."""
        epoch, within = self.place(step)
        then = epoch + epochs
        return self.first_step(then) + round(within * self.steps_in(then) / self.steps_in(epoch))

    def parts(self, epochs: int) -> list[tuple[int, int]]:
        """Give (epochs, points a batch) of each phase of a run of so many epochs."""
        ends = [*(phase.epoch for phase in self.phases[1:]), epochs]
        whole = [(min(end, epochs) - phase.epoch, phase.batch) for phase, end in zip(self.phases, ends, strict=True)]
        return [(many, batch) for many, batch in whole if many > 0]

    def _of_epoch(self, epoch: int) -> _Stage:
        stages = self._stages
        return stages[0] if len(stages) == 1 else stages[bisect_right(stages, epoch, key=_Stage.begins_at) - 1]

    def _of_step(self, step: int) -> _Stage:
        stages = self._stages
        return stages[0] if len(stages) == 1 else stages[bisect_right(stages, step, key=_Stage.begins_after) - 1]
