"""What kinds of nets there are, and what grows each, in plain JSON for pages and scripts."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from foldscape.growth.base import rules_for
from foldscape.net.abilities import Abilities
from foldscape.net.spec import ACTIVATIONS, BENDING, NetSpec, kinds_of_net


def nets_as_json() -> list[dict[str, Any]]:
    """Give all kinds of nets with what they can do, those that a spec need not name first.

    Returns:
        For each kind its words, how it is drawn and started, its growth rules and engines, and what can be measured.

    Example:
        >>> {each["wiring"]: each["samples"] for each in nets_as_json()}["resnet"]
        ['pictures']
    """
    kinds = sorted(kinds_of_net().values(), key=lambda kind: kind.model_fields["wiring"].is_required())
    return [
        {
            "wiring": can.name,
            "title": can.title,
            "words": can.words,
            "plural": can.plural,
            "reads": can.reads,
            "readable": list(can.readable),
            "layered": can.layered,
            "single": can.single,
            "drawn": can.drawn,
            "samples": _samples(kind),
            "ungrown": list(can.ungrown),
            "rules": rules_for(can),
            "engines": list(can.engines),
            "parts": can.parts,
            "activations": ACTIVATIONS,
            "folds": _folding(can),
        }
        for kind, can in ((kind, kind.can) for kind in kinds)
    ]


SAMPLES: dict[str, tuple[int, ...]] = {"points": (2,), "numbers": (64,), "pictures": (1, 8, 8)}
"""One shape of each sort of samples that are numbers."""


def _samples(kind: type[NetSpec]) -> list[str]:
    """Name what nets of a kind can read at its usual settings."""
    symbols: list[str] = [each for each in kind.can.readable if each != "numbers"]
    if "numbers" not in kind.can.readable:
        return symbols
    try:
        net = kind(wiring=kind.can.name)
    except ValidationError:  # it has to be told more
        return []
    return [*(name for name, shape in SAMPLES.items() if not net.misfit(shape, 2)), *symbols]


def _folding(can: Abilities) -> list[str]:
    """Name the activations with which the folds of such a net can be computed."""
    return [name for name in ACTIVATIONS if name not in BENDING and "pieces" in can.parts]
