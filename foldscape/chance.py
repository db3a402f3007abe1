"""All chance of a run: a function of the seed, a purpose and a number, so no generator state is ever stored."""

from __future__ import annotations

from typing import Literal

import numpy as np

Purpose = Literal[
    "weights",
    "shuffle",
    "growth",
    "probe",
    "term",
    "dropout",
    "input_noise",
    "input_dropout",
    "adversarial",
    "validation",
    "corruption",
]
_WORDS: dict[Purpose, int] = {
    "weights": 0x1217,
    "shuffle": 0x5FFE,
    "growth": 0x6207,
    "probe": 0x960B,
    "term": 0x7E23,
    "dropout": 0xD209,
    "input_noise": 0x4015,
    "validation": 0x7A11,
    "corruption": 0xC022,
    "input_dropout": 0x1D20,
    "adversarial": 0xAD5A,
}


def seed_words(seed: int, purpose: Purpose, number: int) -> list[int]:
    """Give the words that seed one draw, for the record."""
    return [seed, _WORDS[purpose], number]


def generator(seed: int, purpose: Purpose, number: int) -> np.random.Generator:
    """Give the generator of one purpose: ``number`` is an epoch of a shuffle, a count of growths, a step."""
    return np.random.default_rng(seed_words(seed, purpose, number))
