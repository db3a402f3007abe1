"""What the last growths can be taken back to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from foldscape.net.mlp import Weights
from foldscape.training.kept import Kept

DEPTH = 8
"""Growths that can be taken back."""


@dataclass(frozen=True)
class Before(Kept):
    """A run just before a growth.

    Attributes:
        birth_step: Step of the growth.
        birth_seq: Place of its record among the events of that step.
        unit: Lasting id of the first unit that was born; -1 if none was.
    """

    birth_step: int
    birth_seq: int
    unit: int


@dataclass
class Past:
    """The moments before the last growths, the latest last."""

    moments: list[Before] = field(default_factory=list)

    def remember(self, moment: Before) -> None:
        """Add a moment; the oldest is forgotten beyond ``DEPTH``."""
        self.moments = [*self.moments, moment][-DEPTH:]

    def forget(self, step: int, seq: int) -> None:
        """Forget the moment before a growth; nothing where it is forgotten already."""
        self.moments = [one for one in self.moments if (one.birth_step, one.birth_seq) != (step, seq)]

    def arrays(self) -> dict[str, Any]:
        """Give the arrays that a snapshot has to hold."""
        found: dict[str, Any] = {}
        for i, moment in enumerate(self.moments):
            found |= moment.arrays(f"past{i}_")
        return found

    def births(self) -> list[list[int]]:
        """Give the plain values that a snapshot has to hold."""
        return [[m.birth_step, m.birth_seq, m.unit] for m in self.moments]

    @classmethod
    def restored(cls, births: list[list[int]], arrays: dict[str, Any], like: Weights) -> Past:
        """Read back what a snapshot holds; ``like`` tells the activation."""
        moments = []
        for i, birth in enumerate(births):
            kept = Kept.read(arrays, like, f"past{i}_")
            moments.append(Before(kept.net, kept.memory, kept.units, *birth))
        return cls(moments)
