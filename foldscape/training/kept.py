"""A net at a moment with all that training it on takes, as arrays of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from foldscape.engine.base import Memory
from foldscape.errors import InvalidInput
from foldscape.net.mlp import Weights

SAME = "Go on with the spec that it was taken with."


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
        """Read back what ``arrays`` gave.

        Args:
            arrays: Arrays by name.
            like: A net that tells the activation.
            prefix: What their names begin with.

        Returns:
            The net with its memory.

        Raises:
            InvalidInput: If it is a net of another kind, or on other data.
        """
        parts = {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}
        try:
            net = like.restored(parts)
        except KeyError as missing:
            raise InvalidInput(f"This is no snapshot of {like.can.words}: it has no {missing}.", hint=SAME) from None
        its, mine = ((one.features, one.classes) for one in (net, like))
        if its != mine:
            said = f"it reads {its[0]} numbers and has {its[1]} outputs, this one {mine[0]} and {mine[1]}"
            raise InvalidInput(f"This is a snapshot of another run's net: {said}.", hint=SAME)
        net.refuse_other_tensors()
        return Kept(net, Memory.of_arrays(parts), list(parts["units"]))
