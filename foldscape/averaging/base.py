"""What a rule of averaging answers: when it takes a net in, and with which share."""

from __future__ import annotations

from foldscape.model import Model
from foldscape.schedules.base import Course


class AverageRule(Model):
    """Base of the averages: a net is taken in by ``average += share * (net - average)``.

    The first net that is taken in is the average. A change of the net, such as a growth, begins a new one: what lies
    before it lies in another space.
    """

    kind: str

    def following(self, step: int, course: Course) -> int | None:
        """Give the next moment at which the net is taken in.

        Args:
            step: Updates done.
            course: The run.

        Returns:
            Updates done then, more than ``step``; ``None`` where there is none.
        """
        raise NotImplementedError

    def share(self, taken: int) -> float:
        """Give the share of the net that is taken in after so many, at least one."""
        raise NotImplementedError

    def problem(self, course: Course) -> str:
        """Say what of it does not fit a run, beginning with the field; empty when it fits."""
        del course
        return ""
