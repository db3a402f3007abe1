"""A mean of the weights that forgets: the exponential moving average of Polyak and Ruppert's kind."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from foldscape.averaging.base import AverageRule
from foldscape.schedules.base import Course


class ExponentialAverage(AverageRule):
    """After every update ``average = decay * average + (1 - decay) * net``, from the first update on.

    Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging", in the form that forgets, as in
    Tarvainen and Valpola 2017, "Mean teachers are better role models", arXiv 1703.01780.
    """

    kind: Literal["ema"] = "ema"
    decay: float = Field(0.99, gt=0, lt=1)
    """Share of the old average that stays in each update; 1 / (1 - decay) updates count."""

    def following(self, step: int, course: Course) -> int | None:
        """Take every update in."""
        return step + 1 if step < course.end else None

    def share(self, taken: int) -> float:
        """Give the share of the newest net."""
        del taken
        return 1 - self.decay
