"""One layer of weights becomes two, with a linear layer between (after Wei et al. 2016, arXiv 1603.01670)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from foldscape.errors import NotPossible
from foldscape.growth.base import Change, Scene, listing_settings
from foldscape.growth.deepening import Deepening, opposites, reading_weights

if TYPE_CHECKING:
    from foldscape.net.mlp import Weights


class SplitLayer(Deepening):
    """Split a layer's weights W into a product A B of low rank, the nearest one, by singular values.

    The middle ought to be linear, but all layers of a net have one activation: so each middle value z is carried by
    two opposite units, z = relu(z) - relu(-z), and by leaky ReLUs the same divided by 1 + slope. The new layer thus
    has twice as many units as the rank. At full rank the function is kept to rounding; below it changes by what the
    left-out singular values were worth, and the record's ``kept`` says by how much. A tanh net is refused.
    """

    model_config = listing_settings("deepening", "split a layer in two")

    kind: Literal["split_layer"] = "split_layer"
    layer: int = Field(0, ge=0, le=16)
    """Layer of weights to split, from 0; the output layer is the last."""
    rank: int | None = Field(None, ge=1, le=512)
    """Rank of the product; ``null`` is the full rank."""

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Put the two factors in the place of the layer; draws nothing."""
        slope, layers = self.slope(net), len(net.weights)
        if self.layer >= layers:
            raise NotPossible(
                f"There is no layer {self.layer + 1} of weights; this net has {layers}, the output layer included.",
                hint=f"Choose layer 1 to {layers}.",
            )
        self.check_depth(layers)
        at, whole = self.layer, net.weights[self.layer]
        left, singular, right = np.linalg.svd(whole.astype(np.float64), full_matrices=False)
        full = int((singular > singular[0] * max(whole.shape) * np.finfo(whole.dtype).eps).sum())
        if not full:
            raise NotPossible(
                f"The weights of layer {at + 1} are all zero: there is nothing to split.", hint="Let the net train."
            )
        rank = min(self.rank or full, full)
        root = np.sqrt(singular[:rank])
        into = opposites((root[:, None] * right[:rank]).astype(whole.dtype), slope)
        out = reading_weights((left[:, :rank] * root).astype(whole.dtype))
        deeper = replace(
            net,
            weights=(*net.weights[:at], into, out, *net.weights[at + 1 :]),
            biases=(*net.biases[:at], np.zeros(len(into), whole.dtype), *net.biases[at:]),
            norms=(*net.norms[:at], None, *net.norms[at:]),
        )
        return Change(
            deeper,
            (*range(at), None, None, *range(at + 1, layers)),
            at,
            len(into),
            float(np.linalg.norm(singular[rank:])),
            {"split": at, "rank": rank, "singular_values": singular.tolist()},
            (*range(at), None, *range(at, layers - 1)),
        )
