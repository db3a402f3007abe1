"""A block: layers one after the other, with or without a way around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from foldscape.net.blocks.activation import ActivationLayer
from foldscape.net.blocks.layer import Layer, SampleShape, told

NamedLayers = tuple[tuple[str, Layer], ...]
"""Layers with their names, in their order."""


@dataclass(frozen=True)
class NetBlock:
    """Some layers of a net under one name.

    Attributes:
        name: Its name; parameters are called ``<block>.<layer>.<tensor>``.
        layers: What a sample passes through.
        shortcut: What is added to the outcome: what came, behind these layers; none of them leaves it as it is.
            ``None`` adds nothing.
        after: What the sum passes through.
        stage: Which group of blocks it stands in, from 0, where it has units that growth can add to, or be put beside;
            -1 for all others.
        inner: Name of the layer whose outputs are seen by this block alone, so that their number is free; empty where
            there is none.
    """

    name: str
    layers: NamedLayers
    shortcut: NamedLayers | None = None
    after: NamedLayers = ()
    stage: int = -1
    inner: str = ""

    def out(self, shape: SampleShape) -> SampleShape:
        """Give the shape that a sample leaves with.

        Args:
            shape: The shape with which it comes.

        Returns:
            Its shape behind the block.

        Raises:
            ValueError: If such a sample cannot pass.
        """
        found = _through(self.layers, shape)
        if self.shortcut is not None and (around := _through(self.shortcut, shape)) != found:
            raise ValueError(f"{self.name} adds {told(around)} to {told(found)}")
        return _through(self.after, found)

    @property
    def is_residual(self) -> bool:
        """Whether it adds to what comes, and leaves its shape as it is."""
        return self.shortcut == ()

    @property
    def activated(self) -> str:
        """Full name of the activation that the answers of ``inner`` pass through."""
        names = [name for name, _ in self.layers]
        behind = self.layers[names.index(self.inner) + 1 :]
        return f"{self.name}." + next(name for name, layer in behind if isinstance(layer, ActivationLayer))

    def passed(self, shape: SampleShape) -> Iterator[tuple[str, Layer, SampleShape]]:
        """Give every layer with its full name and the shape with which a sample comes to it."""
        came = shape
        for name, layer in self.layers:
            yield f"{self.name}.{name}", layer, shape
            shape = layer.out(shape)
        for name, layer in self.shortcut or ():
            yield f"{self.name}.shortcut.{name}", layer, came
            came = layer.out(came)
        for name, layer in self.after:
            yield f"{self.name}.{name}", layer, shape
            shape = layer.out(shape)


def _through(layers: NamedLayers, shape: SampleShape) -> SampleShape:
    for _, layer in layers:
        shape = layer.out(shape)
    return shape
