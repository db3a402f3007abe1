"""Growth rules, each a small spec class beside its own code, and their schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.growth.base import Change, GrowthRule, NewUnit, Scene, Widening
from foldscape.growth.schedule import AtEpochs, ByHand, GrowthScheduleSpec, OnPlateau, Periodic, UntilAccuracy
from foldscape.registry import union_of

if TYPE_CHECKING:
    GrowthRuleSpec = GrowthRule
else:
    GrowthRuleSpec = union_of("foldscape.growth", GrowthRule)

__all__ = [
    "AtEpochs",
    "ByHand",
    "Change",
    "GrowthRule",
    "GrowthRuleSpec",
    "GrowthScheduleSpec",
    "NewUnit",
    "OnPlateau",
    "Periodic",
    "Scene",
    "UntilAccuracy",
    "Widening",
]
