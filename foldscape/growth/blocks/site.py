"""Where the inner units of a block stand: which arrays have a row for each, and which layer reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foldscape.errors import NotPossible
from foldscape.growth.base import check_layer
from foldscape.lazy import lazy
from foldscape.net.blocks.block import NetBlock
from foldscape.net.blocks.layer import Layer
from foldscape.net.blocks.normalisation import BatchNormLayer, GroupNormLayer

if TYPE_CHECKING:
    from foldscape.net.blocks.plan import NetPlan, Structure
    from foldscape.net.modular import ModularNet


@dataclass(frozen=True)
class Site:
    """The inner units of one block: channels of a convolution, or units of a layer, that only one other layer reads.

    Attributes:
        net: The net.
        layer: Which of the blocks with inner units, from 0, stage by stage.
    """

    net: ModularNet
    layer: int

    @lazy
    def block(self) -> NetBlock:
        """The block."""
        return [block for block in self.net.plan.blocks if block.inner][self.layer]

    @property
    def width(self) -> int:
        """Its inner units."""
        return self.net.hidden[self.layer]

    @property
    def inner(self) -> str:
        """Full name of the layer whose outputs they are."""
        return f"{self.block.name}.{self.block.inner}"

    @lazy
    def reader(self) -> str:
        """Full name of the layer that reads them."""
        return self._reading[0].rpartition(".")[0]

    @lazy
    def columns(self) -> int:
        """Columns of the reader's weights for one unit: 1, or the places where those are laid out in a row."""
        return self._reading[1]

    @lazy
    def rows(self) -> tuple[str, ...]:
        """Full names of the parameters and buffers that have a row for each unit."""
        return tuple(name for name, old, new in self._resized if old[0] != new[0])

    @lazy
    def between(self) -> tuple[tuple[str, Layer], ...]:
        """The layers that the units' answers pass through on the way to the reader, with their full names."""
        names = [name for name, _, _ in self.net.plan.layers]
        passed = self.net.plan.layers[names.index(self.inner) + 1 : names.index(self.reader)]
        return tuple((name, layer) for name, layer, _ in passed)

    @lazy
    def norms(self) -> tuple[str, ...]:
        """Full names of the batch normalisations between."""
        return tuple(name for name, layer in self.between if isinstance(layer, BatchNormLayer))

    def wider(self, new: int) -> Structure:
        """Give the net's structure with more units here."""
        return structure_with(self.net.structure, self.layer, new)

    def plan_with(self, new: int) -> NetPlan:
        """Give the net's plan with more units here."""
        return self.net.spec.plan(self.net.shape, self.net.outputs, self.wider(new))

    @lazy
    def parameters(self) -> int:
        """Parameters that one more unit adds."""
        return self.plan_with(1).parameters - self.net.plan.parameters

    @lazy
    def multiplications(self) -> int:
        """Multiplications that one more unit adds to a sample's way forward."""
        return self.plan_with(1).multiplications - self.net.plan.multiplications

    @property
    def _reading(self) -> tuple[str, int]:
        (found,) = [(name, new[1] - old[1]) for name, old, new in self._resized if old[0] == new[0]]
        return found

    @lazy
    def _resized(self) -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
        """Arrays that one more unit makes larger: name, shape and larger shape."""
        pairs = zip(named_shapes(self.net.plan), named_shapes(self.plan_with(1)), strict=True)
        return [(name, old, new) for (name, old), (_, new) in pairs if old != new]


def site_of(net: ModularNet, layer: int) -> Site:
    """Find where a growth is to happen.

    Args:
        net: The network.
        layer: Which of the blocks with inner units, from 0.

    Returns:
        The place.

    Raises:
        NotPossible: If there is no such block, or its channels are normalised in groups.
    """
    check_layer(net, layer)
    site = Site(net, layer)
    if any(isinstance(passed, GroupNormLayer) for _, passed in site.between):
        raise NotPossible(
            "The channels of this block are normalised in groups: one more would change what all others answer.",
            hint="Add blocks by identity_layer, or start with norm batch or none.",
        )
    return site


def sites_of(net: ModularNet, layer: int | None = None) -> list[Site]:
    """Give all places of a net, or the one that is asked for; see ``site_of``."""
    check_layer(net, layer or 0)
    return [site_of(net, each) for each in (range(len(net.hidden)) if layer is None else [layer])]


def structure_with(structure: Structure, layer: int, new: int) -> Structure:
    """Give a structure with more units in one of its blocks.

    Args:
        structure: Inner widths of the blocks of each stage.
        layer: Which block, from 0, stage by stage.
        new: Units it gets.

    Returns:
        The structure.

    Example:
        >>> structure_with(((8, 8), (16,)), 2, 1)
        ((8, 8), (17,))
    """
    count, found = 0, []
    for stage in structure:
        found.append(tuple(width + new * (count + place == layer) for place, width in enumerate(stage)))
        count += len(stage)
    return tuple(found)


def named_shapes(plan: NetPlan) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Give full name and shape of every parameter and then of every buffer of a plan."""
    for tensor in plan.tensors:
        yield tensor.name, tensor.shape
    for name, layer, _ in plan.layers:
        for buffer, shape in layer.buffers().items():
            yield f"{name}.{buffer}", shape
