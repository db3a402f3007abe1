"""A random new unit inside a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foldscape.growth.base import Change, Scene
from foldscape.growth.blocks.drawing import drawn_units
from foldscape.growth.blocks.looking import sample_of
from foldscape.growth.blocks.measures import mean_outgoing, outgoing_of, with_statistics
from foldscape.growth.blocks.site import site_of
from foldscape.growth.blocks.widening import change_to, named_parts, with_units

if TYPE_CHECKING:
    from foldscape.growth.random_direction import RandomDirection
    from foldscape.net.modular import ModularNet


def random_in_block(rule: RandomDirection, net: ModularNet, scene: Scene, rng: np.random.Generator) -> Change:
    """Add units of random incoming weights; outgoing ones are zero, or random as well.

    Args:
        rule: What is drawn, and how long.
        net: The network.
        scene: Its data.
        rng: Draws it.

    Returns:
        The change.
    """
    site = site_of(net, rule.layer)
    sample = sample_of(net, scene, rng)
    incoming, given = drawn_units(site, rule.units, rule.scale, sample, rng)
    read = named_parts(net)[f"{site.reader}.weight"]
    outgoing = np.zeros((rule.units, read.size // site.width))
    if rule.outgoing == "random":
        outgoing = rng.normal(size=outgoing.shape)
        outgoing *= rule.scale * mean_outgoing(site) / np.linalg.norm(outgoing, axis=1, keepdims=True)
    grown = with_units(site, incoming, outgoing_of(site, outgoing), given)
    return change_to(site, with_statistics(site, grown, sample), 0.0, {"outgoing": rule.outgoing})
