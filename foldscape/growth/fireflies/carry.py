"""Carry out the candidates of a Firefly growth that were chosen, in a plain net (arXiv 2102.08574)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from foldscape.growth.base import Scene
from foldscape.growth.copies import pairs_of
from foldscape.growth.deepen_identity import IdentityLayer
from foldscape.growth.splitting import split

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.growth.fireflies.swarm import CandidateGroup
    from foldscape.growth.ranking import Candidate
    from foldscape.net.mlp import Weights

Copies = dict[int, tuple[tuple[int, int], ...]]


def apply_candidates(
    net: Weights, groups: Sequence[CandidateGroup], chosen: Sequence[Candidate]
) -> tuple[Weights, tuple[int | None, ...], Copies]:
    """Give the grown net, in which what was not chosen is off.

    It goes from the last layer to the first, so that the weights of the next layer still read the old units when those
    of a layer are grown. A unit of a new layer stands beside units that pass on what the layer before it gives.

    Args:
        net: The net as it is, without normalisation.
        groups: The candidates of each hidden layer.
        chosen: Those to carry out.

    Returns:
        The net; ``came_from`` and ``copies`` as ``Change`` has them.
    """
    grown, came_from = net, list[int | None](range(len(net.weights)))
    readers = np.arange(len(net.biases[-1]))  # the old unit that each unit of the next layer is, or -1
    copies: Copies = {}
    for layer in reversed(range(len(groups))):
        group, width = groups[layer], net.hidden[layer]
        splits, new, deep = (
            [each.unit for each in chosen if each.layer == layer and each.kind == kind]
            for kind in ("split", "new", "deeper")
        )
        towards = grown.weights[layer + 1].astype(np.float64) @ (group.deep[:, None] * group.deep_out).T
        for unit in new:
            outgoing = np.where(readers >= 0, group.new[unit] * group.new_out[unit][readers], 0)
            grown = grown.with_unit(layer, group.new_in[unit, :-1], float(group.new_in[unit, -1]), outgoing)
        if deep:
            grown = _deepened(grown, layer, group.deep_in[deep], towards[:, deep])
            came_from.insert(layer + 1, None)
            copies = {later + 1: pairs for later, pairs in copies.items()}
        if splits:
            grown = split(grown, layer, splits, (group.split[:, None] * group.split_by)[splits])
            copies[layer] = pairs_of(width + len(new), splits)
        readers = np.array([*range(width), *[-1] * len(new), *splits])
    return grown, tuple(came_from), copies


def _deepened(net: Weights, layer: int, incoming: FloatArray, outgoing: FloatArray) -> Weights:
    """Add units (k, width + 1) with outgoing weights (fan_out, k) in a layer behind ``layer`` that changes nothing."""
    nothing = Scene(np.zeros((0, 0)), np.zeros(0, int))
    net = IdentityLayer(after=layer).change(net, nothing, np.random.default_rng(0)).net
    unread = np.zeros(net.hidden[layer] - (incoming.shape[1] - 1))
    for row, column in zip(incoming, outgoing.T, strict=True):
        net = net.with_unit(layer + 1, np.append(row[:-1], unread), float(row[-1]), column)
    return net
