"""Write the words that pages share with the rest: ``python -m frontend.vocabulary``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

from foldscape import field_words, vocabulary
from foldscape.growth.naming import rule_names
from foldscape.probes.curvature import Granularity

MODULE = Path(__file__).parent / "assets" / "vocabulary.mjs"


def words() -> dict[str, Any]:
    """Give every table of words by the name that the module exports."""
    return {
        "CLOCKS": {name: clock._asdict() for name, clock in vocabulary.CLOCKS.items()},
        "PARTS": vocabulary.PARTS,
        "STATES": vocabulary.STATES,
        "METHODS": vocabulary.METHODS,
        "ACTIONS": vocabulary.ACTIONS,
        "KEPT_LIMIT": vocabulary.KEPT_LIMIT,
        "GRANULARITIES": get_args(Granularity),
        "GROWTH_TIMES": vocabulary.GROWTH_TIMES,
        "RULES": rule_names(),
        "FIELDS": field_words.FIELDS,
        "VALUES": field_words.VALUES,
    }


def module() -> str:
    """Give the module's text."""
    head = "// Written by `python -m frontend.vocabulary` from foldscape/vocabulary.py: change the words there.\n"
    return head + "".join(
        f"\nexport const {name} = {json.dumps(table, ensure_ascii=False, indent=2)};\n"
        for name, table in words().items()
    )


if __name__ == "__main__":
    MODULE.write_text(module())
