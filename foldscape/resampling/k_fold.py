"""Leave a part of the training points out, each member another one: Krogh and Vedelsby (1995), the way of k folds."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from foldscape.arrays import Indices, Labels
from foldscape.chance import generator
from foldscape.model import in_forms
from foldscape.resampling.base import Resampling


class KFold(Resampling):
    """All points but one of ``of`` equal parts, which are parted by the seed, class by class.

    Krogh and Vedelsby 1995, "Neural network ensembles, cross validation, and active learning".
    """

    kind: Literal["k_fold"] = "k_fold"
    of: int = Field(5, ge=2, le=1000)
    """Number of parts."""
    fold: int | None = Field(None, ge=0, le=999, json_schema_extra=in_forms(advanced=True))
    """The part that is left out, from 0; empty (``null``) is that of the member's number."""

    def drawn(self, y: Labels, seed: int, member: int) -> Indices:
        """Give the points of the other parts; see ``Resampling.drawn``.

        Returns:
            Their indices, rising.

        Raises:
            FieldRefused: If a class would have no point.

        Example:
            >>> left = [KFold(of=3).drawn(np.array([0, 1, 0, 1, 0, 1]), seed=0, member=member) for member in range(3)]
            >>> sorted(np.concatenate(left).tolist())
            [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
        """
        shuffled = generator(seed, "fold", 0).permutation(len(y))
        by_class = shuffled[np.argsort(y[shuffled], kind="stable")]
        kept = np.ones(len(y), bool)
        fold = self._left_out(member)
        kept[by_class[fold :: self.of]] = False
        return self.holding_every_class(y, np.flatnonzero(kept), f"fold {fold} of seed {seed}")

    def size(self, points: int, member: int) -> int:
        """Say how many points are left of so many."""
        return points - len(range(self._left_out(member), points, self.of))

    def problem(self, points: int) -> str:
        """Say that there is no such part, or that parts would be empty."""
        if self.of > points:
            return f"of {self.of} parts are more than the {points} training points; use {points} or less"
        if self.fold is None or self.fold < self.of:
            return ""
        return f"fold {self.fold} is none of the {self.of} parts, which count from 0; use {self.of - 1} or less"

    def _left_out(self, member: int) -> int:
        return member % self.of if self.fold is None else self.fold
