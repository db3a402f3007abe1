"""Blocks that are one and the same: applied again, with the weights of another (arXiv 1710.04773, section 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from foldscape.net.blocks.block import NamedLayers, NetBlock
from foldscape.net.blocks.layer import Layer, SampleShape
from foldscape.net.blocks.normalisation import NormedLayer

Shared = Literal["no", "all", "weights"]
"""Whether the blocks of a stage are one: no, in everything, or in all but their normalisation."""


@dataclass(frozen=True)
class TiedLayer(Layer):
    """Another layer of the net once more: its weights, and what is kept beside them, are counted there.

    Attributes:
        of: Full name of that layer, which stands before.
        layer: What it is.
    """

    of: str
    layer: Layer

    def out(self, shape: SampleShape) -> SampleShape:
        """Give the shape that a sample leaves with; see ``Layer.out``."""
        return self.layer.out(shape)

    def multiplications(self, shape: SampleShape) -> int:
        """Count those of the layer; see ``Layer.multiplications``."""
        return self.layer.multiplications(shape)

    def values(self, shape: SampleShape) -> int:
        """Count those of the layer; see ``Layer.values``."""
        return self.layer.values(shape)

    @property
    def is_weighted(self) -> bool:
        """Whether the layer has trained parameters."""
        return self.layer.is_weighted

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return self.layer.words


def tied(to: NetBlock, name: str, shared: Shared) -> NetBlock:
    """Give a block that is another once more.

    Args:
        to: The other, which stands before.
        name: What the new one is called.
        shared: ``all``, or ``weights`` if it normalises for itself.

    Returns:
        The block; growth changes the other and with it this one.
    """
    layers: NamedLayers = tuple(
        (each, TiedLayer(f"{to.name}.{each}", layer) if layer.is_weighted and not _apart(layer, shared) else layer)
        for each, layer in to.layers
    )
    return replace(to, name=name, layers=layers, stage=-1, inner="")


def _apart(layer: Layer, shared: Shared) -> bool:
    return shared == "weights" and isinstance(layer, NormedLayer)
