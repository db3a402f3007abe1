"""Cycles of equal length, with a model worth keeping at the end of each."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from foldscape.arrays import Float64Array
from foldscape.schedules.base import Course, Schedule, Updates, annealed


class SnapshotCycles(Schedule):
    """So many cycles of equal length: ``lr / 2 * (cos(pi * mod(t - 1, C) / C) + 1)`` with ``C = ceil(T / cycles)``.

    T are the run's updates, t the update counted from 1: Huang et al., Snapshot Ensembles, arXiv 1704.00109,
    equation 2. The net at the end of each cycle is a member of the ensemble. Momentum is kept at restarts.
    """

    kind: Literal["snapshot"] = "snapshot"
    cycles: int = Field(5, ge=1, le=10_000)
    """Number of cycles (M)."""

    def rates(self, base: float, steps: Updates, course: Course) -> Float64Array:
        """Give the rates; see ``Schedule.rates``."""
        length = self._length(course)
        return annealed(base, 0.0, (steps - course.begin) % length / length)

    def restarts(self, course: Course) -> tuple[int, ...]:
        """Give the first update of every cycle but the first."""
        length = self._length(course)
        return tuple(range(course.begin + length, course.end, length))

    def members(self, course: Course) -> tuple[int, ...]:
        """Give the end of every cycle."""
        return (*self.restarts(course), course.end)

    def problem(self, base: float, course: Course) -> str:
        """Say that there are too many cycles for the updates."""
        if 2 * self.cycles <= course.updates:
            return ""
        most = course.updates // 2
        return (
            f"cycles {self.cycles} leaves less than 2 of the {course.updates:,} updates for each; "
            f"set cycles to {max(most, 1)} or less, or stop.epochs higher"
        )

    def _length(self, course: Course) -> int:
        return max(1, -(-course.updates // self.cycles))
