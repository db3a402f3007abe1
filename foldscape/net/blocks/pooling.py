"""What makes pictures smaller without weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from foldscape.net.blocks.layer import Layer, SampleShape, told

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class PoolLayer(Layer):
    """The largest or the mean number of each square of a picture.

    Attributes:
        size: Side of a square.
        of: Which number of it.
    """

    size: int = 2
    of: Literal["max", "mean"] = "max"

    def out(self, shape: SampleShape) -> SampleShape:
        """Give the shape of the smaller picture; see ``Layer.out``."""
        if len(shape) != 3 or min(shape[1:]) < self.size:
            raise ValueError(f"there are no squares of {self.size}×{self.size} pixels in {told(shape)}")
        return shape[0], shape[1] // self.size, shape[2] // self.size

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return f"{self.of} of {self.size}×{self.size}"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from torch import nn

        return nn.MaxPool2d(self.size) if self.of == "max" else nn.AvgPool2d(self.size)


@dataclass(frozen=True)
class GlobalMeanLayer(Layer):
    """The mean of each channel over all places."""

    def out(self, shape: SampleShape) -> SampleShape:
        """Give the shape of the means; see ``Layer.out``."""
        if len(shape) != 3:
            raise ValueError(f"there are no channels of pictures in {told(shape)}")
        return shape[:1]

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return "mean of all places"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from foldscape.net.blocks.modules.pooling import GlobalMeanModule

        return GlobalMeanModule()


@dataclass(frozen=True)
class SubsampleLayer(Layer):
    """The shortcut A of residual nets (arXiv 1512.03385): every second pixel, and channels of zeros on both sides.

    Attributes:
        outputs: Channels that leave.
        stride: Pixels from one that stays to the next.
    """

    outputs: int
    stride: int = 2

    def out(self, shape: SampleShape) -> SampleShape:
        """Give the shape that leaves; see ``Layer.out``."""
        if len(shape) != 3 or shape[0] > self.outputs:
            raise ValueError(f"a shortcut to {self.outputs} channels takes no {told(shape)}")
        return self.outputs, *(-(-side // self.stride) for side in shape[1:])

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return "pixels left out, channels of zeros" if self.stride > 1 else "channels of zeros"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from foldscape.net.blocks.modules.pooling import SubsampleModule

        return SubsampleModule(self.outputs, self.stride)
