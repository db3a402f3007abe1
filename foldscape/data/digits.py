"""Handwritten digits of 8×8 pixels; they ship with scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from pydantic import Field

from foldscape.data.base import Examples, SharedOut, Split
from foldscape.model import in_forms

POINTS = 1797


class Digits(SharedOut):
    """1,797 grey pictures of 8×8 pixels in ten classes, scaled to [0, 1].

    The split is stratified and always the same (seed 0), so that runs of any seed can be compared.
    """

    kind: Literal["digits"] = "digits"
    test_share: float = Field(360 / POINTS, ge=0.05, le=0.9, json_schema_extra=in_forms(advanced=True))
    """Share of the pictures held out; the default gives 1,437 and 360."""
    centred: bool = False
    """Subtract the mean training picture."""

    def load(self, seed: int) -> Split:
        """Read the pictures; ``seed`` changes nothing here."""
        return _shared_out(self.test_share, self.centred, self.image_shape)

    def examples(self, seed: int, part: Literal["train", "test"], chosen: Sequence[int]) -> Examples:
        """Give some pictures to look at, as they were written."""
        written = self.model_copy(update={"centred": False}) if self.centred else self
        return super(Digits, written).examples(seed, part, chosen)

    @property
    def size(self) -> int:
        """Number of pictures."""
        return POINTS

    @property
    def classes(self) -> int:
        """Ten digits."""
        return 10

    @property
    def features(self) -> int:
        """64 pixels a picture."""
        return 64

    @property
    def image_shape(self) -> tuple[int, int]:
        """8×8 pixels."""
        return 8, 8


@lru_cache(maxsize=4)
def _shared_out(test_share: float, centred: bool, image_shape: tuple[int, int]) -> Split:
    """Read the pictures and share them out, once for all runs of a sweep."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32)
    held = round(test_share * POINTS)
    train_x, test_x, train_y, test_y = train_test_split(x, y, test_size=held, stratify=y, random_state=0)
    if centred:
        mean = train_x.mean(axis=0)
        train_x, test_x = train_x - mean, test_x - mean
    return Split(train_x, train_y.astype(np.int64), test_x, test_y.astype(np.int64), 10, image_shape)
