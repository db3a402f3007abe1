"""Characters by their numbers: nothing is made by hand, and nothing is learnt before the net."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from foldscape.arrays import Labels
from foldscape.data.encoders.base import PADDING, UNKNOWN, Encoder, Features

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789 -,;.!?:'\"/\\|_@#$%^&*~`+=<>()[]{}"
"""Characters with a number of their own (Zhang, Zhao and LeCun 2015, arXiv 1509.01626, section 2.2), and the space."""
SYMBOLS = len(ALPHABET) + 2
"""Numbers in use: padding, all that is unknown, and the alphabet."""
_NUMBERS = {character: number for number, character in enumerate(ALPHABET, start=2)}


class Characters(Encoder):
    """The numbers of the first characters, in lower case; only a net that reads characters can use them."""

    gives: ClassVar[Literal["numbers", "characters", "tokens"]] = "characters"
    kind: Literal["characters"] = "characters"
    dims: int = Field(160, ge=16, le=1024)
    """Characters of a sentence that are read; shorter ones are padded at their ends."""

    @property
    def symbols(self) -> int:
        """Padding, all that is unknown, and the alphabet."""
        return SYMBOLS

    def encode(self, train: Sequence[str], train_y: Labels, test: Sequence[str]) -> tuple[Features, Features]:
        """Number the characters of each sentence on its own."""
        return self._numbered(train), self._numbered(test)

    def _numbered(self, sentences: Sequence[str]) -> Features:
        numbers = np.full((len(sentences), self.dims), PADDING, np.float32)
        for row, sentence in zip(numbers, sentences, strict=True):
            read = [_NUMBERS.get(character, UNKNOWN) for character in sentence.lower()[: self.dims]]
            row[: len(read)] = read
        return numbers
