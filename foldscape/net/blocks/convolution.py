"""Convolutions of pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foldscape.net.blocks.layer import Layer, SampleShape, told

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class ConvLayer(Layer):
    """A square convolution, padded so that only the stride makes a picture smaller.

    Attributes:
        inputs: Channels that come.
        outputs: Channels that leave.
        size: Side of a filter.
        stride: Pixels from one place to the next.
        groups: Groups of channels that do not see each other; as many as ``inputs`` is depthwise.
        bias: Whether each channel has a bias.
        padded: Whether pictures are padded.

    Example:
        >>> ConvLayer(3, 16, 3).multiplications((3, 32, 32))
        442368
    """

    inputs: int
    outputs: int
    size: int = 3
    stride: int = 1
    groups: int = 1
    bias: bool = False
    padded: bool = True

    @property
    def _padding(self) -> int:
        return self.size // 2 if self.padded else 0

    def out(self, shape: SampleShape) -> SampleShape:
        """Give the shape of the answers; see ``Layer.out``."""
        if len(shape) != 3 or shape[0] != self.inputs:
            raise ValueError(f"a convolution of {self.inputs} channels takes no {told(shape)}")
        rows, columns = ((side + 2 * self._padding - self.size) // self.stride + 1 for side in shape[1:])
        if min(rows, columns) < 1:
            raise ValueError(f"a filter of {self.size}×{self.size} pixels does not fit into {told(shape)}")
        return self.outputs, rows, columns

    def tensors(self) -> Mapping[str, SampleShape]:
        """Give filters (outputs, inputs / groups, size, size), and biases if there are any."""
        found: dict[str, SampleShape] = {"weight": (self.outputs, self.inputs // self.groups, self.size, self.size)}
        return found | ({"bias": (self.outputs,)} if self.bias else {})

    def multiplications(self, shape: SampleShape) -> int:
        """Count rows · columns · size² · inputs · outputs / groups, those of the answers."""
        _, rows, columns = self.out(shape)
        return rows * columns * self.size**2 * self.inputs * self.outputs // self.groups

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        name = "depthwise" if self.groups == self.inputs > 1 else "conv"
        stride = f", stride {self.stride}" if self.stride > 1 else ""
        return f"{name} {self.size}×{self.size}, {self.outputs}{stride}"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from torch import nn

        return nn.Conv2d(
            self.inputs, self.outputs, self.size, self.stride, self._padding, groups=self.groups, bias=self.bias
        )
