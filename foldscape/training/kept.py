"""A net at a moment with all that training it on takes, as arrays of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from foldscape.engine.base import Memory
from foldscape.net.mlp import Weights


@dataclass(frozen=True)
class Kept:
    """A net that can be trained on.

    Attributes:
        net: The net.
        memory: Its optimiser's memory.
        units: Lasting ids of its units, one (width,) array a hidden layer.
    """

    net: Weights
    memory: Memory
    units: list[np.ndarray]

    def arrays(self, prefix: str = "") -> dict[str, Any]:
        """Give the arrays that a snapshot has to hold, their names behind a prefix."""
        parts = self.net.state() | {"units": tuple(self.units), **self.memory.arrays()}
        return {f"{prefix}{name}": value for name, value in parts.items()}

    @classmethod
    def read(cls, arrays: dict[str, Any], like: Weights, prefix: str = "") -> Kept:
        """Read back what ``arrays`` gave; ``like`` tells the activation."""
        parts = {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}
        return Kept(like.restored(parts), Memory.of_arrays(parts), list(parts["units"]))
