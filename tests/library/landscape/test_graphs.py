"""Landscapes of graphs: their losses, their neurons, their paths while they grew."""

import numpy as np
import pytest

from foldscape.curvature.dag import DagObjective
from foldscape.errors import InvalidInput, NotPossible
from foldscape.growth.insertion import insert
from foldscape.landscape import random_direction
from foldscape.landscape.edges import embed_edges, node_blocks
from foldscape.landscape.graphs import GraphEvaluator
from foldscape.landscape.normalise import neuron_size
from foldscape.net.dag import Dag
from foldscape.net.mlp import Weights


def layered(activation="relu"):
    rng = np.random.default_rng(0)
    shapes = [(4, 3), (3, 4), (3, 3)]
    parts = [rng.normal(size=shape) / 2 for shape in shapes], [rng.normal(size=shape[0]) / 4 for shape in shapes]
    return Weights(tuple(parts[0]), tuple(parts[1]), activation, 0.2)


def grown(activation="relu", nodes=6):
    """A graph, and all that it was on its way."""
    start = Dag.of_layers(layered(activation))
    graph, weight, rng, way = start.graph, start.weight, np.random.default_rng(1), [start]
    for node in range(graph.next_node, graph.next_node + nodes):
        step = insert(graph, weight, node, 3, rng)
        graph, weight = step.graph, step.weight * 0.9
        way.append(Dag.of(graph, weight, activation, 0.2))
    return way


@pytest.fixture
def data():
    rng = np.random.default_rng(2)
    return rng.normal(size=(1500, 3)), rng.integers(0, 3, 1500)


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
def test_the_losses_over_a_plane_are_those_of_the_objective(data, activation, loss):
    net = grown(activation)[-1]
    assert len(net.weights) > 3
    evaluator, objective = GraphEvaluator(net, *data, loss), DagObjective(net, *data, loss)
    first, second = np.random.default_rng(3).normal(size=(2, evaluator.size))
    a, b = np.random.default_rng(4).uniform(-1, 1, (2, 40))
    found = evaluator.on_plane(a, b, first, second)
    thetas = evaluator.theta + np.outer(a, first) + np.outer(b, second)
    np.testing.assert_allclose(found.loss, objective.losses(thetas), rtol=1e-12)
    for place in (0, 39):
        right = (net.with_weight(thetas[place]).logits(data[0]).argmax(1) == data[1]).mean()
        assert found.accuracy[place] == right
        alone = evaluator.on_plane(a[place : place + 1], b[place : place + 1], first, second)
        assert alone.loss[0] == found.loss[place]
    batch = np.arange(0, 1500, 2)
    gradient = DagObjective(net, data[0][batch], data[1][batch], loss).gradient(thetas[0])
    np.testing.assert_allclose(evaluator.gradient(thetas[0], batch), gradient, rtol=1e-9, atol=1e-12)


def test_a_point_without_a_finite_loss_is_kept_as_such(data):
    evaluator = GraphEvaluator(grown()[-1], *data)
    found = evaluator.on_line([0.0, 1.0], np.full(evaluator.size, 1e200))
    assert np.isfinite(found.loss[0])
    assert not np.isfinite(found.loss[1])
    assert np.isnan(found.accuracy[1])


def test_data_that_do_not_fit_are_refused(data):
    with pytest.raises(InvalidInput, match="1500, 2"):
        GraphEvaluator(grown()[-1], data[0][:, :2], data[1])


@pytest.mark.parametrize("mode", ["filter", "layer", "weight", "none"])
@pytest.mark.parametrize("biases", ["zero", "free"])
def test_an_imported_net_has_the_neurons_and_layers_that_it_had(mode, biases):
    """The same draw gives the same direction, edge by edge, as for the layers that it was imported from."""
    from foldscape.landscape.vectors import dense_blocks, flattened

    net = layered()
    graph = Dag.of_layers(net)
    theta = flattened(net.weights, net.biases)
    np.testing.assert_array_equal(theta, graph.weight)
    own = random_direction(theta, dense_blocks(net.weights), 5, mode, biases)
    as_graph = random_direction(theta, node_blocks(graph.graph), 5, mode, biases)
    np.testing.assert_allclose(as_graph.vector, own.vector, rtol=1e-12)


def test_each_node_has_its_size_along_a_random_direction():
    net = grown()[-1]
    blocks = node_blocks(net.graph)
    places = np.concatenate([block.span for block in blocks])
    assert sorted(places) == list(range(len(net.weight)))
    direction = random_direction(net.weight, blocks, 0)
    assert neuron_size(direction.vector, net.weight, blocks) == pytest.approx(1)
    for block in blocks:
        if block.name.endswith(".weight"):
            lengths = [np.linalg.norm(vector[block.span]) for vector in (direction.vector, net.weight)]
            assert lengths[0] == pytest.approx(lengths[1])


def test_a_path_keeps_edges_in_their_places_and_new_ones_at_birth():
    way = grown()
    steps = list(range(0, 70, 10))
    path = embed_edges(steps, [net.weight for net in way], way[-1].graph)
    assert list(path.steps) == steps
    assert list(path.births) == [1, 2, 3, 4, 5, 6]
    for t, net in enumerate(way):
        np.testing.assert_array_equal(path.thetas[t, : len(net.weight)], net.weight)
    last = len(way[-2].weight)
    np.testing.assert_array_equal(path.thetas[:, last:], np.tile(way[-1].weight[last:], (7, 1)))
    with pytest.raises(NotPossible, match="no place"):
        embed_edges(steps[:2], [way[-1].weight, way[0].weight], way[0].graph)
    with pytest.raises(InvalidInput, match="without moments"):
        embed_edges([], [], way[0].graph)
