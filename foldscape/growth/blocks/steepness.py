"""Rate the blocks of a net by how fast the loss can fall by a new unit inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from foldscape.growth.blocks.looking import sample_of
from foldscape.growth.blocks.moments import moments
from foldscape.growth.blocks.site import sites_of

if TYPE_CHECKING:
    from foldscape.growth.base import Scene
    from foldscape.net.mlp import Weights
    from foldscape.net.modular import ModularNet

FEW = 256
"""Training examples that are looked at."""


def steepness_of_blocks(net: Weights, scene: Scene, rng: np.random.Generator) -> list[float]:
    """Give the largest singular value of each block's normalised gradient matrix; see ``steepness``."""
    net = cast("ModularNet", net)
    sample = sample_of(net, scene, rng, FEW)
    found = moments(net, sites_of(net), sample, scene.loss)
    return [float(np.linalg.norm(moment.matrix, 2)) / (moment.scale or 1.0) for moment in found]
