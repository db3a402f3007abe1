"""Sets of sentences: read once, encoded once by a frozen encoder, kept on disk as features."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from foldscape.arrays import Labels
from foldscape.data import store
from foldscape.data.base import DataSet, Examples, Split, index_array
from foldscape.data.encoders import EncoderSpec
from foldscape.data.encoders.hashed import HashedWords
from foldscape.device import of_data

_ENCODING = threading.Lock()
EDITION = 1
"""Counts up when an encoder's code changes its features."""


@dataclass(frozen=True)
class Texts:
    """The sentences of a set.

    Attributes:
        train: N training sentences.
        train_y: (N,) their classes.
        test: M test sentences.
        test_y: (M,) their classes.
    """

    train: tuple[str, ...]
    train_y: Labels
    test: tuple[str, ...]
    test_y: Labels


class TextSet(DataSet):
    """Base of the sets of sentences."""

    encoder: EncoderSpec = HashedWords()
    """What turns a sentence into inputs; it is frozen, so the net alone is trained and measured."""

    def texts(self) -> Texts:
        """Read or make the sentences.

        Raises:
            NotOnDisk: If their files are neither here nor to be had.
        """
        raise NotImplementedError

    def load(self, seed: int) -> Split:
        """Give the encoded sentences; ``seed`` changes nothing here.

        Returns:
            Training and test sentences, as numbers.

        Raises:
            NotOnDisk: If the files of the set or of the encoder are not on this machine.
        """
        del seed
        return _encoded(self)

    def examples(self, seed: int, part: Literal["train", "test"], chosen: Sequence[int]) -> Examples:
        """Give some sentences to read."""
        del seed
        texts = self.texts()
        sentences, y = (texts.train, texts.train_y) if part == "train" else (texts.test, texts.test_y)
        at = index_array(chosen, len(y))
        return Examples(y[at], sentences=tuple(sentences[index] for index in at))

    @property
    def gives(self) -> Literal["numbers", "characters", "tokens"]:
        """What the encoder gives."""
        return self.encoder.gives

    @property
    def symbols(self) -> int:
        """Numbers of characters or words that the encoder gives."""
        return self.encoder.symbols

    @property
    def features(self) -> int:
        """Numbers that the encoder gives an input."""
        return self.encoder.dims


@lru_cache(maxsize=2)
def _encoded(one: TextSet) -> Split:
    texts = one.texts()
    train_x, test_x = _features(one, texts)
    return Split(
        train_x, texts.train_y, test_x, texts.test_y, one.classes, train_texts=texts.train, test_texts=texts.test
    )


def _features(one: TextSet, texts: Texts) -> tuple[np.ndarray, np.ndarray]:
    """Give the features, from disk where these sentences were encoded before."""
    said = hashlib.sha256(f"{EDITION}{one.encoder.model_dump_json()}".encode())
    for sentence in (*texts.train, *texts.test):
        said.update(sentence.encode() + b"\0")
    said.update(texts.train_y.tobytes())
    if (place := of_data()) != "cpu":  # a card rounds otherwise
        said.update(place.encode())
    path = store.folders("features")[-1] / f"{one.kind}-{one.encoder.kind}-{said.hexdigest()[:16]}.npz"
    with _ENCODING:  # threads that want the same features wait for the first
        if path.is_file():
            with np.load(path) as kept:
                return kept["train"], kept["test"]
        train, test = one.encoder.encode(texts.train, texts.train_y, texts.test)
        into = io.BytesIO()
        np.savez(into, train=train, test=test)
        store.keep(path, into.getvalue())
    return train, test
