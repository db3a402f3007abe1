"""Sweeps that ship ready to be launched: one YAML file each in ``shipped/``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from foldscape.errors import InvalidInput
from foldscape.model import chosen
from foldscape.reading import read_mapping
from foldscape.spec import RunSpec
from foldscape.sweep.expand import combinations
from foldscape.sweep.spec import SweepSpec

FOLDER = Path(__file__).parent / "shipped"


@lru_cache
def presets() -> dict[str, str]:
    """Give the YAML of every preset by name; its first line names it for people."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))}


def preset(name: str) -> str:
    """Give the YAML of one preset.

    Returns:
        The text of its file.

    Raises:
        InvalidInput: If there is none of that name.
    """
    if name not in presets():
        raise InvalidInput(f"There is no preset {name!r}.", hint=f"Choose one of {', '.join(presets())}.")
    return presets()[name]


def title_of(text: str) -> str:
    """Give the name for people that stands in a preset's first line, ``# Table 1: digits``."""
    return text.partition("\n")[0].removeprefix("#").strip()


def spec_of(name: str) -> SweepSpec:
    """Give one preset as a sweep."""
    return SweepSpec.model_validate(read_mapping(preset(name)))


def models_of(spec: SweepSpec) -> dict[str, dict[str, Any]]:
    """Give the settings of a sweep's axis ``model`` so that they stand by themselves in another sweep.

    Args:
        spec: A sweep without problems.

    Returns:
        By name the whole net and its growth, where it grows; empty where the sweep has no such axis.
    """
    found: dict[str, dict[str, Any]] = {}
    for settings, plain in combinations(spec):
        if (name := settings.get("model")) is not None and name not in found:
            run = RunSpec.model_validate(plain | {"seed": spec.seeds[0]})
            growth = chosen(run.growth)
            found[name] = {"net": chosen(run.net)} | ({"growth": growth} if growth else {})
    return found
