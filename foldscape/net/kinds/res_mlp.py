"""Dense residual nets (arXiv 1710.04773): each block adds what it works out to what came."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import ConfigDict, Field

from foldscape.model import in_forms
from foldscape.net.abilities import Abilities
from foldscape.net.blocks.tying import Shared
from foldscape.net.modular_spec import ModularSpec, abilities

if TYPE_CHECKING:
    from foldscape.net.blocks.block import NamedLayers
    from foldscape.net.blocks.layer import SampleShape
    from foldscape.net.blocks.plan import NetPlan, Structure


class ResMlpSpec(ModularSpec):
    """A dense residual net: blocks x + W₂ σ(W₁ σ(x)) of one width between two linear layers."""

    can: ClassVar[Abilities] = abilities(
        "res_mlp", "ResMLP", "a dense residual net", "dense residual nets", grown_as="blocks"
    )

    model_config = ConfigDict(json_schema_extra={"name": can.title})

    wiring: Literal["res_mlp"]
    """Dense layers with ways around them."""
    width: int = Field(64, ge=1, le=1024)
    """Numbers that pass from block to block."""
    inner: int = Field(64, ge=1, le=1024)
    """Units within each block."""
    blocks: int = Field(8, ge=1, le=64)
    """Number of blocks."""
    norm: Literal["none", "batch"] = "none"
    """Normalisation before each activation and before the last layer."""
    shared: Shared = Field("no", json_schema_extra=in_forms(advanced=True))
    """Whether all blocks are one and the same: no, in all, or in all but their normalisation."""
    residual_scale: float = Field(1, gt=0, le=10, json_schema_extra=in_forms(advanced=True))
    """First value of a trained factor on what each block adds; at 1 there is none."""

    def plan(self, shape: SampleShape, classes: int, structure: Structure | None = None) -> NetPlan:
        """Say which blocks the net has; see ``ModularSpec.plan``."""
        from foldscape.net.blocks.block import NetBlock
        from foldscape.net.blocks.linear import FlattenLayer, LinearLayer
        from foldscape.net.blocks.plan import NetPlan
        from foldscape.net.blocks.tying import tied

        row: NamedLayers = (("row", FlattenLayer()),) if len(shape) > 1 else ()
        blocks = [NetBlock("stem", (*row, ("linear", LinearLayer(math.prod(shape), self.width))))]
        for number, wide in enumerate((structure or self._inner)[0], start=1):
            blocks.append(NetBlock(f"block{number}", self._layers(wide), (), stage=0, inner="linear1"))
        own = blocks[-1]
        for number in range(len(blocks), self.blocks + 1 if self.shared != "no" else 0):
            blocks.append(tied(own, f"block{number}", self.shared))
        head = (*self._normed("norm", self.width), ("linear", LinearLayer(self.width, classes)))
        return NetPlan(shape, (*blocks, NetBlock("head", head)))

    @property
    def _inner(self) -> Structure:
        """Inner widths at the start; of blocks that are one and the same, of the first."""
        return ((self.inner,) * (self.blocks if self.shared == "no" else 1),)

    def _layers(self, wide: int) -> NamedLayers:
        """Give the layers of a block."""
        from foldscape.net.blocks.activation import ActivationLayer
        from foldscape.net.blocks.linear import LinearLayer
        from foldscape.net.blocks.scale import ScaleLayer

        act = ActivationLayer(self.activation, self.negative_slope)
        factor: NamedLayers = (("scale", ScaleLayer(self.residual_scale)),) if self.residual_scale != 1 else ()
        return (
            *self._normed("norm1", self.width),
            ("act1", act),
            ("linear1", LinearLayer(self.width, wide)),
            *self._normed("norm2", wide),
            ("act2", act),
            ("linear2", LinearLayer(wide, self.width)),
            *factor,
        )

    def _normed(self, name: str, width: int) -> NamedLayers:
        from foldscape.net.blocks.normalisation import BatchNormLayer

        return ((name, BatchNormLayer(width)),) if self.norm == "batch" else ()
