"""No average."""

from __future__ import annotations

from typing import Literal

from foldscape.averaging.base import AverageRule
from foldscape.schedules.base import Course


class NoAverage(AverageRule):
    """No average is kept."""

    kind: Literal["none"] = "none"

    def following(self, step: int, course: Course) -> None:
        """Take nothing in."""
        del step, course
