"""Articles of clothing in the form of MNIST (Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from foldscape.data.grey import TRAIN, GreyPictures
from foldscape.data.store import Remote

NAMES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
_HOSTS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
)


def _file(name: str, digest: str) -> Remote:
    return Remote(name, f"md5:{digest}", tuple(f"{host}{name}" for host in _HOSTS))


_FILES = (
    _file("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
    _file("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
    _file("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
    _file("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
)
"""Their hashes are published of the packed files, which are kept so."""


class FashionMnist(GreyPictures):
    """70,000 grey pictures of clothing, 28×28 pixels in ten classes, scaled to [0, 1]; test pictures as published."""

    kind: Literal["fashion_mnist"] = "fashion_mnist"
    train: int = Field(TRAIN, ge=100, le=TRAIN)
    """Training pictures used, of the 60,000 published; fewer are a fixed random part, and no longer Fashion-MNIST."""

    @property
    def names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return NAMES

    @property
    def files(self) -> tuple[Remote, ...]:
        """Pictures and labels to learn from, and to test on."""
        return _FILES
