"""Words by their numbers, for nets that learn a vector for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from foldscape.arrays import Labels
from foldscape.data.encoders.base import PADDING, UNKNOWN, Encoder, Features, most_frequent, tokens


class Tokens(Encoder):
    """The numbers of the first words, in lower case; only a net that reads words can use them.

    The most frequent words of the training sentences have a number of their own, all others share one.
    """

    gives: ClassVar[Literal["numbers", "characters", "tokens"]] = "tokens"
    kind: Literal["tokens"] = "tokens"
    dims: int = Field(64, ge=4, le=1024)
    """Words and signs of a sentence that are read; shorter ones are padded at their ends."""
    words: int = Field(2000, ge=10, le=200_000)
    """Most frequent words that have a number of their own."""

    @property
    def symbols(self) -> int:
        """Padding, all that is unknown, and the most frequent words."""
        return self.words + UNKNOWN + 1

    def encode(self, train: Sequence[str], train_y: Labels, test: Sequence[str]) -> tuple[Features, Features]:
        """Number the words of each sentence."""
        numbers = most_frequent(train, self.words)
        return self._numbered(train, numbers), self._numbered(test, numbers)

    def _numbered(self, sentences: Sequence[str], numbers: dict[str, int]) -> Features:
        read = np.full((len(sentences), self.dims), PADDING, np.float32)
        for row, sentence in zip(read, sentences, strict=True):
            found = [numbers.get(word, UNKNOWN) for word in tokens(sentence)[: self.dims]]
            row[: len(found)] = found
        return read
