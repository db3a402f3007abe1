"""The block table: which stretch of the flat parameter vector is which tensor of the net."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """One parameter tensor inside the flat vector.

    Attributes:
        name: The tensor's name in the net, such as ``layers.0.weight``.
        offset: Index of its first entry in the flat vector.
        numel: Number of entries.
        shape: Shape of the tensor; entries are laid out row by row.
    """

    name: str
    offset: int
    numel: int
    shape: tuple[int, ...]

    @property
    def span(self) -> slice:
        """The stretch of the flat vector that this tensor fills."""
        return slice(self.offset, self.offset + self.numel)


def block_table(tensors: Iterable[tuple[str, tuple[int, ...]]]) -> tuple[Block, ...]:
    """Lay named tensors end to end.

    Args:
        tensors: Names and shapes, in the order in which they fill the flat vector.

    Returns:
        One block per tensor; the blocks touch and do not overlap.
    """
    blocks: list[Block] = []
    offset = 0
    for name, shape in tensors:
        numel = math.prod(shape)
        blocks.append(Block(name, offset, numel, tuple(shape)))
        offset += numel
    return tuple(blocks)
