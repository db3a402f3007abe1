"""A new unit with a random fold: the baseline of every growth rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, cast

import numpy as np
from pydantic import Field

from foldscape.growth.base import Change, NewUnit, Scene, Widening, listing_settings, widened

if TYPE_CHECKING:
    from foldscape.net.mlp import Weights
    from foldscape.net.modular import ModularNet


class RandomDirection(Widening):
    """Lay the fold through a random training point, in a random direction.

    Its outgoing weights are zero, so the function is kept and only they learn at first; or random as well, so that
    both sides learn at once and the function changes.
    """

    model_config = listing_settings("widening", "random unit", "copies and chance")
    grows: ClassVar[tuple[str, ...]] = ("layers", "blocks")

    kind: Literal["random_direction"] = "random_direction"
    outgoing: Literal["zero", "random"] = "zero"
    """Whether the outgoing weights are zero, or drawn with the mean norm of the layer's others."""
    scale: float = Field(1, gt=0, le=10)
    """Norm of what is drawn, as a share of the mean norm of the layer's others."""
    units: int = Field(1, ge=1, le=64)
    """Units added at once, each drawn by itself."""

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Add the unit at the end of its layer, or inside a block."""
        if net.can.grown_as == "blocks":
            from foldscape.growth.blocks.random_direction import random_in_block

            return random_in_block(self, cast("ModularNet", net), scene, rng)
        self.check(net)
        return widened(net, self.layer, *(self.propose(net, scene, rng) for _ in range(self.units)))

    def propose(self, net: Weights, scene: Scene, rng: np.random.Generator) -> NewUnit:
        """Choose a training point and a direction of the layer's mean row norm, both at random."""
        inputs = net.layer_inputs(scene.x, self.layer)
        anchor = int(rng.integers(len(inputs)))
        drawn = rng.normal(size=inputs.shape[1])
        direction = np.asarray(drawn * (self.scale * net.mean_row_norm(self.layer) / float(np.linalg.norm(drawn))))
        bias = -float(direction @ inputs[anchor])
        outgoing = np.zeros(len(net.biases[self.layer + 1]))
        if self.outgoing == "random":
            outgoing = rng.normal(size=len(outgoing))
            outgoing *= self.scale * net.mean_column_norm(self.layer + 1) / float(np.linalg.norm(outgoing))
        return NewUnit(direction, bias, outgoing, 0.0, {"anchor": anchor, "anchor_point": scene.x[anchor].tolist()})
