"""A layer that hands on what it receives (Net2Net: Chen, Goodfellow & Shlens 2016, arXiv 1511.05641)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import numpy as np
from pydantic import Field

from foldscape.errors import NotPossible
from foldscape.growth.base import Change, Scene, listing_settings
from foldscape.growth.deepening import Deepening, opposites, reading_weights

if TYPE_CHECKING:
    from foldscape.net.mlp import Weights
    from foldscape.net.modular import ModularNet


class IdentityLayer(Deepening):
    """Insert a layer with the identity as its weights and no biases: the function is kept.

    What leaves a ReLU is not negative, so a ReLU hands it on bit for bit; this adds m² + m parameters for m units.
    What leaves a leaky ReLU may be negative: there each value is carried by two opposite units, exact to rounding.
    A tanh net is refused. In a residual net it is a block that adds nothing yet: its last weights, or the factors of
    its last normalisation, are zero. With ``noise`` the function changes a little; the record's ``kept`` says by how
    much.
    """

    model_config = listing_settings("deepening", "identity layer (Net2Net deeper)")
    grows: ClassVar[tuple[str, ...]] = ("layers", "blocks")

    kind: Literal["identity_layer"] = "identity_layer"
    after: int = Field(0, ge=0, le=127)
    """Hidden layer, or block, behind which it is inserted, from 0."""
    noise: float = Field(0, ge=0, le=1)
    """Standard deviation of what is added to the new weights, so that equal units part."""

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Insert the layer; draws only where there is noise, and the weights of a block."""
        if net.can.grown_as == "blocks":
            from foldscape.growth.blocks.identity import block_added

            return block_added(self, cast("ModularNet", net), scene, rng)
        slope, depth = self.slope(net), len(net.hidden)
        if self.after >= depth:
            raise NotPossible(
                f"There is no hidden layer {self.after + 1}; this net has {depth}.",
                hint=f"Choose layer 1 to {depth}." if depth else "Start one with at least one hidden layer.",
            )
        self.check_depth(depth + 1)
        at = self.after + 1
        following = net.weights[at]
        inserted = np.eye(net.hidden[self.after], dtype=following.dtype)
        if slope:
            inserted, following = opposites(inserted, slope), reading_weights(following)
        if self.noise:
            inserted = inserted + (self.noise * rng.normal(size=inserted.shape)).astype(inserted.dtype)
        deeper = replace(
            net,
            weights=(*net.weights[:at], inserted, following, *net.weights[at + 1 :]),
            biases=(*net.biases[:at], np.zeros(len(inserted), inserted.dtype), *net.biases[at:]),
            norms=(*net.norms[:at], None, *net.norms[at:]),
        )
        explanation: dict[str, Any] = {"after": self.after, "width": len(inserted), "noise": float(self.noise)}
        came_from = (*range(at), None, *range(at, depth + 1))
        return Change(deeper, came_from, at, len(inserted), 0.0, explanation)
