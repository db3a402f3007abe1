"""What a way to draw the training points answers."""

from __future__ import annotations

from foldscape.arrays import Indices, Labels
from foldscape.model import Model


class Resampling(Model):
    """Base of the ways to draw the training points of a run; validation and test points stay as they are.

    What is drawn follows from the seed and the number of the member alone, so that runs of one seed that differ in
    their member alone are drawn from the same points: the members of one ensemble.
    """

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

    def problem(self) -> str:
        """Say which of its fields do not fit together, beginning with the field; empty when they fit."""
        return ""
