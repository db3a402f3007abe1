"""What every encoder offers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Labels
from foldscape.model import Model

Features = npt.NDArray[np.float32]

_TOKEN = re.compile(r"\w+|[^\w\s]")


class Encoder(Model):
    """Base of the encoders.

    Attributes:
        gives: What a net reads: numbers, or the numbers of characters.
    """

    gives: ClassVar[Literal["numbers", "characters"]] = "numbers"

    kind: str
    dims: int
    """Numbers an input gets."""

    def missing(self) -> str:
        """Say what it needs that is not on this machine; empty where it can encode."""
        return ""

    def encode(self, train: Sequence[str], train_y: Labels, test: Sequence[str]) -> tuple[Features, Features]:
        """Turn sentences into features.

        Args:
            train: N training sentences; an encoder that learns, learns from these alone.
            train_y: (N,) their classes.
            test: M test sentences.

        Returns:
            (N, dims) and (M, dims) features; the same bits for the same arguments on one machine.

        Raises:
            NotOnDisk: If the encoder's weights are not on this machine.
        """
        raise NotImplementedError


def tokens(sentence: str) -> list[str]:
    """Split a sentence into lower-case words and signs."""
    return _TOKEN.findall(sentence.lower())
