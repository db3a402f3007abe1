"""Small colour pictures in ten classes (Krizhevsky 2009)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from pydantic import Field

from foldscape.data import store
from foldscape.data.base import DataSet, Split, fixed_part
from foldscape.data.pictures import members, records, scaled
from foldscape.data.store import Remote

TRAIN, TEST, VALUES, FIRST, FIRST_HELD = 50_000, 10_000, 3072, 4_000, 1_000
SHAPE = (3, 32, 32)
NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_WHOLE = Remote(
    "cifar-10-binary.tar.gz",
    "md5:c32a1d4ab5d03f1284b67883e8d87530",
    ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",),
)
_MEMBERS = tuple(
    f"cifar-10-batches-bin/{name}.bin" for name in (*(f"data_batch_{n}" for n in range(1, 6)), "test_batch")
)
_FIRST = Remote(
    "cifar10_train_first4000.bin", "sha256:0993cf8b8e43bc207603aef9787006995746513f5e3fa5a52e06d1b069926330"
)


class Cifar10(DataSet):
    """60,000 colour pictures of 32×32 pixels in ten classes, scaled to [0, 1], red, green and blue planes in turn."""

    kind: Literal["cifar10"] = "cifar10"
    part: Literal["full", "first_4000"] = "full"
    """``first_4000`` are the first training pictures, 1,000 of them held out: its figures are not those of CIFAR-10."""
    train: int = Field(TRAIN, ge=100, le=TRAIN)
    """Training pictures used, at most 50,000, or 3,000 of the first 4,000; fewer are a fixed random part."""

    def load(self, seed: int) -> Split:
        """Read the pictures; ``seed`` changes nothing here.

        Returns:
            Training and test pictures.

        Raises:
            NotOnDisk: If the files are neither here nor to be had.
        """
        del seed
        return _split(self.part, self.train_size)

    @property
    def size(self) -> int:
        """Number of pictures."""
        return self.train_size + (TEST if self.part == "full" else FIRST_HELD)

    @property
    def train_size(self) -> int:
        """Number of training pictures."""
        return min(self.train, TRAIN if self.part == "full" else FIRST - FIRST_HELD)

    @property
    def classes(self) -> int:
        """Ten kinds of things."""
        return 10

    @property
    def features(self) -> int:
        """3,072 values a picture."""
        return VALUES

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Three planes of 32×32 pixels."""
        return SHAPE

    @property
    def names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return NAMES

    @property
    def files(self) -> tuple[Remote, ...]:
        """The published archive, or its first pictures alone."""
        return (_WHOLE if self.part == "full" else _FIRST,)

    @property
    def folder(self) -> str:
        """The first pictures lie in a folder of their own."""
        return "cifar10" if self.part == "full" else "cifar10_subset"


@lru_cache(maxsize=1)
def _split(part: str, train: int) -> Split:
    if part == "full":
        *batches, held = members(store.fetched("cifar10", _WHOLE), _MEMBERS, 1 + VALUES)
        learnt = np.concatenate(batches)
    else:
        all_of_it = records(store.fetched("cifar10_subset", _FIRST), 1 + VALUES)
        order = np.random.default_rng(0xC1FA).permutation(FIRST)
        learnt, held = all_of_it[order[FIRST_HELD:]], all_of_it[order[:FIRST_HELD]]
    learnt = learnt[fixed_part(len(learnt), train)]
    return Split(*_told(learnt), *_told(held), 10, SHAPE)


def _told(found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return scaled(found[:, 1:]), found[:, 0].astype(np.int64)
