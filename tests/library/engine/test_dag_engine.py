"""The engine of graphs, against a plain gradient and torch's optimisers."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from foldscape.engine.base import Memory
from foldscape.engine.dag import kernels
from foldscape.engine.dag.engine import DagEngine
from foldscape.losses import loss_of
from foldscape.net.dag import Dag
from foldscape.net.graph import Graph
from foldscape.net.mlp import backward
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD, Adam, Momentum
from tests.library.net.graphs import random_dag

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(50, 4)).astype(np.float32), RNG.integers(0, 3, 50)
RULES = {
    "sgd": (SGD(lr=0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
    "momentum": (Momentum(lr=0.05, momentum=0.9), lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
    "adam": (Adam(lr=0.02), lambda p: torch.optim.Adam(p, lr=0.02)),
    "decay": (SGD(lr=0.1, weight_decay=0.1), lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.1)),
}


def by_torch(net, make, batches):
    """Train node by node with autograd and torch's own optimiser, in double precision."""
    graph, weight = net.graph, torch.tensor(net.weight, dtype=torch.float64, requires_grad=True)
    rule = make([weight])
    bend = {"relu": torch.relu, "tanh": torch.tanh, "leaky_relu": lambda z: torch.where(z >= 0, z, 0.1 * z)}
    for rows in batches:
        x = torch.tensor(X[rows], dtype=torch.float64)
        a = {node: x[:, node] for node in range(graph.n_inputs)}
        a |= {node: torch.ones(len(x), dtype=torch.float64) for node in range(graph.n_inputs, graph.first_output)}
        nodes = np.arange(graph.first_output, graph.next_node)
        for node in sorted(nodes, key=lambda n: (graph.is_output(n), graph.depth(n))):
            z = sum(a[graph.sources[e]] * weight[e] for e in np.flatnonzero(graph.targets == node))
            a[node] = z if graph.is_output(node) else bend[net.activation](z)
        logits = torch.stack([a[node] for node in range(graph.first_output, graph.first_hidden)], dim=1)
        rule.zero_grad()
        torch.nn.functional.cross_entropy(logits, torch.tensor(Y[rows])).backward()
        rule.step()
    return weight.detach().numpy()


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
@pytest.mark.parametrize("rule", RULES)
def test_it_takes_the_steps_that_torch_takes(rule, activation):
    """T-A1-4, in the engine's precision."""
    net = random_dag(np.random.default_rng(1), hidden=9, activation=activation).astype(np.float32)
    net = net.with_weight(np.float32(0.3) * net.weight)
    ours, theirs = RULES[rule]
    engine = DagEngine(net, ours, X, Y, 16)
    order = np.random.default_rng(2).permutation(50)
    engine.begin_epoch(order)
    engine.train(0, 1)
    engine.train(1, 3)
    expected = by_torch(net, theirs, [order[at : at + 16] for at in range(0, 50, 16)])
    np.testing.assert_allclose(engine.weights.weight, expected, atol=2e-6)


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
def test_large_blocks_are_left_to_blas_and_give_the_same(loss):
    rng = np.random.default_rng(3)
    net = random_dag(rng, inputs=300, outputs=5, hidden=80, share=0.3).astype(np.float32)
    net = net.with_weight(np.float32(0.1) * net.weight)
    x, y = rng.normal(size=(64, 300)).astype(np.float32), rng.integers(0, 5, 64)
    assert kernels.SMALL < 80 * 300 * 64
    engine = DagEngine(net, SGD(lr=0.01), x, y, 64, loss)
    engine.train(0, 1)
    (gradient,) = backward(net.astype(np.float64), x.astype(np.float64), y, loss_of(loss).error).gradients
    step = (net.weight - engine.weights.weight) / 0.01
    np.testing.assert_allclose(step, gradient, atol=1e-4 * np.abs(gradient).max())


def test_no_weight_grows_where_there_is_no_edge():
    net = random_dag(np.random.default_rng(4)).astype(np.float32)
    engine = DagEngine(net, Adam(lr=0.1, weight_decay=0.1), X, Y, 10)
    engine.train(0, 5)
    missing = np.ones(len(engine._state[0]), bool)
    missing[engine._layout.index] = False
    assert missing.any()
    assert not engine._state[0][missing].any()


def test_the_order_of_the_edges_changes_no_bit():
    net = random_dag(np.random.default_rng(5)).astype(np.float32)
    order = np.random.default_rng(6).permutation(net.parameters)
    graph = net.graph
    moved = Dag.of(
        replace(graph, sources=graph.sources[order], targets=graph.targets[order], primary=graph.primary[order]),
        net.weight[order],
    )
    engines = [DagEngine(each, Adam(lr=0.1), X, Y, 10) for each in (net, moved)]
    for engine in engines:
        engine.train(0, 5)
    np.testing.assert_array_equal(engines[0].weights.weight[order], engines[1].weights.weight)


def test_a_new_edge_takes_a_first_step_of_adam():
    """Its age is its own (docs/growth.md)."""
    net = NetSpec(hidden=(3,), wiring="dag", output_scale=1).first(4, 3, np.random.default_rng(7))
    engine = DagEngine(net, Adam(lr=0.01), X, Y, 10)
    engine.train(0, 5)
    before, memory = engine.weights, engine.memory
    assert [len(part[0]) for part in (memory.first, memory.second, memory.age)] == [net.parameters] * 3
    graph = before.graph
    constant, output = graph.n_inputs, graph.first_output
    input_edge = (0, output)  # a shortcut that the layered net does not have
    assert constant == 4
    grown = Dag.of(
        Graph(
            np.append(graph.sources, np.int32(input_edge[0])), np.append(graph.targets, np.int32(input_edge[1])),
            np.append(graph.primary, True), 4, 3, True,
        ),
        np.append(before.weight, np.float32(0.1)),
    )  # fmt: skip
    padded = Memory(*((np.append(part[0], np.float32(0)),) for part in (memory.first, memory.second, memory.age)))
    engine.load(grown, padded)
    engine.train(0, 1)
    assert abs(engine.weights.weight[-1] - np.float32(0.1)) == pytest.approx(0.01, rel=1e-3)
    assert engine.memory.age[0].tolist() == [6.0] * net.parameters + [1.0]
