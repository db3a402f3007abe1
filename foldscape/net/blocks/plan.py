"""A plan: the blocks of a net, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.lazy import lazy
from foldscape.net.blocks.block import NamedLayers, NetBlock
from foldscape.net.blocks.layer import Layer, SampleShape

Structure = tuple[tuple[int, ...], ...]
"""What growth can change of a net: of each stage, the inner width of each of its blocks."""


class Tensor(NamedTuple):
    """A trained tensor.

    Attributes:
        name: ``<block>.<layer>.<tensor>``.
        shape: Its shape.
        layer: Which of the layers that have any, from 0.
    """

    name: str
    shape: SampleShape
    layer: int


@dataclass(frozen=True)
class NetPlan:
    """The blocks of a net.

    Attributes:
        shape: Shape of one sample.
        blocks: What it passes through.

    Example:
        >>> from foldscape.net.blocks.block import NetBlock
        >>> from foldscape.net.blocks.linear import LinearLayer
        >>> plan = NetPlan((4,), (NetBlock("head", (("linear", LinearLayer(4, 3)),)),))
        >>> plan.out, plan.parameters, plan.multiplications
        ((3,), 15, 12)
    """

    shape: SampleShape
    blocks: tuple[NetBlock, ...]

    @lazy
    def layers(self) -> tuple[tuple[str, Layer, SampleShape], ...]:
        """Every layer with its full name and the shape with which a sample comes to it."""
        found, shape = [], self.shape
        for block in self.blocks:
            found += list(block.passed(shape))
            shape = block.out(shape)
        return tuple(found)

    @lazy
    def out(self) -> SampleShape:
        """Shape of what leaves."""
        shape = self.shape
        for block in self.blocks:
            shape = block.out(shape)
        return shape

    @lazy
    def tensors(self) -> tuple[Tensor, ...]:
        """Every trained tensor, in the order of the module's ``named_parameters``."""
        trained = [(name, layer.tensors()) for name, layer, _ in self.layers if layer.tensors()]
        return tuple(
            Tensor(f"{name}.{tensor}", shape, number)
            for number, (name, tensors) in enumerate(trained)
            for tensor, shape in tensors.items()
        )

    @lazy
    def parameters(self) -> int:
        """Number of parameters P."""
        return sum(math.prod(tensor.shape) for tensor in self.tensors)

    @lazy
    def multiplications(self) -> int:
        """Multiplications of one sample's way forward."""
        return sum(layer.multiplications(shape) for _, layer, shape in self.layers)

    @lazy
    def values(self) -> int:
        """Numbers that layers with weights make of one sample."""
        return sum(layer.values(shape) for _, layer, shape in self.layers)

    @lazy
    def structure(self) -> Structure:
        """Inner widths of the blocks of each stage."""
        stages: dict[int, list[int]] = {}
        for block in self.blocks:
            if block.stage >= 0:
                stages.setdefault(block.stage, []).append(_inner_width(block))
        return tuple(tuple(stages[stage]) for stage in sorted(stages))

    @lazy
    def residual(self) -> tuple[int, ...]:
        """Places of the blocks that add to what comes and leave its shape as it is."""
        return tuple(place for place, block in enumerate(self.blocks) if block.is_residual)

    @property
    def has_batch_norm(self) -> bool:
        """Whether any layer keeps running statistics."""
        return any(layer.buffers() for _, layer, _ in self.layers)

    def first(self, rng: np.random.Generator, output_scale: float = 1.0) -> tuple[FloatArray, ...]:
        """Draw the first parameters, layer by layer; those of the last layer with weights times ``output_scale``."""
        drawn = [layer.first(rng) for _, layer, _ in self.layers if layer.tensors()]
        drawn[-1] = [drawn[-1][0] * np.float32(output_scale), *drawn[-1][1:]]
        return tuple(array for arrays in drawn for array in arrays)

    def first_buffers(self) -> tuple[FloatArray, ...]:
        """Give what is kept beside the parameters, at the start."""
        return tuple(array for _, layer, _ in self.layers for array in layer.first_buffers())

    def drawn(self) -> Iterator[dict[str, Any]]:
        """Tell each block for a drawing, in plain JSON.

        Yields:
            Name, shape behind it, parameters, multiplications, whether there is a way around it and of which layers,
            its stage and inner width, and what its layers are called.
        """
        shape = self.shape
        for block in self.blocks:
            passed = list(block.passed(shape))
            shape = block.out(shape)
            yield {
                "name": block.name,
                "out": list(shape),
                "parameters": sum(math.prod(each) for _, layer, _ in passed for each in layer.tensors().values()),
                "multiplications": sum(layer.multiplications(came) for _, layer, came in passed),
                "shortcut": None if block.shortcut is None else _words(block.shortcut),
                "stage": block.stage,
                "inner": _inner_width(block) if block.inner else None,
                "layers": _words((*block.layers, *block.after)),
            }


def _words(layers: NamedLayers) -> list[str]:
    return [layer.words for _, layer in layers if layer.words]


def _inner_width(block: NetBlock) -> int:
    shapes = dict(block.layers)[block.inner].tensors()
    return shapes["weight"][0]
