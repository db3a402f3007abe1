"""What a way to draw the training points answers."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from foldscape.arrays import Indices, Labels
from foldscape.errors import FieldRefused
from foldscape.model import Model


class Resampling(Model):
    """Base of the ways to draw the training points of a run; validation and test points stay as they are.

    What is drawn follows from the seed and the number of the member alone, so that runs of one seed that differ in
    their member alone are drawn from the same points: the members of one ensemble.
    """

    draws: ClassVar[bool] = True
    """Whether it may leave points out, and so a class without any."""

    kind: str

    def drawn(self, y: Labels, seed: int, member: int) -> Indices | None:
        """Choose the training points.

        Args:
            y: (N,) class of each training point that there is.
            seed: Seed of the run.
            member: Its number among the members of an ensemble.

        Returns:
            Their indices, rising; ``None`` for all of them.
        """
        raise NotImplementedError

    def size(self, points: int, member: int) -> int:
        """Say how many points are drawn from so many."""
        del member
        return points

    def problem(self, points: int) -> str:
        """Say which of its fields do not fit so many points, beginning with the field; empty when they fit."""
        del points
        return ""

    def holding_every_class(self, y: Labels, found: Indices, which: str) -> Indices:
        """Give points that were drawn, if no class is without one.

        Args:
            y: (N,) class of each training point that there is.
            found: Indices of those that were drawn.
            which: Which draw it is, in words.

        Returns:
            The indices.

        Raises:
            FieldRefused: If a class has none.
        """
        if missing := np.setdiff1d(y, y[found]).tolist():
            raise FieldRefused(
                f"resample {self.kind} draws no training point of class {missing[0]} for {which}",
                path="resample",
                given=self.kind,
                allowed="draws that hold every class, or whole",
                hint="Take another seed or member, a set with more points, or whole.",
            )
        return found
