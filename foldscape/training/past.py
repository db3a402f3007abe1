"""What the last growths can be taken back to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from foldscape.engine.base import Memory
from foldscape.net.mlp import Weights

DEPTH = 8
"""Growths that can be taken back."""


@dataclass(frozen=True)
class Before:
    """A run just before a growth.

    Attributes:
        net: Its net.
        memory: Its optimiser's memory.
        units: Lasting ids of its units.
        birth_step: Step of the growth.
        birth_seq: Place of its record among the events of that step.
        unit: Lasting id of the first unit that was born; -1 if none was.
    """

    net: Weights
    memory: Memory
    units: list[np.ndarray]
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

    def arrays(self) -> dict[str, Any]:
        """Give the arrays that a snapshot has to hold."""
        found: dict[str, Any] = {}
        for i, moment in enumerate(self.moments):
            memory = moment.memory
            parts = moment.net.state() | {"units": tuple(moment.units), **memory.arrays()}
            found |= {f"past{i}_{name}": value for name, value in parts.items()}
        return found

    def births(self) -> list[list[int]]:
        """Give the plain values that a snapshot has to hold."""
        return [[m.birth_step, m.birth_seq, m.unit] for m in self.moments]

    @classmethod
    def restored(cls, births: list[list[int]], arrays: dict[str, Any], like: Weights) -> Past:
        """Read back what a snapshot holds; ``like`` tells the activation."""
        moments = []
        for i, birth in enumerate(births):
            prefix = f"past{i}_"
            parts = {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}
            moments.append(Before(like.restored(parts), Memory.of_arrays(parts), list(parts["units"]), *birth))
        return cls(moments)
