"""Net2Net's wider net: copies of units (Chen et al. 2016, arXiv 1511.05641)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, cast

import numpy as np
from pydantic import Field

from foldscape.growth.base import Change, GrowthRule, Scene, Where, check_layer, listing_settings
from foldscape.growth.copies import pairs_of, with_copies

if TYPE_CHECKING:
    from foldscape.net.mlp import Weights
    from foldscape.net.modular import ModularNet


class Net2Wider(GrowthRule):
    """Copy units drawn at random; a unit and its copies share its outgoing weights, so the function is kept.

    Without noise copies stay equal for ever, since they get equal gradients: the net is wider and can do no more.
    With noise the incoming weights of a copy differ a little from the first day on, and the function changes as much.
    """

    model_config = listing_settings("widening", "Net2Net wider", "copies and chance")
    grows: ClassVar[tuple[str, ...]] = ("layers", "blocks")

    kind: Literal["net2wider"] = "net2wider"
    layer: Where = 0
    """Hidden layer, or block, that receives the copies, from 0; ``auto`` takes where the normalised gradient is
    largest."""
    units: int = Field(1, ge=1, le=64)
    """Copies added at once."""
    noise: float = Field(0.01, ge=0, le=1)
    """Standard deviation of what is added to a copy's incoming weights, as a share of their mean size; 0 keeps the
    function and lets copies never part."""

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Draw the units to copy, each as likely as any other."""
        if net.can.grown_as == "blocks":
            from foldscape.growth.blocks.net2wider import copied_in_block

            return copied_in_block(self, cast("ModularNet", net), rng)
        check_layer(net, self.layer)
        width = net.hidden[self.layer]
        parents = rng.integers(width, size=self.units).tolist()
        wider = with_copies(net, self.layer, parents)
        rows = wider.weights[self.layer][width:]
        size = net.mean_row_norm(self.layer) / np.sqrt(rows.shape[1])
        rows += (self.noise * size * rng.normal(size=rows.shape)).astype(rows.dtype)
        explanation = {"copied": parents, "noise": self.noise}
        layers = tuple(range(len(net.weights)))
        copies = {self.layer: pairs_of(width, parents)}
        return Change(wider, layers, self.layer, self.units, 0.0, explanation, copies=copies)
