"""A plan as a torch module."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from foldscape.net.blocks.block import NamedLayers, NetBlock
from foldscape.net.blocks.plan import NetPlan
from foldscape.net.blocks.tying import TiedLayer


class BlockModule(nn.Module):
    """A block; its layers are called as in the plan.

    Args:
        block: The block.
        before: The net so far, of which it may apply layers again.
    """

    def __init__(self, block: NetBlock, before: nn.Module) -> None:
        super().__init__()
        self._layers = _added(self, block.layers, before)
        self.shortcut = None if block.shortcut is None else nn.Sequential()
        if self.shortcut is not None:
            _added(self.shortcut, block.shortcut or (), before)
        self._after = _added(self, block.after, before)

    def inner(self, x: Tensor) -> Tensor:
        """Give what the layers make of a batch, with nothing added: the residual of a block with a shortcut."""
        for layer in self._layers:
            x = getattr(self, layer)(x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        """Pass a batch through."""
        return self.added(x, self.inner(x))

    def added(self, x: Tensor, h: Tensor) -> Tensor:
        """Give what leaves for a batch of which the layers made ``h``: with what the shortcut adds, behind the sum."""
        if self.shortcut is not None:
            h = h + self.shortcut(x)
        for layer in self._after:
            h = getattr(self, layer)(h)
        return h


class PlanModule(nn.Module):
    """A whole net, which takes samples as rows (N, numbers).

    Args:
        plan: Its plan.

    Attributes:
        plan: Its plan.
        is_shared: Whether several threads may run it at once, at rest: its forward then changes nothing that it holds.
    """

    is_shared = True

    def __init__(self, plan: NetPlan) -> None:
        super().__init__()
        self.plan = plan
        for block in plan.blocks:
            self.add_module(block.name, BlockModule(block, self))

    @property
    def blocks(self) -> list[BlockModule]:
        """Its blocks, in their order."""
        return [getattr(self, block.name) for block in self.plan.blocks]

    def shaped(self, x: Tensor) -> Tensor:
        """Give samples (N, ...) in the shape that the first block takes."""
        return x.reshape(len(x), *self.plan.shape)

    def forward(self, x: Tensor) -> Tensor:
        """Give the outputs (N, K)."""
        h = self.shaped(x)
        for block in self.blocks:
            h = block(h)
        return h


def blank_module(plan: NetPlan) -> PlanModule:
    """Make the module of a plan with numbers in it that mean nothing.

    Nothing is drawn: torch's layers would draw first weights from a generator that all threads share.

    Args:
        plan: The plan.

    Returns:
        The module, on the processor.
    """
    with torch.device("meta"):
        module = PlanModule(plan)
    return module.to_empty(device="cpu")


def _added(to: nn.Module, layers: NamedLayers, before: nn.Module) -> list[str]:
    for name, layer in layers:
        to.add_module(name, before.get_submodule(layer.of) if isinstance(layer, TiedLayer) else layer.build())
    return [name for name, _ in layers]
