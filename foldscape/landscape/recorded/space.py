"""The parameters of a run's nets as one space, by kind of net: blocks, the path through it, and the order of units."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from foldscape.arrays import Vector
from foldscape.curvature import Block
from foldscape.curvature.blocks import block_table
from foldscape.landscape.alignment import align
from foldscape.landscape.edges import embed_edges, node_blocks
from foldscape.landscape.embedding import Embedded, beginning, embed
from foldscape.landscape.vectors import dense_blocks
from foldscape.net.dag import Dag
from foldscape.net.mlp import Weights

if TYPE_CHECKING:
    from foldscape.landscape.recorded.moments import RecordedMoment


class Space(ABC):
    """How nets of a kind lie in their parameters; ``Abilities.space`` names one."""

    @abstractmethod
    def blocks(self, net: Weights) -> tuple[Block, ...]:
        """Give the block table of a net's vector."""

    @abstractmethod
    def beginning(self, moments: Sequence[RecordedMoment], copies: Collection[int]) -> int:
        """Give the first moment from which on all lie in the space of the last; see ``embed``."""

    @abstractmethod
    def path(self, moments: Sequence[RecordedMoment], copies: Collection[int]) -> Embedded:
        """Lay a run's moments into the space of the last; see ``embed``."""

    def why_not_ordered(self, net: Weights) -> str:
        """Say why the units of another net cannot be put in the order of this one's; empty where they can."""
        return f"The units of {net.can.plural} have no order that could be changed."

    def aligned(self, net: Weights, other: Weights) -> Vector:
        """Give another net's vector with its units in the order that matches best; as it is where none can be."""
        return other.vector()


class LayerSpace(Space):
    """A chain of layers: a block a tensor, units known by their lasting ids."""

    def why_not_ordered(self, net: Weights) -> str:
        """Say nothing: all of them can."""
        return ""

    def blocks(self, net: Weights) -> tuple[Block, ...]:
        """Give a block a tensor."""
        return dense_blocks(net.weights)

    def beginning(self, moments: Sequence[RecordedMoment], copies: Collection[int]) -> int:
        """Give the first moment after which no layer was replaced."""
        return beginning([one.moment for one in moments], copies)

    def path(self, moments: Sequence[RecordedMoment], copies: Collection[int]) -> Embedded:
        """Lay the moments into the space of the last, unit by unit."""
        return embed([one.moment for one in moments], copies)

    def aligned(self, net: Weights, other: Weights) -> Vector:
        """Give another net's vector with its units in the order that matches best."""
        return align(net.vector(), other.vector(), self.blocks(net)).theta


class EdgeSpace(Space):
    """A graph: a block a node, and edges that keep their places for ever."""

    def blocks(self, net: Weights) -> tuple[Block, ...]:
        """Give a block a node."""
        assert isinstance(net, Dag)
        return node_blocks(net.graph)

    def beginning(self, moments: Sequence[RecordedMoment], copies: Collection[int]) -> int:
        """Give the first moment: no edge is ever lost."""
        return 0

    def path(self, moments: Sequence[RecordedMoment], copies: Collection[int]) -> Embedded:
        """Lay the moments into the space of the last, edge by edge."""
        last = moments[-1].net
        assert isinstance(last, Dag)
        return embed_edges([one.moment.step for one in moments], [one.theta for one in moments], last.graph)


class FixedSpace(Space):
    """A net that never grows: every moment lies in the same space as it is."""

    def blocks(self, net: Weights) -> tuple[Block, ...]:
        """Give a block a tensor."""
        return block_table((f"{layer}.{name}", part.shape) for layer, name, part in net.parts())

    def beginning(self, moments: Sequence[RecordedMoment], copies: Collection[int]) -> int:
        """Give the first moment: nothing was ever replaced."""
        return 0

    def path(self, moments: Sequence[RecordedMoment], copies: Collection[int]) -> Embedded:
        """Lay the moments side by side."""
        thetas, steps = np.stack([one.theta for one in moments]), np.array([one.moment.step for one in moments])
        return Embedded(thetas, steps, np.zeros(len(moments), np.int64), self.blocks(moments[-1].net))
