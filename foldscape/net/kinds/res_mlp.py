"""A residual net of linear layers: blocks that add to a row of numbers (He et al. 2016, arXiv 1603.05027)."""

from __future__ import annotations

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
    """A residual net of linear layers: one to ``width`` numbers, blocks that each add to them, one to the classes.

    A block activates, goes through ``inner`` sums, activates and comes back: x + W₂ σ(W₁ σ(x)).
    """

    can: ClassVar[Abilities] = abilities(
        "res_mlp", "residual MLP", "a residual MLP", "residual MLPs", grown_as="blocks"
    )

    model_config = ConfigDict(json_schema_extra={"name": can.title})

    wiring: Literal["res_mlp"]
    """Linear layers with ways around them."""
    blocks: int = Field(8, ge=1, le=64)
    """Blocks between the first layer and the last."""
    width: int = Field(64, ge=1, le=1024)
    """Numbers that each block adds to."""
    inner: int = Field(64, ge=1, le=1024)
    """Hidden units of each block."""
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

        row = FlattenLayer()
        (features,) = row.out(shape)
        flat: NamedLayers = (("flatten", row),) if len(shape) > 1 else ()
        blocks = [NetBlock("stem", (*flat, ("linear", LinearLayer(features, self.width))))]
        for number, inner in enumerate((structure or self._inner)[0]):
            blocks.append(NetBlock(f"block{number + 1}", self._layers(inner), (), (), 0, "linear1"))
        own = blocks[-1]
        for number in range(len(blocks), self.blocks + 1 if self.shared != "no" else 0):
            blocks.append(tied(own, f"block{number}", self.shared))
        head = (*self._normed("norm", self.width), ("linear", LinearLayer(self.width, classes)))
        return NetPlan(shape, (*blocks, NetBlock("head", head)))

    @property
    def _inner(self) -> Structure:
        """Inner widths at the start; of blocks that are one and the same, of the first."""
        return ((self.inner,) * (self.blocks if self.shared == "no" else 1),)

    def _layers(self, inner: int) -> NamedLayers:
        """Give the layers of a block."""
        from foldscape.net.blocks.activation import ActivationLayer
        from foldscape.net.blocks.linear import LinearLayer
        from foldscape.net.blocks.scale import ScaleLayer

        act = ActivationLayer(self.activation, self.negative_slope)
        factor: NamedLayers = (("scale", ScaleLayer(self.residual_scale)),) if self.residual_scale != 1 else ()
        return (
            *self._normed("norm1", self.width),
            ("act1", act),
            ("linear1", LinearLayer(self.width, inner)),
            *self._normed("norm2", inner),
            ("act2", act),
            ("linear2", LinearLayer(inner, self.width)),
            *factor,
        )

    def _normed(self, name: str, width: int) -> NamedLayers:
        from foldscape.net.blocks.normalisation import BatchNormLayer

        return ((name, BatchNormLayer(width)),) if self.norm == "batch" else ()
