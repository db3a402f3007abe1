"""Usual sizes of a block's weights, and the statistics of its new channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foldscape.growth.blocks.looking import Sample, statistics_of
from foldscape.growth.blocks.site import Site
from foldscape.growth.blocks.widening import named_parts, net_with

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.net.modular import ModularNet

STILL = 1e-12
"""A variance up to which a channel counts as one that says the same everywhere."""


def mean_incoming(site: Site) -> float:
    """Give the mean norm of the weights into a unit; 1 where they are all zero."""
    return _mean_norm(named_parts(site.net)[f"{site.inner}.weight"].reshape(site.width, -1))


def mean_outgoing(site: Site) -> float:
    """Give the mean norm of the weights out of a unit; 1 where they are all zero."""
    weight = named_parts(site.net)[f"{site.reader}.weight"]
    by_unit = weight.reshape(len(weight), site.width, -1).swapaxes(0, 1)
    return _mean_norm(by_unit.reshape(site.width, -1))


def outgoing_of(site: Site, vectors: FloatArray) -> FloatArray:
    """Give weights out of units as the reader has them.

    Args:
        site: Where.
        vectors: (units, outputs · columns · kernel places), in the order of ``GradientMatrix.matrix``.

    Returns:
        (outputs, units · columns, ...).
    """
    weight = named_parts(site.net)[f"{site.reader}.weight"]
    places = weight.shape[2:]
    if places:  # (units, outputs, rows, columns)
        return vectors.reshape(len(vectors), len(weight), *places).swapaxes(0, 1)
    return vectors.reshape(len(vectors), len(weight), site.columns).swapaxes(0, 1).reshape(len(weight), -1)


def depthwise_of(site: Site) -> dict[str, FloatArray]:
    """Give the filters of depthwise convolutions between a block's units and their reader, by full name."""
    parts = named_parts(site.net)
    names = [f"{name}.weight" for name, _ in site.between if name not in site.norms]
    return {name: parts[name] for name in names if name in site.rows}


def with_statistics(site: Site, grown: ModularNet, sample: Sample) -> ModularNet:
    """Measure the running statistics of a block's new channels; old ones keep theirs.

    A channel that says the same everywhere keeps the variance 1: divided by its own it would be without bound.

    Args:
        site: Where.
        grown: The net with the new channels.
        sample: Training examples.

    Returns:
        The net, with the same parameters.
    """
    if not site.norms:
        return grown
    parts = named_parts(grown)
    found = statistics_of(grown, site.norms, sample)
    for name in site.norms:
        mean, var = found[f"{name}.running_mean"][site.width :], found[f"{name}.running_var"][site.width :]
        for part, new in (("mean", mean), ("var", np.where(var <= STILL, 1.0, var))):
            whole = parts[f"{name}.running_{part}"].copy()
            whole[site.width :] = new
            parts[f"{name}.running_{part}"] = whole
    return net_with(grown, grown.structure, parts)


def _mean_norm(rows: FloatArray) -> float:
    norm = float(np.linalg.norm(rows.astype(np.float64), axis=1).mean())
    return norm if norm > 0 else 1.0
