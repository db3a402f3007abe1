"""Handwritten digits of 28×28 pixels (LeCun, Cortes, Burges)."""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import Literal

import numpy as np
from pydantic import Field

from foldscape.data import store
from foldscape.data.base import DataSet, Split, fixed_part
from foldscape.data.store import Remote

TRAIN, TEST, PIXELS = 60_000, 10_000, 784
_HOSTS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")


def _file(name: str, digest: str) -> Remote:
    return Remote(name, f"sha256:{digest}", tuple(f"{host}{name}.gz" for host in _HOSTS), gzip.decompress)


_TRAIN_X = _file("train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db")
_TRAIN_Y = _file("train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5")
_TEST_X = _file("t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7")
_TEST_Y = _file("t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2")


class Mnist(DataSet):
    """70,000 grey pictures of 28×28 pixels in ten classes, scaled to [0, 1]; the 10,000 test pictures as published."""

    kind: Literal["mnist"] = "mnist"
    train: int = Field(TRAIN, ge=100, le=TRAIN)
    """Training pictures used, of the 60,000 published; fewer are a fixed random part, and no longer MNIST."""

    def load(self, seed: int) -> Split:
        """Read the pictures; ``seed`` changes nothing here.

        Returns:
            Training and test pictures.

        Raises:
            NotOnDisk: If the files are neither here nor to be had.
        """
        del seed
        return _split(self.train)

    @property
    def size(self) -> int:
        """Number of pictures."""
        return self.train + TEST

    @property
    def train_size(self) -> int:
        """Number of training pictures."""
        return self.train

    @property
    def classes(self) -> int:
        """Ten digits."""
        return 10

    @property
    def features(self) -> int:
        """784 pixels a picture."""
        return PIXELS

    @property
    def image_shape(self) -> tuple[int, int]:
        """28×28 pixels."""
        return 28, 28

    @property
    def files(self) -> tuple[Remote, ...]:
        """Pictures and labels to learn from, and to test on."""
        return _TRAIN_X, _TRAIN_Y, _TEST_X, _TEST_Y


@lru_cache(maxsize=1)
def _split(train: int) -> Split:
    chosen = fixed_part(TRAIN, train)
    return Split(
        _pictures(_TRAIN_X)[chosen], _labels(_TRAIN_Y)[chosen], _pictures(_TEST_X), _labels(_TEST_Y), 10, (28, 28)
    )


def _pictures(remote: Remote) -> np.ndarray:
    raw = np.frombuffer(store.fetched("mnist", remote), np.uint8, offset=16).reshape(-1, PIXELS)
    return raw.astype(np.float32) / np.float32(255)


def _labels(remote: Remote) -> np.ndarray:
    return np.frombuffer(store.fetched("mnist", remote), np.uint8, offset=8).astype(np.int64)
