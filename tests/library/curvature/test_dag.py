"""Curvature of nets that are graphs, by the edges' weights (arXiv 1902.02434)."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from foldscape import curvature
from foldscape.curvature.dag import DagObjective
from foldscape.net.dag import Dag
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from tests.library.net.graphs import random_dag

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 4)), RNG.integers(0, 3, 40)


def by_torch(net, loss="cross_entropy", each=False):
    """The mean loss (or each sample's) as a torch function of the edges' weights."""
    graph, x = net.graph, torch.from_numpy(X)
    bend = {"relu": torch.relu, "tanh": torch.tanh, "leaky_relu": lambda z: torch.where(z > 0, z, 0.1 * z)}

    def function(weight):
        a = {node: x[:, node] for node in range(graph.n_inputs)}
        a |= {node: torch.ones(len(x), dtype=torch.float64) for node in range(graph.n_inputs, graph.first_output)}
        nodes = np.arange(graph.first_output, graph.next_node)
        for node in sorted(nodes, key=lambda n: (graph.is_output(n), graph.depth(n))):
            z = sum(a[graph.sources[e]] * weight[e] for e in np.flatnonzero(graph.targets == node))
            a[node] = z if graph.is_output(node) else bend[net.activation](z)
        logits = torch.stack([a[node] for node in range(graph.first_output, graph.first_hidden)], dim=1)
        if loss == "mse":
            losses = 0.5 * (logits - torch.nn.functional.one_hot(torch.from_numpy(Y), 3)).square().sum(dim=1)
        else:
            losses = torch.nn.functional.cross_entropy(logits, torch.from_numpy(Y), reduction="none")
        return losses if each else losses.mean()

    return function, torch.from_numpy(net.weight.copy())


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
def test_loss_gradient_and_hessian_are_those_of_autograd(activation, loss):
    net = random_dag(np.random.default_rng(1), hidden=6, activation=activation)
    objective = DagObjective(net, X, Y, loss)
    function, weight = by_torch(net, loss)
    assert objective.loss() == pytest.approx(function(weight).item(), rel=1e-13)
    twice = objective.losses(np.stack([net.weight, 2 * net.weight]))
    assert twice[1] == pytest.approx(function(2 * weight).item(), rel=1e-12)
    expected = torch.autograd.functional.jacobian(function, weight).numpy()
    np.testing.assert_allclose(objective.gradient(), expected, atol=1e-13)
    hessian = torch.autograd.functional.hessian(function, weight).numpy()
    np.testing.assert_allclose(objective.dense_hessian(), hessian, atol=1e-12)


def test_what_single_samples_say_is_that_of_autograd():
    net = random_dag(np.random.default_rng(2), hidden=5, activation="tanh")
    operator = DagObjective(net, X, Y).at()
    function, weight = by_torch(net, each=True)
    rows = torch.autograd.functional.jacobian(function, weight).numpy()
    vectors, weights = RNG.normal(size=(3, net.parameters)), RNG.random((2, 40))
    np.testing.assert_allclose(operator.slopes_along(vectors), vectors @ rows.T, atol=1e-12)
    np.testing.assert_allclose(operator.weighted_gradients(weights), weights @ rows, atol=1e-12)
    np.testing.assert_allclose(operator.squared_norms(), np.square(rows).sum(axis=1), atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_an_imported_net_has_the_curvature_of_the_layered_one(activation):
    plain = initial(NetSpec(hidden=(4, 3), output_scale=1, activation=activation), 4, 3, np.random.default_rng(3))
    plain = plain.astype(np.float64)
    layered = curvature.Objective.of_mlp(plain.weights, plain.biases, activation, X, Y)
    graph = DagObjective(Dag.of_layers(plain), X, Y)
    vector = RNG.normal(size=graph.size)
    for name in ("hvp", "gauss_newton"):
        mine, theirs = (
            each.hvp(None, vector) if name == "hvp" else each.at().gauss_newton(vector[None])[0]
            for each in (graph, layered)
        )
        np.testing.assert_allclose(mine, theirs, atol=1e-12)
    for granularity in ("none", "tensor", "element"):
        mine, theirs = (curvature.flatness(each, granularity=granularity).values for each in (graph, layered))
        np.testing.assert_allclose(mine, theirs, rtol=1e-6)


def test_many_vectors_at_once_are_the_same_as_one_after_another(monkeypatch):
    objective = DagObjective(random_dag(np.random.default_rng(4)), X, Y)
    vectors = RNG.normal(size=(7, objective.size))
    together = objective.hvp(None, vectors)
    monkeypatch.setattr("foldscape.curvature.dag.ENTRIES", 1)
    np.testing.assert_allclose(objective.hvp(None, vectors), together, atol=1e-13)


def spectrum(net, granularity):
    """All eigenvalues of F, without an iterative search."""
    objective = DagObjective(net, X, Y)
    scale = curvature.flatness_scale(objective, granularity)
    return np.linalg.eigvalsh(scale[:, None] * objective.dense_hessian() * scale)


def test_blocks_and_elements_do_not_change_when_depths_are_rescaled():
    """T-A4-3: an edge from depth a to depth b times c_b/c_a."""
    net = joined_at_the_end(random_dag(np.random.default_rng(5), hidden=8))
    low, high = net.graph.depth(net.graph.sources), net.graph.depth(net.graph.targets)
    assert high.max() > 2
    factors = np.array([1, *np.linspace(0.4, 2.5, high.max() - 1), 1])
    moved = net.with_weight(net.weight * factors[high] / factors[low])
    np.testing.assert_allclose(moved.logits(X), net.logits(X), atol=1e-12)
    for granularity in ("block", "element"):
        np.testing.assert_allclose(spectrum(moved, granularity), spectrum(net, granularity), atol=1e-11)
    for granularity in ("none", "layer"):
        assert abs(spectrum(moved, granularity)[-1] / spectrum(net, granularity)[-1] - 1) > 0.01


def joined_at_the_end(net):
    """The same graph with an edge from the deepest node to every output: outputs alone are deepest."""
    graph = net.graph
    deepest = graph.hidden[graph.hidden_depths.argmax()]
    have = set(map(tuple, graph.edges.tolist()))
    new = [node for node in range(graph.first_output, graph.first_hidden) if (int(deepest), node) not in have]
    joined = replace(
        graph,
        sources=np.append(graph.sources, np.full(len(new), deepest, np.int32)),
        targets=np.append(graph.targets, np.array(new, np.int32)),
        primary=np.append(graph.primary, np.ones(len(new), bool)),
    )
    return Dag.of(joined, np.append(net.weight, np.full(len(new), 0.7)), net.activation)


def test_the_flatness_found_is_the_largest_eigenvalue():
    """T-A4-4."""
    net = random_dag(np.random.default_rng(6), hidden=8)
    for granularity in ("none", "layer", "block", "element"):
        found = curvature.flatness(DagObjective(net, X, Y), granularity=granularity, method="lanczos")
        assert found.values[0] == pytest.approx(spectrum(net, granularity)[-1], rel=1e-4)


def test_finer_blocks_have_smaller_values_of_a_positive_matrix():
    """T-A4-6."""
    objective = DagObjective(random_dag(np.random.default_rng(7), hidden=8), X, Y)
    newton = objective.at().gauss_newton(np.eye(objective.size))
    values = []
    for granularity in ("layer", "block", "element"):
        scale = curvature.flatness_scale(objective, granularity)
        values.append(np.linalg.eigvalsh(scale[:, None] * newton * scale)[-1])
    assert values[0] >= values[1] >= values[2] > 0


def test_a_block_of_zeros_contributes_nothing():
    """T-A4-7."""
    net = NetSpec(hidden=(3,), wiring="dag", output_scale=0).first(4, 3, np.random.default_rng(8))
    for granularity in ("layer", "block", "element"):
        assert np.isfinite(curvature.flatness(DagObjective(net, X, Y), granularity=granularity).values).all()


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
def test_the_trace_is_exact_where_the_net_is_piecewise_linear(activation, loss):
    """T-A4-5: the diagonal of G, and of H where its units have no curvature of their own, in closed form."""
    net = random_dag(np.random.default_rng(3), hidden=6, activation=activation)
    objective = DagObjective(net, X, Y, loss)
    operator = objective.at()
    whole = operator.gauss_newton(np.eye(objective.size))
    np.testing.assert_allclose(operator.diagonal(gauss_newton=True), whole.diagonal(), atol=1e-14)
    found = curvature.trace(objective, probes=4)
    if activation == "tanh":
        assert (operator.diagonal(), operator.traces()) == (None, None)
        assert found.probes == 4
    else:
        dense = objective.dense_hessian()
        assert found.probes == 0
        assert found.value == pytest.approx(np.trace(dense), rel=1e-12)
        by_block = [dense.diagonal()[block.span].sum() for block in objective.blocks]
        np.testing.assert_allclose(operator.traces(), by_block, atol=1e-13)
