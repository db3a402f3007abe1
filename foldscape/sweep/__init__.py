"""Sweeps: many runs that answer one question, without the run loop where they need none.

Importing this loads no torch; names that compute load on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.cost.rates import Rates
from foldscape.lazy import exports
from foldscape.sweep.check import problems
from foldscape.sweep.cost import SweepEstimate, estimate
from foldscape.sweep.expand import PlannedRun, expand
from foldscape.sweep.result import CellResult, Record, SweepProgress
from foldscape.sweep.spec import Measure, Primary, SweepSpec

if TYPE_CHECKING:
    from foldscape.cost.calibration import calibrate as calibrate
    from foldscape.sweep.carry import follow as follow
    from foldscape.sweep.running import SweepResult as SweepResult
    from foldscape.sweep.running import run as run
    from foldscape.sweep.verifying import verify as verify

__all__ = [
    "CellResult",
    "Measure",
    "PlannedRun",
    "Primary",
    "Rates",
    "Record",
    "SweepEstimate",
    "SweepProgress",
    "SweepResult",
    "SweepSpec",
    "calibrate",
    "estimate",
    "expand",
    "follow",
    "problems",
    "run",
    "verify",
]

__getattr__, __dir__ = exports(
    __name__,
    {
        "SweepResult": "running",
        "calibrate": ".cost.calibration",
        "follow": "carry",
        "run": "running",
        "verify": "verifying",
    },
)
