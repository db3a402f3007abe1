"""The Corpus of Linguistic Acceptability (Warstadt, Singh, Bowman, TACL 2019)."""

from __future__ import annotations

import io
import zipfile
from functools import lru_cache
from typing import Literal

import numpy as np

from foldscape.data import store
from foldscape.data.store import Remote
from foldscape.data.texts import Texts, TextSet

TRAIN, TEST = 8551, 1043
NAMES = ("not acceptable", "acceptable")
_ARCHIVE = "https://nyu-mll.github.io/CoLA/cola_public_1.1.zip"


def _file(name: str, digest: str) -> Remote:
    def unpack(archive: bytes) -> bytes:
        return zipfile.ZipFile(io.BytesIO(archive)).read(f"cola_public/raw/{name}")

    return Remote(name, f"sha256:{digest}", (_ARCHIVE,), unpack)


_TRAIN = _file("in_domain_train.tsv", "f320a10f92d3bce6b29152fde322a362eac39238e50d8de0c8815457fdf4fc12")
_DEV = (
    _file("in_domain_dev.tsv", "77176f6a03faa5a1c4f23c69971fc1bff565931112fb65af47b2d6e24b7f42f7"),
    _file("out_of_domain_dev.tsv", "201b9c57b2a20f1282242eec0ed8995729e3be19c29a46c047b3727338836c05"),
)


class Cola(TextSet):
    """9,594 sentences, acceptable or not: 8,551 to learn, the 1,043 of both published dev sets to test.

    The published test labels are secret. 70 of 100 sentences are acceptable: look at the Matthews correlation.
    """

    kind: Literal["cola"] = "cola"

    def texts(self) -> Texts:
        """Read the sentences."""
        return _texts()

    @property
    def size(self) -> int:
        """Number of sentences."""
        return TRAIN + TEST

    @property
    def train_size(self) -> int:
        """Number of training sentences."""
        return TRAIN

    @property
    def classes(self) -> int:
        """Not acceptable, acceptable."""
        return 2

    @property
    def names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return NAMES

    @property
    def files(self) -> tuple[Remote, ...]:
        """Sentences to learn from, and both dev sets."""
        return _TRAIN, *_DEV

    @property
    def uneven(self) -> bool:
        """Seven of ten sentences are acceptable."""
        return True


@lru_cache(maxsize=1)
def _texts() -> Texts:
    train = _rows(_TRAIN)
    test = [row for remote in _DEV for row in _rows(remote)]
    sentences = [tuple(sentence for sentence, _ in part) for part in (train, test)]
    labels = [np.array([label for _, label in part], np.int64) for part in (train, test)]
    return Texts(sentences[0], labels[0], sentences[1], labels[1])


def _rows(remote: Remote) -> list[tuple[str, int]]:
    """Read source, label, the author's mark and sentence, without quoting; the label is the second column."""
    lines = store.fetched("cola", remote).decode().removesuffix("\n").split("\n")
    cells = [line.split("\t") for line in lines]
    return [(sentence, int(label)) for _, label, _, sentence in cells]
