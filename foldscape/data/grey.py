"""Sets of grey pictures of 28×28 pixels in ten classes that are published as MNIST is."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field

from foldscape.data.base import DataSet, Split, fixed_part
from foldscape.data.pictures import idx_labels, idx_pictures, scaled
from foldscape.data.store import Remote

TRAIN, TEST, PIXELS = 60_000, 10_000, 784


class GreyPictures(DataSet):
    """Base of the sets in the form of MNIST; each says its files, in the order of MNIST's."""

    train: int = Field(TRAIN, ge=100, le=TRAIN)
    """Training pictures used, of the 60,000 published; fewer are a fixed random part, and no longer the set."""

    def load(self, seed: int) -> Split:
        """Read the pictures; ``seed`` changes nothing here.

        Returns:
            Training and test pictures.

        Raises:
            NotOnDisk: If the files are neither here nor to be had.
        """
        del seed
        return _split(self.folder, self.files, self.train)

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
        """Ten classes."""
        return 10

    @property
    def features(self) -> int:
        """784 pixels a picture."""
        return PIXELS

    @property
    def image_shape(self) -> tuple[int, int]:
        """28×28 pixels."""
        return 28, 28


@lru_cache(maxsize=1)
def _split(folder: str, files: tuple[Remote, ...], train: int) -> Split:
    train_x, train_y, test_x, test_y = files
    learnt = idx_pictures(folder, train_x)
    chosen = fixed_part(len(learnt), train)
    return Split(
        scaled(learnt[chosen]),
        idx_labels(folder, train_y)[chosen],
        scaled(idx_pictures(folder, test_x)),
        idx_labels(folder, test_y),
        10,
        (28, 28),
    )
