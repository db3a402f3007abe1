"""AG's news in four topics (Zhang, Zhao, LeCun, NIPS 2015)."""

from __future__ import annotations

import csv
import io
from functools import lru_cache
from typing import Literal

import numpy as np

from foldscape.data import store
from foldscape.data.store import Remote
from foldscape.data.texts import Texts, TextSet

TRAIN, SUBSET, TEST = 120_000, 4_999, 7_600
NAMES = ("World", "Sports", "Business", "Sci/Tech")
_HOST = "https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv/"
_TRAIN = Remote("train.csv", "md5:b1a00f826fdfbd249f79597b59e1dc12", (f"{_HOST}train.csv",))
_TEST = Remote(
    "test.csv",
    "sha256:521465c2428ed7f02f8d6db6ffdd4b5447c1c701962353eb2c40d548c3c85699",
    (f"{_HOST}test.csv",),
)
_SUBSET = Remote("train_subset.csv", "sha256:f628779847353f4602330804c3e01962bc3f2caf82037d3f4dd86b1ebc893acc")


class AgNews(TextSet):
    """Headlines with the beginning of their articles: 120,000 to learn and the 7,600 published ones to test."""

    kind: Literal["ag_news"] = "ag_news"
    part: Literal["full", "subset"] = "full"
    """``subset`` learns from 4,999 of the 120,000: its figures are not those of AG News."""

    def texts(self) -> Texts:
        """Read the sentences."""
        return _texts(self.part)

    @property
    def size(self) -> int:
        """Number of texts."""
        return self.train_size + TEST

    @property
    def train_size(self) -> int:
        """Number of training texts."""
        return TRAIN if self.part == "full" else SUBSET

    @property
    def classes(self) -> int:
        """World, sports, business, science and technology."""
        return 4

    @property
    def names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return NAMES

    @property
    def files(self) -> tuple[Remote, ...]:
        """Texts to learn from, and to test on."""
        return (_TRAIN if self.part == "full" else _SUBSET), _TEST


@lru_cache(maxsize=1)
def _texts(part: str) -> Texts:
    train, train_y = _rows(_TRAIN if part == "full" else _SUBSET)
    test, test_y = _rows(_TEST)
    return Texts(train, train_y, test, test_y)


def _rows(remote: Remote) -> tuple[tuple[str, ...], np.ndarray]:
    """Read class, title and description, or class and both joined; a backslash is part of the text."""
    rows = list(csv.reader(io.StringIO(store.fetched("ag_news", remote).decode(), newline="")))
    return tuple(" ".join(text) for _, *text in rows), np.array([int(label) - 1 for label, *_ in rows], np.int64)
