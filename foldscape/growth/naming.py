"""What people call a growth rule: as its schema says, on pages and in the terminal alike."""

from __future__ import annotations

from functools import cache

from foldscape.growth.base import GrowthRule
from foldscape.registry import kinds


@cache
def rule_names() -> dict[str, str]:
    """Give the name of every rule, plugins included, by its kind."""
    found = kinds("foldscape.growth", GrowthRule)
    return {kind: rule.model_json_schema().get("name") or kind.replace("_", " ") for kind, rule in found.items()}


def rule_name(kind: str) -> str:
    """Give the name of a rule; of one that is not known here, its kind in words."""
    return rule_names().get(kind, kind.replace("_", " "))
