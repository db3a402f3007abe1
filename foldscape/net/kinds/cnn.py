"""A convolutional net of a short list of blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from foldscape.net.abilities import Abilities
from foldscape.net.modular_spec import ModularSpec, abilities

if TYPE_CHECKING:
    from foldscape.net.blocks.layer import SampleShape
    from foldscape.net.blocks.plan import NetPlan, Structure

Channels = Annotated[int, Field(ge=1, le=512)]


class CnnSpec(ModularSpec):
    """A convolutional net: blocks of one convolution each, some of which halve the picture, and one linear layer."""

    can: ClassVar[Abilities] = abilities("cnn", "CNN", "a convolutional net", "convolutional nets", grown_as="blocks")

    model_config = ConfigDict(json_schema_extra={"name": can.title})

    wiring: Literal["cnn"]
    """Convolutions one after the other."""
    channels: tuple[Channels, ...] = Field((16, 32), min_length=1, max_length=16)
    """Channels of each block: a convolution of 3×3 pixels and the activation."""
    pool: tuple[bool, ...] = Field((True, True), max_length=16)
    """After which blocks squares of 2×2 pixels become their largest; what is not named does not."""
    norm: Literal["none", "batch"] = "none"
    """Normalisation behind each convolution."""
    head: Literal["mean", "flatten"] = "mean"
    """What the last layer reads of each channel: its mean over all places, or all places."""

    def plan(self, shape: SampleShape, classes: int, structure: Structure | None = None) -> NetPlan:
        """Say which blocks the net has; see ``ModularSpec.plan``."""
        from foldscape.net.blocks.activation import ActivationLayer
        from foldscape.net.blocks.block import NetBlock
        from foldscape.net.blocks.convolution import ConvLayer
        from foldscape.net.blocks.layer import Layer, told
        from foldscape.net.blocks.linear import FlattenLayer, LinearLayer
        from foldscape.net.blocks.normalisation import BatchNormLayer
        from foldscape.net.blocks.plan import NetPlan
        from foldscape.net.blocks.pooling import GlobalMeanLayer, PoolLayer

        if len(shape) != 3:
            raise ValueError(f"a convolutional net reads pictures, and {told(shape)} is none")
        widths = structure[0] if structure else self.channels
        blocks: list[NetBlock] = []
        came: SampleShape = shape
        for number, width in enumerate(widths):
            conv = ConvLayer(came[0], width, bias=self.norm == "none")
            layers: list[tuple[str, Layer]] = [("conv", conv)]
            if self.norm == "batch":
                layers.append(("norm", BatchNormLayer(width)))
            layers.append(("act", ActivationLayer(self.activation, self.negative_slope)))
            if number < len(self.pool) and self.pool[number]:
                layers.append(("pool", PoolLayer()))
            blocks.append(NetBlock(f"block{number + 1}", tuple(layers), stage=0, inner="conv"))
            came = blocks[-1].out(came)
        end = GlobalMeanLayer() if self.head == "mean" else FlattenLayer()
        features = end.out(came)[0]
        blocks.append(NetBlock("head", (("gather", end), ("linear", LinearLayer(features, classes)))))
        return NetPlan(shape, tuple(blocks))
