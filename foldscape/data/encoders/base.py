"""What every encoder offers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Labels
from foldscape.model import Model

Features = npt.NDArray[np.float32]

PADDING, UNKNOWN = 0, 1
"""Numbers of what stands behind the end of a sentence, and of what has no number of its own."""
_TOKEN = re.compile(r"\w+|[^\w\s]")


class Encoder(Model):
    """Base of the encoders.

    Attributes:
        gives: What a net reads: numbers, or the numbers of characters or words.
    """

    gives: ClassVar[Literal["numbers", "characters", "tokens"]] = "numbers"

    kind: str
    dims: int
    """Numbers an input gets."""

    @property
    def symbols(self) -> int:
        """How many numbers stand for characters or words, that of padding included; 0 where inputs are numbers."""
        return 0

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


def most_frequent(sentences: Sequence[str], most: int) -> dict[str, int]:
    """Number the most frequent words of some sentences, from 2 on: 0 is padding, 1 all that is unknown.

    Returns:
        The number of each word.

    Example:
        >>> most_frequent(["a b a", "c a b"], 2)
        {'a': 2, 'b': 3}
    """
    counts = Counter(word for sentence in sentences for word in tokens(sentence))
    return {word: number for number, (word, _) in enumerate(counts.most_common(most), start=UNKNOWN + 1)}


def tokens(sentence: str) -> list[str]:
    """Split a sentence into lower-case words and signs."""
    return _TOKEN.findall(sentence.lower())
