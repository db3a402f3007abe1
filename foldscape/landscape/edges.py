"""The edges of a graph as a parameter space: which make a node, and a path through it while the graph grew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from foldscape.curvature.blocks import Block
from foldscape.curvature.dag import EdgeBlock, edge_blocks
from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape.embedding import Embedded, lived
from foldscape.net.graph import Graph


def node_blocks(graph: Graph) -> tuple[Block, ...]:
    """Group the edges by the node that they enter, as neurons are the rows of a layer; those of the constant by depth.

    Nodes of one depth belong together for what is normalised by layer.

    Args:
        graph: The graph.

    Returns:
        A block a node, then those of the constant.
    """
    heard = (graph.sources < graph.n_inputs) | (graph.sources >= graph.first_hidden)
    depths, blocks = graph.depth(graph.targets), []
    places = np.flatnonzero(heard)
    places = places[np.argsort(graph.targets[places], kind="stable")]
    for own in np.split(places, np.flatnonzero(np.diff(graph.targets[places])) + 1):
        node, layer = int(graph.targets[own[0]]), f"depth {depths[own[0]]}"
        name, edges = f"node {node}.weight", f"{layer}.weight"
        blocks.append(EdgeBlock(name, 0, len(own), (1, len(own)), layer, edges, places=own))
    return (*blocks, *(block for block in edge_blocks(graph) if block.name.endswith(".bias")))


def embed_edges(steps: Sequence[int], weights: Sequence[NDArray[np.floating]], graph: Graph) -> Embedded:
    """Lay the edges' weights of a run's moments into the space of the last, where an edge keeps its place for ever.

    An edge that an inserted node took over stays the same parameter.

    Args:
        steps: Updates done, in order.
        weights: The edges' weights (E,) of each moment.
        graph: The last graph.

    Returns:
        (moments, P) parameters, and how many were born with each moment.

    Raises:
        InvalidInput: If there is no moment.
        NotPossible: If an earlier graph has more edges than the last.
    """
    if not steps:
        raise InvalidInput("A path without moments cannot be drawn.", hint="Give at least one net.")
    size, most = len(graph.sources), max(len(weight) for weight in weights)
    if most > size:
        raise NotPossible(
            f"A graph of {most} edges has no place among the {size} of the last.",
            hint="Start the path after the edges were taken away.",
        )
    thetas, is_known = np.zeros((len(steps), size)), np.zeros((len(steps), size), bool)
    for row, known, weight in zip(thetas, is_known, weights, strict=True):
        row[: len(weight)], known[: len(weight)] = weight, True
    return lived(thetas, is_known, steps, node_blocks(graph))
