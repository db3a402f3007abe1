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
        layer: The layer that it belongs to, for granularity ``layer``. Not given, it is the name up to the last dot,
            so that weights and biases of one layer go together.
        edges: The pair of depths that it joins, for granularity ``block`` of nets with skip connections. Not given,
            it is the name: in a plain net a bias leads from the constant input, and every tensor is a pair of its own.
        out_axis: Axis that counts output neurons or channels: the filters are the slices along it.
    """

    name: str
    offset: int
    numel: int
    shape: tuple[int, ...]
    layer: str = ""
    edges: str = ""
    out_axis: int = 0

    def __post_init__(self) -> None:
        if not self.layer:
            object.__setattr__(self, "layer", self.name.rpartition(".")[0] or self.name)
        if not self.edges:
            object.__setattr__(self, "edges", self.name)

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
