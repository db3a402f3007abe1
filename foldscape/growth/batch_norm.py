"""Insert batch normalisation into a trained net (Ioffe & Szegedy 2015, arXiv 1502.03167)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from foldscape.errors import NotPossible
from foldscape.growth.base import Change, Scene, Waking
from foldscape.net.norm import BatchNorm

if TYPE_CHECKING:
    from foldscape.net.mlp import Weights


class InsertBatchNorm(Waking):
    """Normalise a layer's pre-activations, starting from what changes nothing.

    Mean m and variance v of the layer's pre-activations over the training set become the running statistics, and
    gamma = sqrt(v + eps), beta = m undo them: with the running statistics, by which the net is measured and drawn,
    the function is kept to rounding. While it trains, a batch is normalised by its own mean and variance, which only
    come near those of the whole set: there the function is kept approximately.

    Since nothing changes, a dead unit stays dead, and has no gradient by gamma and beta either. ``wake`` gives dead
    units gamma 1 and beta 0 instead, so that about half of the data is on; the record's ``kept`` says what that
    changed.
    """

    kind: Literal["batch_norm"] = "batch_norm"
    layer: int = Field(0, ge=0, le=15)
    """Hidden layer to normalise, from 0."""
    wake: bool = False
    """Whether dead units start with gamma 1 and beta 0."""

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Measure the layer and normalise it; draws nothing."""
        depth = len(net.hidden)
        if self.layer >= depth:
            raise NotPossible(
                f"There is no hidden layer {self.layer + 1}; this net has {depth}.",
                hint=f"Choose layer 1 to {depth}." if depth else "Start one with at least one hidden layer.",
            )
        if net.norms[self.layer] is not None:
            raise NotPossible(
                f"Hidden layer {self.layer + 1} has batch normalisation already.", hint="Wake units by bias_shift."
            )
        z = net.astype(np.float64).preactivations(scene.x, self.layer)
        inserted = BatchNorm.keeping(z)
        dead = np.flatnonzero(z.max(axis=0) <= 0)
        if self.wake:
            inserted.gamma[dead], inserted.beta[dead] = 1, 0
        norms = list(net.norms)
        norms[self.layer] = inserted.astype(net.biases[self.layer].dtype)
        explanation = {"mean": inserted.mean.tolist(), "variance": inserted.var.tolist(), "dead": dead.tolist()}
        layers = tuple(range(len(net.weights)))
        return Change(replace(net, norms=tuple(norms)), layers, self.layer, 0, 0.0, explanation)
