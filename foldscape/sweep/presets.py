"""Sweeps that ship ready to be launched: one YAML file each in ``shipped/``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from foldscape.errors import InvalidInput
from foldscape.reading import read_mapping
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
