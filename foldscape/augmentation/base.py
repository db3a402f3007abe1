"""What a way to change pictures answers."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.chance import seed_words
from foldscape.model import Model

if TYPE_CHECKING:
    from torch import Tensor


class Augmentation(Model):
    """Base of the ways to change pictures that an update learns from; nothing that measures or grows a net sees them.

    What a picture is changed by follows from the seed, the epoch and the place of the point among the training points,
    and from no batch, order or other kind. What comes into a picture from outside is 0 as the net reads it: black, or
    the mean of inputs that are normalised.
    """

    draws: ClassVar[int]
    """Random numbers that a picture takes."""

    kind: str

    def drawn(self, seed: int, epoch: int, points: int) -> Float64Array:
        """Draw what each training point is changed by in an epoch.

        Args:
            seed: Seed of the run.
            epoch: Epochs done.
            points: Number N of training points.

        Returns:
            (N, draws) numbers from 0 to below 1; the first n rows are those of n points.

        Example:
            >>> from foldscape.augmentation.flip import Flip
            >>> Flip().drawn(7, 0, 5)[:2].tolist() == Flip().drawn(7, 0, 2).tolist()
            True
        """
        rng = np.random.default_rng([*seed_words(seed, "augment", epoch), zlib.crc32(self.kind.encode())])
        return rng.random((points, self.draws))

    def changed(self, pictures: Tensor, drawn: Tensor) -> Tensor:
        """Change pictures, each by its own numbers.

        Args:
            pictures: (n, channels, rows, columns).
            drawn: (n, draws) float64, from 0 to below 1.

        Returns:
            Pictures of the same shape.
        """
        raise NotImplementedError

    def problem(self, rows: int, columns: int) -> str:
        """Say which field does not fit pictures of this size, beginning with the field; empty when all fit."""
        del rows, columns
        return ""
