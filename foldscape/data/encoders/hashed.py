"""Hashed words: no weights, no training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from foldscape.arrays import Labels
from foldscape.data.encoders.base import Encoder, Features, tokens


class HashedWords(Encoder):
    """Signed counts of runs of one to three words, hashed to so many numbers and scaled to length 1."""

    kind: Literal["hash"] = "hash"
    dims: int = Field(512, ge=8, le=4096)
    """Numbers an input gets."""
    words: int = Field(3, ge=1, le=5)
    """Longest run of words that is counted."""

    def encode(self, train: Sequence[str], train_y: Labels, test: Sequence[str]) -> tuple[Features, Features]:
        """Hash every sentence on its own."""
        from sklearn.feature_extraction.text import HashingVectorizer

        hashed = HashingVectorizer(
            n_features=self.dims, ngram_range=(1, self.words), tokenizer=tokens, token_pattern=None, lowercase=False,
            dtype=np.float32,
        )  # fmt: skip
        return hashed.transform(train).toarray(), hashed.transform(test).toarray()
