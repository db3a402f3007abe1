"""What every data set offers: a seeded split into training and test points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import Field

from foldscape.model import Model

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Training and test points of one data set.

    Attributes:
        train_x: (N, d) inputs, data units.
        train_y: (N,) class of each input, from 0.
        test_x: (M, d) inputs; M may be 0.
        test_y: (M,) classes.
        classes: Number of classes K.
        image_shape: (rows, columns) when an input is a grey picture, else ``None``.
        names: What the classes are called; empty when they are called by their numbers.
    """

    train_x: Floats
    train_y: Labels
    test_x: Floats
    test_y: Labels
    classes: int
    image_shape: tuple[int, int] | None = None
    names: tuple[str, ...] = ()

    @property
    def features(self) -> int:
        """Number of inputs d."""
        return int(self.train_x.shape[1])

    @property
    def is_plane(self) -> bool:
        """Whether the inputs are points of the plane."""
        return self.features == 2


class DataSet(Model):
    """Base of all data sets."""

    kind: str

    def load(self, seed: int) -> Split:
        """Make or read the points.

        Args:
            seed: Seed of the sample and of the split.

        Returns:
            The split; the same bits for the same seed.
        """
        raise NotImplementedError

    @property
    def size(self) -> int:
        """Number of points in all, training and test."""
        raise NotImplementedError

    @property
    def train_size(self) -> int:
        """Number of training points."""
        raise NotImplementedError

    @property
    def features(self) -> int:
        """Number of inputs of one point."""
        raise NotImplementedError

    @property
    def classes(self) -> int:
        """Number of classes K."""
        raise NotImplementedError


class SharedOut(DataSet):
    """Base of the sets that are not split by those who published them."""

    test_share: float = Field(0.25, ge=0, le=0.9)
    """Share of the points held out for testing."""

    @property
    def train_size(self) -> int:
        """Number of points that are not held out."""
        return self.size - round(self.test_share * self.size)


def split_points(x: Floats, y: Labels, test_share: float, rng: np.random.Generator, classes: int) -> Split:
    """Shuffle points and hold a share of them out."""
    order = rng.permutation(len(x))
    held = round(test_share * len(x))
    test, train = order[:held], order[held:]
    return Split(x[train], y[train], x[test], y[test], classes)


def fixed_part(available: int, wanted: int) -> npt.NDArray[np.int64]:
    """Choose which of the published training points are used, the same for every run.

    Args:
        available: Published training points.
        wanted: How many of them are used.

    Returns:
        (wanted,) indices in their published order.
    """
    if wanted >= available:
        return np.arange(available)
    return np.sort(np.random.default_rng(0x5E7).permutation(available)[:wanted])
