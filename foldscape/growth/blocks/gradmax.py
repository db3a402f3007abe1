"""GradMax inside a block (Evci et al. 2022, arXiv 2201.05125, section 3.3 for convolutions)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foldscape.growth.base import Change, Scene
from foldscape.growth.blocks.looking import Sample, mean_loss, sample_of
from foldscape.growth.blocks.measures import depthwise_of, mean_incoming, mean_outgoing, outgoing_of
from foldscape.growth.blocks.moments import GradientMatrix, moments, usual_kernel
from foldscape.growth.blocks.site import Site, site_of
from foldscape.growth.blocks.widening import change_to, named_parts, with_units

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.growth.gradmax import GradMax
    from foldscape.losses import Loss
    from foldscape.net.modular import ModularNet

TRIED = 128
"""Examples on which the two signs of a unit are tried."""


def gradmax_in_block(rule: GradMax, net: ModularNet, scene: Scene, rng: np.random.Generator) -> Change:
    """Add units with zero incoming weights and the outgoing weights that make their first gradient largest.

    A depthwise filter behind them hands on what it gets, so that the expanded width is what grows.

    Args:
        rule: How many, and how long.
        net: The network.
        scene: Its data.
        rng: Draws the examples that are looked at.

    Returns:
        The change.
    """
    from foldscape.growth.gradmax import orthogonal_outgoing

    site = site_of(net, rule.layer)
    sample = sample_of(net, scene, rng)
    (moment,) = moments(net, [site], sample, scene.loss)
    norm = rule.scale * (mean_outgoing(site) if rule.scale_method == "mean_norm" else 1.0)
    found = orthogonal_outgoing(moment.matrix, rule.units, norm, rule.scale_by)
    few = Sample(sample.x[:TRIED], sample.y[:TRIED])
    vectors = np.stack([_downhill(site, moment, each, few, scene.loss) for each in found.outgoing.T])
    grown = _with_zeros(site, vectors)
    explanation = {
        "singular_values": found.singular_values.tolist(),
        "outgoing_norm": norm,
        "gradient_norms": found.gradient_norms.tolist(),
    }
    return change_to(site, grown, float(np.linalg.norm(found.gradient_norms)), explanation)


def _with_zeros(site: Site, outgoing: FloatArray, incoming: FloatArray | None = None) -> ModularNet:
    import torch

    weight = named_parts(site.net)[f"{site.inner}.weight"]
    rows = np.zeros((len(outgoing), *weight.shape[1:])) if incoming is None else incoming.reshape(-1, *weight.shape[1:])
    given = {
        name: np.repeat(usual_kernel(torch.from_numpy(np.array(kernels))).numpy(), len(outgoing), axis=0)
        for name, kernels in depthwise_of(site).items()
    }
    return with_units(site, rows, outgoing_of(site, outgoing), given)


def _downhill(site: Site, moment: GradientMatrix, outgoing: FloatArray, few: Sample, loss: Loss) -> FloatArray:
    """Give the outgoing weights or their opposite, whichever's first step lowers the loss more."""
    size = mean_incoming(site)

    def after(vector: FloatArray) -> float:
        gradient = vector @ moment.matrix
        step = -size * gradient / np.linalg.norm(gradient)
        return mean_loss(_with_zeros(site, vector[None], step[None]), few, loss)

    return min((outgoing, -outgoing), key=after)
