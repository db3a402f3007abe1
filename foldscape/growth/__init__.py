"""Growth rules, each a small spec class beside its own code, and their schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.growth.base import ByHand, GrowthRule, NewUnit, Periodic, Schedule
from foldscape.registry import union_of

if TYPE_CHECKING:
    GrowthRuleSpec = GrowthRule
else:
    GrowthRuleSpec = union_of("foldscape.growth", GrowthRule)

__all__ = ["ByHand", "GrowthRule", "GrowthRuleSpec", "NewUnit", "Periodic", "Schedule"]
