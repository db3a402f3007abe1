"""The whole state of a run between two updates, ready to be stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from foldscape import wire

Arrays = dict[str, np.ndarray | tuple[np.ndarray, ...]]


@dataclass(frozen=True)
class Snapshot:
    """A run's state; ``Loop(spec, start=snapshot)`` goes on from it, bit for bit.

    Attributes:
        data: Plain values by name.
        arrays: Arrays, or tuples of arrays, by name.
    """

    data: dict[str, Any]
    arrays: Arrays

    @property
    def step(self) -> int:
        """Updates done."""
        return int(self.data["step"])

    def pack(self) -> wire.Packed:
        """Serialise."""
        return wire.pack(self.data, self.arrays)

    @classmethod
    def unpack(cls, head: bytes, body: bytes) -> Snapshot:
        """Read back what ``pack`` wrote."""
        return cls(*wire.unpack(head, body))
