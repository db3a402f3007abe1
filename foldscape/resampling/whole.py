"""All training points, each once."""

from __future__ import annotations

from typing import ClassVar, Literal

from foldscape.arrays import Labels
from foldscape.resampling.base import Resampling


class AllPoints(Resampling):
    """All training points, each once."""

    draws: ClassVar[bool] = False

    kind: Literal["whole"] = "whole"

    def drawn(self, y: Labels, seed: int, member: int) -> None:
        """Take them all."""
        del y, seed, member
