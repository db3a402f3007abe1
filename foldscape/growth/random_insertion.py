"""Random insertion: new nodes at random places of a graph (Caillon & Cerisara 2021, hal-03402267)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import numpy as np
from pydantic import Field

from foldscape.errors import NotPossible
from foldscape.growth.base import Change, GrowthRule, Scene, listing_settings
from foldscape.growth.insertion import Init, Inserted, insert, matched_parents
from foldscape.net.spec import MAX_NODES

if TYPE_CHECKING:
    from foldscape.net.dag import Dag
    from foldscape.net.mlp import Weights

SHOWN = 64
"""Nodes and edges that a record names."""


class RandomInsertion(GrowthRule):
    """Insert hidden nodes after random nodes of a graph, each with further random parents.

    A new node takes over most children of its primary parent with their weights, so that it lies between the two; the
    function changes where its activation differs from its parent's. Nothing is looked at, neither data nor gradients.
    """

    model_config = listing_settings("widening", "random insertion", "copies and chance")
    grows: ClassVar[tuple[str, ...]] = ("graphs",)

    kind: Literal["random_insertion"] = "random_insertion"
    count: int = Field(1, ge=1, le=MAX_NODES)
    """Nodes inserted at once, one after another."""
    parents: int | None = Field(None, ge=1, le=100_000)
    """Parents of each new node; ``null`` matches the size of a fully connected net, see ``match``."""
    match: int = Field(10, ge=1, le=MAX_NODES)
    """Without ``parents``: with so many hidden nodes the grown net has as many parameters as the fully connected net
    with one hidden layer of that width, as nearly as can be."""
    init: Init = "uniform"
    """First weights into the new node: uniform in ±1/2, or 1 from its primary parent and else 0."""
    fix_primary: bool = True
    """Whether primary edges stay primary when they move; the algorithm as printed forgets some and leaves dead ends."""

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Insert the nodes; the only chance is where, from whom, and the first weights."""
        self.refuse_others(net)
        net = cast("Dag", net)
        if net.neurons + self.count > MAX_NODES:
            raise NotPossible(
                f"The net would have {net.neurons + self.count} hidden nodes; {MAX_NODES} is the limit.",
                hint="Insert fewer at once, or stop growing here.",
            )
        first = max(net.graph.next_node, scene.next_unit)
        steps = self._insert(net, first, rng)
        last = steps[-1]
        grown = net.of(last.graph, last.weight, net.activation, net.negative_slope)
        layer = int(last.graph.depth(first)) - 1
        explanation = {
            "parents": self._parents(net),
            "nodes": [_told(first + i, step) for i, step in enumerate(steps[:SHOWN])],
            "depth": int(last.graph.output_depths.max()),
        }
        return Change(grown, (0,), layer, self.count, 0.0, explanation, units=grown.unit_ids())

    def _parents(self, net: Dag) -> int:
        graph = net.graph
        return self.parents or matched_parents(graph.n_inputs, graph.n_outputs, self.match, constant=graph.has_constant)

    def _insert(self, net: Dag, first: int, rng: np.random.Generator) -> list[Inserted]:
        graph, weight, steps = net.graph, net.weight, []
        for node in range(first, first + self.count):
            step = insert(graph, weight, node, self._parents(net), rng, fix_primary=self.fix_primary, init=self.init)
            graph, weight = step.graph, step.weight
            steps.append(step)
        return steps


def _told(node: int, step: Inserted) -> dict[str, Any]:
    """Say where a node came to lie; of long lists the beginning."""
    children = step.graph.targets[step.moved]
    return {
        "node": node,
        "primary_parent": step.parent,
        "depth": int(step.graph.depth(node)),
        "moved": len(step.moved),
        "children": children[:SHOWN].tolist(),
        "extra": len(step.extra),
        "extra_parents": step.extra[:SHOWN].tolist(),
    }
