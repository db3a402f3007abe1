"""Residual nets for small pictures (He et al. 2015, arXiv 1512.03385, section 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import ConfigDict, Field

from foldscape.model import added, in_forms
from foldscape.net.abilities import Abilities
from foldscape.net.blocks.convolving import Norm
from foldscape.net.blocks.tying import Shared
from foldscape.net.modular_spec import ModularSpec, abilities

if TYPE_CHECKING:
    from foldscape.net.blocks.block import NamedLayers
    from foldscape.net.blocks.layer import SampleShape
    from foldscape.net.blocks.plan import NetPlan, Structure

STAGES = 3


class ResnetSpec(ModularSpec):
    """A residual net of 6n+2 layers: a convolution, three stages of n blocks, the mean of each channel, a linear layer.

    Stages are ``width``, twice and four times as wide; the second and third begin with a stride of 2.
    """

    can: ClassVar[Abilities] = abilities("resnet", "ResNet", "a residual net", "residual nets", grown_as="blocks")

    model_config = ConfigDict(json_schema_extra={"name": can.title})

    wiring: Literal["resnet"]
    """Convolutions with ways around them."""
    n: int = Field(1, ge=1, le=18)
    """Blocks a stage: the net has 6n+2 layers, 1 is ResNet-8, 3 is ResNet-20."""
    width: int = Field(16, ge=1, le=128)
    """Channels of the first stage; the published nets have 16, and 8 is enough for digits."""
    shortcut: Literal["A", "B"] = "A"
    """The way around a block that changes the shape.

    A leaves pixels out and adds channels of zeros, B is a convolution of 1×1 pixels."""
    norm: Norm = "batch"
    """Normalisation behind each convolution: over the batch, over groups of a sample's own channels, or none."""
    shared: Shared = added("no", json_schema_extra=in_forms(advanced=True))
    """Whether the blocks of a stage that leave the shape as it is are one and the same: no, in all, or in all but
    their normalisation."""
    residual_scale: float = added(1.0, gt=0, le=10, json_schema_extra=in_forms(advanced=True))
    """First value of a trained factor on what each block adds; at 1 there is none."""

    def called_on(self, shape: SampleShape, classes: int) -> str:
        """Name the net as papers do, by its layers and its width; see ``NetSpec.called_on``."""
        norm = {"batch": "", "group": ", group norm", "none": ", no norm"}[self.norm]
        shortcut = ", shortcuts B" if self.shortcut == "B" else ""
        return f"ResNet-{6 * self.n + 2}, width {self.width}{shortcut}{norm}"

    def plan(self, shape: SampleShape, classes: int, structure: Structure | None = None) -> NetPlan:
        """Say which blocks the net has; see ``ModularSpec.plan``."""
        from foldscape.net.blocks.activation import ActivationLayer
        from foldscape.net.blocks.block import NetBlock
        from foldscape.net.blocks.layer import told
        from foldscape.net.blocks.linear import LinearLayer
        from foldscape.net.blocks.plan import NetPlan
        from foldscape.net.blocks.pooling import GlobalMeanLayer, SubsampleLayer
        from foldscape.net.blocks.scale import ScaleLayer
        from foldscape.net.blocks.tying import tied

        if len(shape) != 3:
            raise ValueError(f"a residual net reads pictures, and {told(shape)} is none")
        act = ActivationLayer(self.activation, self.negative_slope)
        blocks = [NetBlock("stem", (*self._conv("", shape[0], self.width), ("act", act)))]
        came = self.width
        factor: NamedLayers = (("scale", ScaleLayer(self.residual_scale)),) if self.residual_scale != 1 else ()
        for stage, inner in enumerate(structure or self._inner):
            out = self.width << stage
            for number, wide in enumerate(inner):
                stride = 2 if stage and not number else 1
                around: NamedLayers = ()
                if came != out:
                    around = (
                        (("pad", SubsampleLayer(out, stride)),)
                        if self.shortcut == "A"
                        else self._conv("", came, out, stride, size=1)
                    )
                layers = (
                    *self._conv("1", came, wide, stride),
                    ("act", act),
                    *self._conv("2", wide, out),
                    *factor,
                )
                name = f"stage{stage + 1}_{number + 1}"
                blocks.append(NetBlock(name, layers, around, (("after", act),), stage, "conv1"))
                came = out
            own = blocks[-1]
            for number in range(len(inner), self.n if self.shared != "no" else 0):
                blocks.append(tied(own, f"stage{stage + 1}_{number + 1}", self.shared))
        blocks.append(NetBlock("head", (("mean", GlobalMeanLayer()), ("linear", LinearLayer(came, classes)))))
        return NetPlan(shape, tuple(blocks))

    @property
    def _inner(self) -> Structure:
        """Inner widths at the start; of blocks that are one and the same, of the first."""
        own = (self.n,) * STAGES if self.shared == "no" else (1, *(min(self.n, 2),) * (STAGES - 1))
        return tuple((self.width << stage,) * blocks for stage, blocks in enumerate(own))

    def _conv(self, number: str, inputs: int, outputs: int, stride: int = 1, size: int = 3) -> NamedLayers:
        """Give a convolution with what normalises its answers."""
        from foldscape.net.blocks.convolving import convolving

        return convolving((f"conv{number}", f"norm{number}"), inputs, outputs, size, self.norm, stride)
