"""Insert one hidden node into a graph: Algorithm 1 of hal-03402267 (Caillon & Cerisara), corrected (docs/growth.md)."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from foldscape.arrays import FloatArray, Int64Array
from foldscape.net.graph import Graph

Init = Literal["uniform", "identity"]

BOUND = 0.5
"""New weights are drawn uniformly between minus this and this."""


class Inserted(NamedTuple):
    """A graph with one more hidden node.

    Attributes:
        graph: The edges; old ones keep their places, new ones stand after them.
        weight: (E,) their weights.
        parent: The primary parent.
        moved: Places of the edges that left the primary parent and now leave the new node.
        extra: The other parents.
    """

    graph: Graph
    weight: FloatArray
    parent: int
    moved: Int64Array
    extra: np.ndarray


def insert(
    graph: Graph, weight: FloatArray, node: int, parents: int, rng: np.random.Generator, *,
    fix_primary: bool = True, init: Init = "uniform",
) -> Inserted:  # fmt: skip
    """Insert a hidden node after a random primary parent, whose children it takes over, with random further parents.

    Depths are those before the insertion. The first weights of the edges into the node are random; with ``identity``
    the primary parent's is 1 and the others' are 0, which keeps the function wherever the parent is not negative.

    Args:
        graph: The edges.
        weight: (E,) their weights.
        node: Number of the new node, not in use.
        parents: Number of its parents, the primary one included; fewer where not so many are shallow enough.
        rng: The only source of chance.
        fix_primary: Whether a primary edge stays primary wherever it moves. The algorithm as printed forgets it unless
            the child is as deep as the new node; outputs then need not be the deepest nodes, and dead ends appear.
        init: First weights of the new edges.

    Returns:
        The graph with its weights, the primary parent, the edges taken over and the further parents.
    """
    givers = np.concatenate([np.arange(graph.first_output), graph.hidden])
    parent = int(rng.choice(givers))
    depth = int(graph.depth(parent))
    moved, sources, primary = _handed_over(graph, parent, node, depth + 1, fix_primary)
    near = givers[(graph.depth(givers) <= depth) & (givers != parent)]
    extra = rng.choice(near, min(parents - 1, len(near)), replace=False)
    new = np.concatenate([[parent], extra]).astype(np.int32)
    values = rng.uniform(-BOUND, BOUND, len(new)) if init == "uniform" else np.eye(1, len(new))[0]
    grown = replace(
        graph,
        sources=np.concatenate([sources, new]),
        targets=np.concatenate([graph.targets, np.full(len(new), node, np.int32)]),
        primary=np.concatenate([primary, new == parent]),
    )
    return Inserted(grown, np.concatenate([weight, values.astype(weight.dtype)]), parent, moved, extra)


def _handed_over(
    graph: Graph, parent: int, node: int, depth: int, fix_primary: bool
) -> tuple[Int64Array, np.ndarray, np.ndarray]:
    """Give the edges that the new node takes over from its parent, and all sources and primary marks after that."""
    leaving = np.flatnonzero(graph.sources == parent)
    depths = graph.depth(graph.targets[leaving])
    goes = (depths > depth) | ((depths == depth) & graph.primary[leaving])
    moved = leaving[goes]
    sources, primary = graph.sources.copy(), graph.primary.copy()
    sources[moved] = node
    if not fix_primary:
        primary[moved] &= depths[goes] == depth
    return moved, sources, primary


def matched_parents(inputs: int, outputs: int, hidden: int, *, constant: bool = True) -> int:
    """Give the number of parents with which a grown net comes nearest to a fully connected one in parameters.

    That is n_I + n_O - n_I n_O / H without biases, and one more with them, from 1 to the number of inputs
    (docs/growth.md, "Graphs").

    Args:
        inputs: Number of inputs n_I, the constant not counted.
        outputs: Number of outputs n_O.
        hidden: Hidden units H of the one-hidden-layer net, and of the grown one.
        constant: Whether there is a constant input, in one net as in the other.

    Returns:
        At least 1.
    """
    exact = inputs + constant + outputs - inputs * outputs / hidden
    return int(np.clip(round(exact), 1, inputs + constant))
