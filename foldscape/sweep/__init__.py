"""Sweeps: many runs that answer one question, trained together where they can be.

Importing this loads no torch; names that compute load on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from foldscape.cost.rates import Rates
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

_HOMES = {
    "SweepResult": "foldscape.sweep.running",
    "calibrate": "foldscape.cost.calibration",
    "follow": "foldscape.sweep.carry",
    "run": "foldscape.sweep.running",
    "verify": "foldscape.sweep.verifying",
}

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


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'foldscape.sweep' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
