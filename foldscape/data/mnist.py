"""Handwritten digits of 28×28 pixels (LeCun, Cortes, Burges)."""

from __future__ import annotations

import gzip
from typing import Literal

from pydantic import Field

from foldscape.data.grey import TRAIN, GreyPictures
from foldscape.data.store import Remote

_HOSTS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")


def _file(name: str, digest: str) -> Remote:
    return Remote(name, f"sha256:{digest}", tuple(f"{host}{name}.gz" for host in _HOSTS), gzip.decompress)


_FILES = (
    _file("train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    _file("train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    _file("t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    _file("t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
)


class Mnist(GreyPictures):
    """70,000 grey pictures of 28×28 pixels in ten classes, scaled to [0, 1]; the 10,000 test pictures as published."""

    kind: Literal["mnist"] = "mnist"
    train: int = Field(TRAIN, ge=100, le=TRAIN)
    """Training pictures used, of the 60,000 published; fewer are a fixed random part, and no longer MNIST."""

    @property
    def files(self) -> tuple[Remote, ...]:
        """Pictures and labels to learn from, and to test on."""
        return _FILES
