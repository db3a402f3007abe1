"""Schedules of the batch size: how many points a batch has in which epoch."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from foldscape.model import Model
from foldscape.schedules.base import in_epochs
from foldscape.schedules.calendar import Calendar, Phase


class BatchSchedule(Model):
    """Base of the schedules of the batch size."""

    kind: str

    def phases(self, batch: int, points: int, epochs: int) -> tuple[Phase, ...]:
        """Give the sizes of a run's batches, each with the epoch from which it is taken.

        Args:
            batch: Points a batch at the start.
            points: Training points.
            epochs: Length of the run.

        Returns:
            The phases, the first from epoch 0.
        """
        raise NotImplementedError

    def problem(self, batch: int, points: int, epochs: int) -> str:
        """Say what of it does not fit a run, beginning with the field, and the way out; empty when it fits."""
        del batch, points, epochs
        return ""

    def calendar(self, batch: int, points: int, epochs: int) -> Calendar:
        """Give the calendar of a run with such batches."""
        return Calendar(points, self.phases(batch, points, epochs))


class ConstantBatch(BatchSchedule):
    """The same batch size in every epoch."""

    kind: Literal["constant"] = "constant"

    def phases(self, batch: int, points: int, epochs: int) -> tuple[Phase, ...]:
        """Give the one phase."""
        return (Phase(0, batch),)


class StepBatch(BatchSchedule):
    """The batch size is multiplied by a factor every so many epochs, up to a largest, and rounded.

    Smith et al., Don't Decay the Learning Rate, Increase the Batch Size, arXiv 1711.00489: the noise of the updates
    falls as it does where the rate is divided by the factor.
    """

    kind: Literal["step"] = "step"
    every: int | None = Field(None, ge=1, le=1_000_000)
    """Epochs between two steps; empty (``null``) is a third of the run."""
    factor: float = Field(2, ge=1.1, le=1000)
    """Factor at each step."""
    largest: int | None = Field(None, ge=1, le=100_000)
    """Points a batch at most; empty (``null``) is all training points."""

    def phases(self, batch: int, points: int, epochs: int) -> tuple[Phase, ...]:
        """Give the phases, up to the end of the run or to the largest batch."""
        every, most = self._every(epochs), self._largest(points)
        found, number = [Phase(0, batch)], 1
        while number * every < epochs and found[-1].batch < most:
            size = min(round(batch * self.factor**number), most)
            if size > found[-1].batch:
                found.append(Phase(number * every, size))
            number += 1
        return tuple(found)

    def problem(self, batch: int, points: int, epochs: int) -> str:
        """Say that no step falls into the run, or that a batch would be too large."""
        every = self._every(epochs)
        if every >= epochs:
            return (
                f"every {every} epochs comes to no step within a run of {in_epochs(epochs)}; "
                "set every lower, or stop.epochs higher"
            )
        if self.largest is not None and self.largest > points:
            return f"largest {self.largest} is more than the {points} training points; use {points} or less"
        if self.largest is not None and self.largest <= batch:
            return f"largest {self.largest} is no more than batch {batch}; set largest higher, or batch lower"
        return ""

    def _every(self, epochs: int) -> int:
        return self.every if self.every is not None else math.ceil(epochs / 3)

    def _largest(self, points: int) -> int:
        return min(self.largest or points, points)
