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
    "hill",
    "dropout",
    "input_noise",
    "input_dropout",
    "adversarial",
    "augment",
    "validation",
    "corruption",
    "bagging",
    "fold",
    "member",
    "sharpest",
    "module",
]
_WORDS: dict[Purpose, int] = {
    "weights": 0x1217,
    "shuffle": 0x5FFE,
    "growth": 0x6207,
    "probe": 0x960B,
    "term": 0x7E23,
    "hill": 0x4177,
    "dropout": 0xD209,
    "input_noise": 0x4015,
    "validation": 0x7A11,
    "corruption": 0xC022,
    "bagging": 0xBA66,
    "fold": 0xF01D,
    "member": 0x3E3B,
    "input_dropout": 0x1D20,
    "adversarial": 0xAD5A,
    "augment": 0xA064,
    "sharpest": 0x54A9,
    "module": 0x30D7,
}


def seed_words(seed: int, purpose: Purpose, number: int) -> list[int]:
    """Give the words that seed one draw, for the record."""
    return [seed, _WORDS[purpose], number]


def generator(seed: int, purpose: Purpose, number: int) -> np.random.Generator:
    """Give the generator of one purpose: ``number`` is an epoch of a shuffle, a count of growths, a step."""
    return np.random.default_rng(seed_words(seed, purpose, number))


def member_seed(seed: int, member: int) -> int:
    """Give the seed of all chance but that of the points, for one member of an ensemble.

    Args:
        seed: Seed of the run.
        member: Its number; 0 has the seed itself.

    Returns:
        A seed that is another for every member.
    """
    return int(generator(seed, "member", member).integers(2**31)) if member else seed
