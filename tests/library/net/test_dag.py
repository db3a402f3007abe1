"""Nets that are directed acyclic graphs (hal-03402267, section 3.1)."""

import numpy as np
import pytest

from foldscape.errors import InvalidInput
from foldscape.losses.cross_entropy import cross_entropy
from foldscape.net.dag import Dag
from foldscape.net.graph import Graph
from foldscape.net.mlp import backward, initial
from foldscape.net.passes import scores
from foldscape.net.spec import NetSpec
from tests.library.net.graphs import longest_path, random_dag, recursion


def test_without_hidden_nodes_it_is_a_linear_layer():
    """T-A1-1."""
    net = NetSpec(hidden=(), wiring="dag", output_scale=1).first(5, 3, np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(20, 5)).astype(np.float32)
    assert net.parameters == 18
    np.testing.assert_array_equal(net.logits(x), x @ net.weights[0].T + net.biases[0])
    same = initial(NetSpec(hidden=(), output_scale=1), 5, 3, np.random.default_rng(0))
    np.testing.assert_array_equal(net.logits(x), same.logits(x))


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
def test_the_layers_do_what_the_recursion_node_by_node_does(activation):
    """T-A1-2."""
    rng = np.random.default_rng(2)
    for _ in range(50):
        net = random_dag(rng, hidden=int(rng.integers(0, 9)), constant=bool(rng.integers(2)), activation=activation)
        x = rng.normal(size=(6, 4))
        np.testing.assert_allclose(net.logits(x), recursion(net, x), atol=1e-12)
        np.testing.assert_allclose(net.logits(x), net.layered().logits(x), atol=1e-12)


def test_depths_are_longest_paths():
    """T-A1-3."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        graph = random_dag(rng, hidden=8, share=0.3).graph
        nodes = np.arange(graph.next_node)
        assert graph.depth(nodes).tolist() == [longest_path(graph, node) for node in nodes]
        assert [ids.tolist() for ids in graph.units] == [
            [node for node in graph.hidden.tolist() if longest_path(graph, node) == depth]
            for depth in range(1, 1 + int(graph.hidden_depths.max(initial=0)))
        ]


def test_a_circle_is_refused():
    ends = np.array([0, 2, 3, 3], np.int32), np.array([2, 3, 2, 1], np.int32)
    graph = Graph(*ends, np.zeros(4, bool), 1, 1, False)
    with pytest.raises(InvalidInput, match="circle"):
        Dag.of(graph, np.zeros(4))


@pytest.mark.parametrize("constant", [True, False])
def test_the_gradient_by_the_edges_is_that_of_finite_differences(constant):
    """T-A1-4."""
    rng = np.random.default_rng(4)
    net = random_dag(rng, activation="tanh", constant=constant)
    x, y = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    (gradient,) = backward(net, x, y).gradients
    found = scores(net, np.ascontiguousarray(x.T), y, "cross_entropy")
    np.testing.assert_allclose(found.gradient, gradient, atol=1e-15)

    def loss(weight):
        return cross_entropy(net.with_weight(weight).logits(x), y).mean()

    step = 1e-5
    moved = step * np.eye(net.parameters)
    differences = [(loss(net.weight + d) - loss(net.weight - d)) / (2 * step) for d in moved]
    np.testing.assert_allclose(gradient, differences, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("hidden", [(), (4,), (4, 3), (3, 2, 2)])
def test_a_layered_net_is_imported_as_it_is(hidden, constant):
    """T-A1-5."""
    spec = NetSpec(hidden=hidden, wiring="dag", bias=constant, output_scale=1)
    net = spec.first(6, 3, np.random.default_rng(5)).astype(np.float64)
    plain = initial(NetSpec(hidden=hidden, output_scale=1), 6, 3, np.random.default_rng(5)).astype(np.float64)
    x = np.random.default_rng(6).normal(size=(15, 6))
    assert net.hidden == hidden
    assert net.parameters == plain.parameters - (0 if constant else sum(hidden) + 3)
    if constant:
        np.testing.assert_allclose(net.logits(x), plain.logits(x), atol=1e-13)
    np.testing.assert_allclose(net.logits(x), recursion(net, x), atol=1e-12)


def test_biases_need_a_constant():
    plain = initial(NetSpec(hidden=(2,)), 2, 2, np.random.default_rng(0))
    with pytest.raises(InvalidInput, match="constant"):
        Dag.of_layers(plain, constant=False)


def test_state_goes_round():
    net = random_dag(np.random.default_rng(7))
    again = random_dag(np.random.default_rng(8)).restored(net.state())
    np.testing.assert_array_equal(again.weight, net.weight)
    for mine, theirs in zip(again.flat() + list(again.weights), net.flat() + list(net.weights), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_uniform_first_weights_lie_within_a_half():
    net = NetSpec(hidden=(20,), wiring="dag", bias=False, first_weights="uniform", output_scale=1).first(
        30, 4, np.random.default_rng(0)
    )
    assert 0.49 < np.abs(net.weight).max() <= 0.5
    assert net.parameters == 20 * 34


def test_layers_always_have_biases():
    with pytest.raises(ValueError, match="use wiring dag"):
        NetSpec(bias=False)


def test_a_graph_has_a_largest_size():
    assert NetSpec(hidden=(500, 500, 24), wiring="dag")
    with pytest.raises(ValueError, match="up to 1024"):
        NetSpec(hidden=(500, 500, 25), wiring="dag")
