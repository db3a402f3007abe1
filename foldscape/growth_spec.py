"""How a net grows: by which rule, when, how far, and what is done about depth and dead layers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from foldscape.growth import ByHand, GrowthRule, GrowthRuleSpec, GrowthScheduleSpec
from foldscape.growth.batch_norm import InsertBatchNorm
from foldscape.growth.bias_shift import BiasShift
from foldscape.growth.folding import Folding
from foldscape.model import Model, in_forms
from foldscape.net.spec import MAX_LAYERS, MAX_PLANE_WIDTH

MOST_IN_BLOCKS = 1024
"""Inner units of a block, where a run sets no other limit."""


class Deepen(Model):
    """Add a layer where more width no longer helps."""

    rule: GrowthRuleSpec
    """How the layer is added."""
    below: float = Field(0.01, gt=0, le=1)
    """Deepen instead of widening after two births that lowered the training loss by less than this share each."""


class Repair(Model):
    """Wake a hidden layer that has died."""

    by: Literal["bias_shift", "batch_norm"] = "bias_shift"
    """Raise the biases of dead units, or normalise the layer and start its dead units anew; a layer that is normalised
    already is woken by its biases."""
    above: float = Field(0.9, gt=0, lt=1)
    """Share of dead units in a layer from which on it is repaired."""

    def rules(self, layer: int) -> tuple[GrowthRule, ...]:
        """Give the rules to try in turn on a hidden layer.

        Args:
            layer: Hidden layer, from 0.

        Returns:
            The rules, the first choice first.
        """
        shift = BiasShift(layer=layer)
        return (shift,) if self.by == "bias_shift" else (InsertBatchNorm(layer=layer, wake=True), shift)


class Growth(Model):
    """How the net grows by itself, and the rule that a bare press of the button uses."""

    rule: GrowthRuleSpec = Folding()
    """How a unit is chosen."""
    schedule: GrowthScheduleSpec = ByHand()
    """When the net grows: by hand, or by itself."""
    deepen: Deepen | None = Field(None, json_schema_extra=in_forms(advanced=True))
    """Whether a scheduled growth may add a layer instead of a unit; off (``null``) it never does."""
    repair: Repair | None = Field(None, json_schema_extra=in_forms(advanced=True))
    """Whether dead layers are woken; off (``null``) they stay dead."""
    max_width: int = Field(MAX_PLANE_WIDTH, ge=1, le=1024, json_schema_extra=in_forms(advanced=True))
    """A layer never grows beyond this width; a graph is limited to 1024 hidden nodes instead, and so is each block of a
    net of blocks unless another width is set."""
    max_depth: int = Field(MAX_LAYERS, ge=1, le=16, json_schema_extra=in_forms(advanced=True))
    """The net never has more hidden layers; the depth of a graph is not limited."""

    @property
    def most_in_blocks(self) -> int:
        """Inner units beyond which no block of a net of blocks grows."""
        return self.max_width if self.max_width != MAX_PLANE_WIDTH else MOST_IN_BLOCKS
