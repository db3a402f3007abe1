"""The blocks of a net that add to what passes and leave its shape as it is, and the ways through the others."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn

from foldscape.arrays import FloatArray, Labels
from foldscape.errors import InvalidInput, NotPossible
from foldscape.net.modular import ModularNet

if TYPE_CHECKING:
    from foldscape.net.blocks.modules.whole import BlockModule, PlanModule
    from foldscape.net.mlp import Weights

AT_ONCE = 256
"""Samples that pass together: what all blocks made of them is held at once."""


class PassedBlocks(NamedTuple):
    """What a net made of some samples on its way.

    Attributes:
        entered: What came to each of the n residual blocks, (N, ...) each.
        left: What left each of them.
        outputs: (N, K).
    """

    entered: list[Tensor]
    left: list[Tensor]
    outputs: Tensor


class ResidualChain:
    """The n residual blocks of a net at rest, h ← h + F(h), between whatever else it has.

    Residual here are the blocks whose shortcut leaves what comes as it is. Those that change the shape are part of the
    way between two stages. In a block that ends in an activation F(h) is all that the block changes, the activation
    included, so that what leaves the last block of a stage is what came to its first and the sum of all F.

    Args:
        net: The net.

    Attributes:
        net: The net.
        names: (n,) what the blocks are called.
        stages: (n,) which stage each stands in, from 0: a stage ends where another block follows.

    Raises:
        NotPossible: If it has no such block.

    Example:
        >>> from foldscape.net.spec import NetSpec
        >>> spec = NetSpec(wiring="res_mlp", blocks=2, width=4)
        >>> ResidualChain(spec.first_on((4,), 3, np.random.default_rng(0))).names
        ('block1', 'block2')
    """

    def __init__(self, net: Weights) -> None:
        if why := why_no_chain(net):
            raise NotPossible(why, hint="Take a ResNet of n 2 or more, or a residual MLP.")
        self.net = cast(ModularNet, net)
        whole = cast("PlanModule", self.net.module())
        self._whole, self._blocks = whole, whole.blocks
        self._at = whole.plan.residual
        self.names = tuple(whole.plan.blocks[place].name for place in self._at)
        ends = [after - before > 1 for before, after in pairwise(self._at)]
        self.stages = tuple(itertools.accumulate(map(int, ends), initial=0))

    def __len__(self) -> int:
        return len(self._at)

    def rows(self, x: FloatArray) -> Tensor:
        """Give samples (N, numbers) as a tensor in the net's precision."""
        return torch.from_numpy(np.ascontiguousarray(x, self.net.arrays[0].dtype))

    def block(self, number: int) -> BlockModule:
        """Give the torch module of a residual block, counted from 0."""
        return self._blocks[self._at[number]]

    def passed(self, rows: Tensor) -> PassedBlocks:
        """Pass samples, (N, numbers), and keep what came to each residual block and left it."""
        entered, left, h = [], [], self._whole.shaped(rows)
        residual = set(self._at)
        for place, block in enumerate(self._blocks):
            if place in residual:
                entered.append(h)
            h = block(h)
            if place in residual:
                left.append(h)
        return PassedBlocks(entered, left, h)

    def onward(self, number: int, h: Tensor) -> Tensor:
        """Give the outputs (N, K) for what comes to a residual block: through it and all that follows."""
        return self._through(self._blocks[self._at[number] :], h)

    def behind(self, number: int, h: Tensor) -> Tensor:
        """Give the outputs (N, K) for what leaves a residual block: through all that follows."""
        return self._through(self._blocks[self._at[number] + 1 :], h)

    def read(self, number: int, h: Tensor) -> Tensor:
        """Read the outputs from what comes to a residual block, as if it and those after it added nothing.

        Within the last stage that is the last normalisation and layer; from an earlier one, besides, the blocks that
        change the shape.

        Args:
            number: The block, counted from 0.
            h: (N, ...) what comes to it.

        Returns:
            (N, K) outputs.
        """
        residual = set(self._at)
        rest = range(self._at[number], len(self._blocks))
        return self._through([self._blocks[place] for place in rest if place not in residual], h)

    @staticmethod
    def _through(blocks: Sequence[nn.Module], h: Tensor) -> Tensor:
        for block in blocks:
            h = block(h)
        return h


def why_no_chain(net: Weights) -> str:
    """Say why a net has no residual blocks.

    Args:
        net: The net.

    Returns:
        A sentence; empty where it has some.

    Example:
        >>> from foldscape.net.mlp import Weights
        >>> why_no_chain(Weights((np.eye(2),), (np.zeros(2),)))
        'This net is a chain of layers, and has no block that adds to what comes and leaves its shape as it is.'
    """
    if isinstance(net, ModularNet) and net.spec.residual_on(net.shape, net.outputs):
        return ""
    return f"This net is {net.can.words}, and has no block that adds to what comes and leaves its shape as it is."


def in_turn(chain: ResidualChain, x: FloatArray, y: Labels) -> Iterator[tuple[Tensor, Tensor]]:
    """Give samples and their classes some at a time.

    Yields:
        Samples, (n, numbers), and classes, (n,).

    Raises:
        InvalidInput: If there are none, or more or fewer classes than samples.
    """
    if not len(x) or len(x) != len(y):
        raise InvalidInput(f"There are {len(x)} samples and {len(y)} classes.", hint="Give as many of both, and some.")
    labels = torch.from_numpy(np.array(y, np.int64))
    for start in range(0, len(x), AT_ONCE):
        yield chain.rows(x[start : start + AT_ONCE]), labels[start : start + AT_ONCE]
