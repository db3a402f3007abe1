"""Optimisers, one file each: a small spec class that knows its update, its memory and its stability edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.optimizer.adam import Adam
from foldscape.optimizer.base import Compiled, Edge, Nudge, Optimizer, WantedDirections, shown
from foldscape.optimizer.memory import Memory
from foldscape.optimizer.momentum import Momentum
from foldscape.optimizer.nudged import NudgedSGD
from foldscape.optimizer.sgd import SGD
from foldscape.registry import union_of

if TYPE_CHECKING:
    OptimizerSpec = Optimizer
else:
    OptimizerSpec = union_of("foldscape.optimizer", Optimizer)

__all__ = [
    "SGD",
    "Adam",
    "Compiled",
    "Edge",
    "Memory",
    "Momentum",
    "Nudge",
    "NudgedSGD",
    "Optimizer",
    "OptimizerSpec",
    "WantedDirections",
    "shown",
]
