"""Dense residual nets (arXiv 1710.04773): each block adds what it works out to what came."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import ConfigDict, Field

from foldscape.net.abilities import Abilities
from foldscape.net.modular_spec import ModularSpec, abilities

if TYPE_CHECKING:
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

    def plan(self, shape: SampleShape, classes: int, structure: Structure | None = None) -> NetPlan:
        """Say which blocks the net has; see ``ModularSpec.plan``."""
        from foldscape.net.blocks.activation import ActivationLayer
        from foldscape.net.blocks.block import NamedLayers, NetBlock
        from foldscape.net.blocks.linear import FlattenLayer, LinearLayer
        from foldscape.net.blocks.plan import NetPlan

        act = ActivationLayer(self.activation, self.negative_slope)
        row: NamedLayers = (("row", FlattenLayer()),) if len(shape) > 1 else ()
        blocks = [NetBlock("stem", (*row, ("linear", LinearLayer(math.prod(shape), self.width))))]
        for number, wide in enumerate(structure[0] if structure else (self.inner,) * self.blocks, start=1):
            layers: NamedLayers = (
                ("act1", act),
                ("linear1", LinearLayer(self.width, wide)),
                ("act2", act),
                ("linear2", LinearLayer(wide, self.width)),
            )
            blocks.append(NetBlock(f"block{number}", layers, (), stage=0, inner="linear1"))
        blocks.append(NetBlock("head", (("linear", LinearLayer(self.width, classes)),)))
        return NetPlan(shape, tuple(blocks))
