"""Small colour pictures in a hundred classes (Krizhevsky 2009)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from pydantic import Field

from foldscape.data import store
from foldscape.data.base import DataSet, Split, fixed_part
from foldscape.data.pictures import members, scaled
from foldscape.data.store import Remote

TRAIN, TEST, VALUES = 50_000, 10_000, 3072
SHAPE = (3, 32, 32)
_NAMES = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle
caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant
flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree
motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate
poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider
squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle
wardrobe whale willow_tree wolf woman worm
"""
NAMES = tuple(name.replace("_", " ") for name in _NAMES.split())
_WHOLE = Remote(
    "cifar-100-binary.tar.gz",
    "md5:03b5dce01913d631647c71ecec9e9cb8",
    ("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",),
)
_MEMBERS = ("cifar-100-binary/train.bin", "cifar-100-binary/test.bin")


class Cifar100(DataSet):
    """60,000 colour pictures of 32×32 pixels in a hundred classes, scaled to [0, 1], in planes as CIFAR-10's.

    The classes are the fine ones; ``foldscape.data.tasks`` shares them out to tasks.
    """

    kind: Literal["cifar100"] = "cifar100"
    train: int = Field(TRAIN, ge=1000, le=TRAIN)
    """Training pictures used, of the 50,000 published; fewer are a fixed random part, and no longer CIFAR-100."""

    def load(self, seed: int) -> Split:
        """Read the pictures; ``seed`` changes nothing here.

        Returns:
            Training and test pictures.

        Raises:
            NotOnDisk: If the file is neither here nor to be had.
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
        """A hundred kinds of things."""
        return 100

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
        """The published archive."""
        return (_WHOLE,)


@lru_cache(maxsize=1)
def _split(train: int) -> Split:
    learnt, held = members(store.fetched("cifar100", _WHOLE), _MEMBERS, 2 + VALUES)
    learnt = learnt[fixed_part(len(learnt), train)]
    return Split(*_told(learnt), *_told(held), 100, SHAPE)


def _told(records: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give pictures and fine classes; the coarse class stands before them."""
    return scaled(records[:, 2:]), records[:, 1].astype(np.int64)
