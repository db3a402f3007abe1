"""No schedule: the learning rate stays what it is."""

from __future__ import annotations

from typing import Literal

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.schedules.base import Course, Schedule, Updates


class Constant(Schedule):
    """The same learning rate in every update."""

    kind: Literal["constant"] = "constant"

    def rates(self, base: float, steps: Updates, course: Course) -> Float64Array:
        """Give the base."""
        return np.full(len(steps), base)
