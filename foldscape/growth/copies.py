"""Copies of units that share the outgoing weights; they keep the function (Chen et al. 2016, arXiv 1511.05641)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from foldscape.net.norm import BatchNorm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from foldscape.net.mlp import Weights


def with_copies(net: Weights, layer: int, parents: Sequence[int]) -> Weights:
    """Add copies of units at the end of a hidden layer; a unit and its copies share its outgoing weights equally.

    Args:
        net: The network.
        layer: Hidden layer, from 0.
        parents: The unit that each new one copies; one unit may be copied several times.

    Returns:
        The net with the copies; it computes the same function.
    """
    chosen = np.asarray(parents, int)
    weights, biases, norms = list(net.weights), list(net.biases), list(net.norms)
    shared = 1 + np.bincount(chosen, minlength=len(biases[layer]))
    outgoing = weights[layer + 1] / shared.astype(weights[layer + 1].dtype)
    weights[layer] = np.vstack([weights[layer], weights[layer][chosen]])
    biases[layer] = np.append(biases[layer], biases[layer][chosen])
    weights[layer + 1] = np.hstack([outgoing, outgoing[:, chosen]])
    if (normed := norms[layer]) is not None:
        norms[layer] = BatchNorm(*(np.append(part, part[chosen]) for part in normed.arrays()))
    return replace(net, weights=tuple(weights), biases=tuple(biases), norms=tuple(norms))


def pairs_of(width: int, parents: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Name the copies at the end of a layer of old width ``width`` as ``Change.copies`` does."""
    return tuple((width + new, int(old)) for new, old in enumerate(parents))
