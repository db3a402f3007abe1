"""Net2Net's wider net inside a block (Chen et al. 2016, arXiv 1511.05641)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foldscape.growth.base import Change
from foldscape.growth.blocks.measures import mean_incoming
from foldscape.growth.blocks.site import site_of
from foldscape.growth.blocks.widening import change_to, copied_units, named_parts, net_with

if TYPE_CHECKING:
    from foldscape.growth.net2wider import Net2Wider
    from foldscape.net.modular import ModularNet


def copied_in_block(rule: Net2Wider, net: ModularNet, rng: np.random.Generator) -> Change:
    """Copy inner units drawn at random, with their normalisation, statistics and depthwise filters.

    Args:
        rule: How many, and how different.
        net: The network.
        rng: Draws the units and what tells them apart.

    Returns:
        The change.
    """
    site = site_of(net, rule.layer)
    parents = rng.integers(site.width, size=rule.units).tolist()
    wider = copied_units(site, parents)
    parts = named_parts(wider)
    weight = parts[f"{site.inner}.weight"].copy()
    rows = weight[site.width :]
    size = mean_incoming(site) / np.sqrt(rows[0].size)
    rows += (rule.noise * size * rng.normal(size=rows.shape)).astype(rows.dtype)
    grown = net_with(wider, wider.structure, parts | {f"{site.inner}.weight": weight})
    return change_to(site, grown, 0.0, {"copied": parents, "noise": rule.noise}, dict(enumerate(parents)))
