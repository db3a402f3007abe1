"""Random nets that are graphs, and the recursion node by node that says what they do."""

import numpy as np

from foldscape.net.dag import Dag
from foldscape.net.graph import Graph


def random_dag(rng, inputs=4, outputs=3, hidden=7, constant=True, activation="relu", share=0.5):
    """A graph in which node follows node in some order, each with parents drawn from all before it."""
    first = inputs + constant + outputs
    before = [*range(inputs + constant)]
    sources, targets = [], []
    for node in [*(first + rng.permutation(hidden)), *range(inputs + constant, first)]:
        parents = [j for j in before if rng.random() < share] or [before[rng.integers(len(before))]]
        sources += parents
        targets += [node] * len(parents)
        if node >= first:
            before.append(node)
    order = rng.permutation(len(sources))
    ends = (np.array(sources, np.int32)[order], np.array(targets, np.int32)[order])
    graph = Graph(*ends, np.zeros(len(order), bool), inputs, outputs, constant)
    return Dag.of(graph, rng.normal(size=len(order)), activation)


def recursion(net, x):
    """Outputs (N, K), found from node to parents, with nothing shared with the layered passes."""
    graph = net.graph

    def z(node):
        edges = np.flatnonzero(graph.targets == node)
        return sum(a(graph.sources[e]) * net.weight[e] for e in edges)

    def a(node):
        if node < graph.n_inputs:
            return x[:, node]
        return np.ones(len(x)) if node < graph.first_output else net.activate(z(node))

    columns = [z(node) + np.zeros(len(x)) for node in range(graph.first_output, graph.first_hidden)]
    return np.stack(columns, axis=1)


def longest_path(graph, node):
    """Depth of a node by trying every path."""
    parents = graph.sources[graph.targets == node]
    return 1 + max(longest_path(graph, parent) for parent in parents) if len(parents) else 0
