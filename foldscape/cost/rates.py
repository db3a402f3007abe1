"""How fast a machine is, beside the one on which the shipped costs were measured."""

from __future__ import annotations

import os
from collections.abc import Iterable
from statistics import median

from pydantic import Field

from foldscape.model import Model

FURTHEST = 16.0
"""What was measured may correct a forecast by this factor, either way."""


class Rates(Model):
    """How much slower a machine is than that of the shipped costs; measured by ``foldscape.cost.calibration``."""

    training: float = Field(1, gt=0)
    """Factor on what training takes."""
    curvature: float = Field(1, gt=0)
    """Factor on what measuring takes."""
    reading: float = Field(1, gt=0)
    """Factor on what passing through a whole data set takes, which a large one makes wait for memory."""
    threads: int = Field(default_factory=lambda: len(os.sched_getaffinity(0)), ge=1)
    """Processors that compute."""

    def slower(self, factor: float) -> Rates:
        """Give the rates of a machine that takes so many times longer for everything."""
        return self.but(training=factor, curvature=factor, reading=factor)

    def but(self, **factors: float) -> Rates:
        """Give the rates with some of them multiplied."""
        return self.model_copy(update={name: getattr(self, name) * factor for name, factor in factors.items()})


def middle(factors: Iterable[float]) -> float | None:
    """Give the median of measured over foreseen, within what is believed; ``None`` where nothing was measured."""
    found = list(factors)
    return min(max(median(found), 1 / FURTHEST), FURTHEST) if found else None
