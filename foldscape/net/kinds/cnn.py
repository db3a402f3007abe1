"""A convolutional net of a short list of blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import ConfigDict, Field

from foldscape.model import added, held_together
from foldscape.net.abilities import Abilities
from foldscape.net.blocks.convolving import Norm
from foldscape.net.modular_spec import ModularSpec, abilities

if TYPE_CHECKING:
    from foldscape.net.blocks.layer import SampleShape
    from foldscape.net.blocks.plan import NetPlan, Structure

Channels = Annotated[int, Field(ge=1, le=512)]
Stride = Literal[1, 2]


class CnnSpec(ModularSpec):
    """A convolutional net: blocks of one convolution each, some of which halve the picture, and one linear layer."""

    can: ClassVar[Abilities] = abilities("cnn", "CNN", "a convolutional net", "convolutional nets", grown_as="blocks")

    model_config = ConfigDict(json_schema_extra={"name": can.title})

    wiring: Literal["cnn"]
    """Convolutions one after the other."""
    channels: tuple[Channels, ...] = Field((16, 32), min_length=1, max_length=16)
    """Channels of each block, from the picture on; a block is a convolution and the activation."""
    size: Literal[1, 3, 5, 7] = added(3)
    """Side of the convolutions' filters, pixels."""
    stride: tuple[Stride, ...] = added((), max_length=16)
    """Stride of each block's convolution: 2 halves the picture. Blocks that are not named have 1."""
    pool: tuple[bool, ...] = Field((True, True), max_length=16)
    """Blocks behind which squares of 2×2 pixels become their largest number. Blocks that are not named leave them."""
    norm: Norm = "none"
    """Normalisation behind each convolution: over the batch, over groups of a sample's own channels, or none."""
    head: Literal["mean", "flatten"] = "mean"
    """What the last layer reads of each channel: its mean over all places, or all places."""

    @held_together
    def _strides_are_of_blocks(self) -> Self:
        if (named := len(self.stride)) > (blocks := len(self.channels)):
            raise ValueError(f"stride names {named} blocks, and channels {blocks}; name as many or fewer")
        return self

    def called_on(self, shape: SampleShape, classes: int) -> str:
        """Name the net by its channels; see ``NetSpec.called_on``."""
        return f"CNN {'-'.join(map(str, self.channels))}" + (", batch norm" if self.norm == "batch" else "")

    def plan(self, shape: SampleShape, classes: int, structure: Structure | None = None) -> NetPlan:
        """Say which blocks the net has; see ``ModularSpec.plan``."""
        from foldscape.net.blocks.activation import ActivationLayer
        from foldscape.net.blocks.block import NetBlock
        from foldscape.net.blocks.convolving import convolving
        from foldscape.net.blocks.layer import Layer
        from foldscape.net.blocks.linear import FlattenLayer, LinearLayer
        from foldscape.net.blocks.plan import NetPlan
        from foldscape.net.blocks.pooling import GlobalMeanLayer, PoolLayer

        if len(shape) != 3:
            raise ValueError("a convolutional net reads pictures")
        widths = structure[0] if structure else self.channels
        blocks: list[NetBlock] = []
        came: SampleShape = shape
        for number, width in enumerate(widths):
            stride = self.stride[number] if number < len(self.stride) else 1
            layers: list[tuple[str, Layer]] = [
                *convolving(("conv", "norm"), came[0], width, self.size, self.norm, stride),
                ("act", ActivationLayer(self.activation, self.negative_slope)),
            ]
            if number < len(self.pool) and self.pool[number]:
                layers.append(("pool", PoolLayer()))
            blocks.append(NetBlock(f"block{number + 1}", tuple(layers), stage=0, inner="conv"))
            came = blocks[-1].out(came)
        end = GlobalMeanLayer() if self.head == "mean" else FlattenLayer()
        features = end.out(came)[0]
        blocks.append(NetBlock("head", (("gather", end), ("linear", LinearLayer(features, classes)))))
        return NetPlan(shape, tuple(blocks))
