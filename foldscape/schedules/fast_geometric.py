"""Short cycles up and down in straight lines, with a net worth keeping at the bottom of each."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from foldscape.arrays import Float64Array
from foldscape.schedules.base import Course, Schedule, Updates, annealed, in_epochs


class FastGeometric(Schedule):
    """Half a cosine at first, then cycles in straight lines: ``highest``, ``lowest`` in the middle, ``highest``.

    Garipov et al., Loss Surfaces, Mode Connectivity, and Fast Ensembling of DNNs, arXiv 1802.10026, section 5: with
    ``t = (mod(i - 1, c) + 1) / c`` of the i-th of c updates the rate is ``(1 - 2t) highest + 2t lowest`` up to the
    middle and ``(2 - 2t) lowest + (2t - 1) highest`` from there on. The nets in the middle of the cycles are the
    members of the ensemble. The published runs reach their first cycle with a schedule of their own; here it is half
    a cosine from the learning rate to the highest of the cycles.
    """

    kind: Literal["fast_geometric"] = "fast_geometric"
    before: float | None = Field(None, ge=0, le=1_000_000)
    """Epochs before the first cycle; empty (``null``) is half of the run."""
    cycle: float = Field(4, gt=0, le=1_000_000)
    """Epochs of a cycle (c)."""
    highest: float = Field(0.5, gt=0, le=1)
    """Share of the learning rate at the ends of a cycle."""
    lowest: float = Field(0.02, gt=0, le=1)
    """Share of the learning rate in the middle of a cycle."""

    def rates(self, base: float, steps: Updates, course: Course) -> Float64Array:
        """Give the rates; see ``Schedule.rates``."""
        high, low = base * self.highest, base * self.lowest
        begin, length = self._begin(course), self._length(course)
        t = ((steps - begin) % length + 1) / length
        cycling = np.where(t <= 0.5, (1 - 2 * t) * high + 2 * t * low, (2 - 2 * t) * low + (2 * t - 1) * high)
        share = (steps - course.begin) / max(1, begin - course.begin)
        found: Float64Array = np.where(steps < begin, annealed(base, high, np.minimum(share, 1.0)), cycling)
        return found

    def members(self, course: Course) -> tuple[int, ...]:
        """Give the middle of each cycle, after the update with the lowest rate."""
        begin, length = self._begin(course), self._length(course)
        return tuple(range(begin + length // 2, course.end + 1, length))

    def problem(self, base: float, course: Course) -> str:
        """Say that no cycle comes to its middle, that one has too few updates, or that it has no depth."""
        if self.lowest >= self.highest:
            return f"lowest {self.lowest:g} is not below highest {self.highest:g}; set it lower"
        if self._length(course) < 2:
            return f"cycle {self.cycle:g} is a single update; set cycle higher, or batch smaller"
        if not self.members(course):
            return (
                f"cycle {self.cycle:g} after {in_epochs(self._before(course))} comes to no middle within the "
                f"{in_epochs(course.epochs)} that it has; set before or cycle lower, or stop.epochs higher"
            )
        return ""

    def _before(self, course: Course) -> float:
        return course.epochs / 2 if self.before is None else self.before

    def _begin(self, course: Course) -> int:
        return course.update_at(self._before(course))

    def _length(self, course: Course) -> int:
        """Give the updates of a cycle, an even number, so that one of them has the lowest rate."""
        updates = course.update_at(self._before(course) + self.cycle) - self._begin(course)
        return updates - updates % 2
