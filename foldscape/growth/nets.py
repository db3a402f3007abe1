"""What kinds of nets there are, and what grows each, in plain JSON for pages and scripts."""

from __future__ import annotations

from typing import Any

from foldscape.growth.base import rules_for
from foldscape.net.abilities import Abilities
from foldscape.net.spec import ACTIVATIONS, BENDING, kinds_of_net


def nets_as_json() -> list[dict[str, Any]]:
    """Give all kinds of nets with what they can do, those that a spec need not name first.

    Returns:
        For each kind its words, how it is drawn and started, its growth rules and engines, and what can be measured.

    Example:
        >>> [each["wiring"] for each in nets_as_json()][:3]
        ['layers', 'char_cnn', 'cnn']
    """
    kinds = sorted(kinds_of_net().values(), key=lambda kind: kind.model_fields["wiring"].is_required())
    return [
        {
            "wiring": can.name,
            "title": can.title,
            "words": can.words,
            "reads": can.reads,
            "readable": list(can.readable),
            "layered": can.layered,
            "single": can.single,
            "drawn": can.drawn,
            "ungrown": list(can.ungrown),
            "rules": rules_for(can),
            "engines": list(can.engines),
            "parts": can.parts,
            "activations": ACTIVATIONS,
            "folds": _folding(can),
        }
        for can in (kind.can for kind in kinds)
    ]


def _folding(can: Abilities) -> list[str]:
    """Name the activations with which the folds of such a net can be computed."""
    return [name for name in ACTIVATIONS if name not in BENDING and "pieces" in can.parts]
