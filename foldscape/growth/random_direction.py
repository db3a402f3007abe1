"""A new unit with a random fold: the baseline of every growth rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from foldscape.growth.base import NewUnit, Scene, Widening

if TYPE_CHECKING:
    from foldscape.net.mlp import Weights


class RandomDirection(Widening):
    """Lay the fold through a random training point, in a random direction, with zero outgoing weight."""

    kind: Literal["random_direction"] = "random_direction"

    def propose(self, net: Weights, scene: Scene, rng: np.random.Generator) -> NewUnit:
        """Choose a training point and a direction of the layer's mean row norm, both at random."""
        inputs = net.layer_inputs(scene.x, self.layer)
        anchor = int(rng.integers(len(inputs)))
        drawn = rng.normal(size=inputs.shape[1])
        direction = np.asarray(drawn * (net.mean_row_norm(self.layer) / float(np.linalg.norm(drawn))))
        bias = -float(direction @ inputs[anchor])
        outgoing = np.zeros(len(net.biases[self.layer + 1]))
        return NewUnit(direction, bias, outgoing, 0.0, {"anchor": anchor, "anchor_point": scene.x[anchor].tolist()})
