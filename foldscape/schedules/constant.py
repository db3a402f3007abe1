"""No schedule: the learning rate stays what it is."""

from __future__ import annotations

from typing import Literal

import numpy as np

from foldscape.schedules.base import Course, Schedule, Updates
from foldscape.schedules.calendar import Floats


class Constant(Schedule):
    """The same learning rate in every update."""

    kind: Literal["constant"] = "constant"

    def rates(self, base: float, steps: Updates, course: Course) -> Floats:
        """Give the base."""
        return np.full(len(steps), base)
