"""Training paths, of growing nets too, in a plane."""

import itertools

import numpy as np
import pytest

from foldscape.errors import InvalidInput, NotPossible
from foldscape.growth.base import NewUnit, widened
from foldscape.growth.deepen_identity import IdentityLayer
from foldscape.landscape.direction import Direction, random_direction
from foldscape.landscape.embedding import Embedded, MomentNet, beginning, embed
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.trajectory import plane_of_three, principal_components, project
from foldscape.net.mlp import Weights
from foldscape.training.carried import units_after


@pytest.fixture(scope="module")
def net(moons, moons_net):
    return Evaluator.of(moons_net, *moons)


def in_plane(net, coordinates, first, second):
    thetas = net.theta + coordinates[:, :1] * first.vector + coordinates[:, 1:] * second.vector
    count = len(coordinates)
    return Embedded(thetas, np.arange(count), np.r_[net.size, np.zeros(count - 1, int)], net.blocks)


def test_a_path_in_the_plane_gets_the_coordinates_of_the_surface(net):
    """T-F1-4: coordinates to 1e-6 with directions that are neither unit nor orthogonal, and the same losses."""
    first = random_direction(net.theta, net.blocks, 0)
    mixed = random_direction(net.theta, net.blocks, 1).vector + 0.5 * first.vector
    second = Direction("skew", 3.0 * mixed, net.blocks)
    wanted = np.random.default_rng(0).uniform(-0.3, 0.3, (12, 2))
    wanted[-1] = 0
    path = in_plane(net, wanted, first, second)
    found = project(path, first, second)
    np.testing.assert_allclose(found.coordinates, wanted, atol=1e-6)
    assert found.share == pytest.approx(1)
    assert found.cosine == first.cosine(second) > 0.3
    on_surface = net.on_plane(*found.coordinates.T, first.vector, second.vector, path.thetas[-1])
    np.testing.assert_allclose(on_surface.loss, net.at(path.thetas).loss, rtol=1e-5)


def test_principal_directions_are_orthonormal_and_show_the_most(net):
    """T-F1-5."""
    rng = np.random.default_rng(1)
    thetas = net.theta + np.cumsum(rng.normal(size=(20, net.size)), axis=0)
    path = Embedded(thetas, np.arange(20), np.zeros(20, int), net.blocks)
    for centred in (False, True):
        found = principal_components(path, centred)
        pair = np.stack([direction.vector for direction in found.directions])
        np.testing.assert_allclose(pair @ pair.T, np.eye(2), atol=1e-12)
        moved = thetas - (thetas.mean(axis=0) if centred else thetas[-1])
        exact = np.linalg.svd(moved, compute_uv=False) ** 2
        np.testing.assert_allclose(found.ratios, exact[:2] / exact.sum(), rtol=1e-8)
    shown = project(path, *principal_components(path).directions)
    assert shown.share == pytest.approx(principal_components(path).ratios.sum())
    others = (random_direction(net.theta, net.blocks, seed) for seed in (0, 1))
    assert project(path, *others).share < shown.share


def test_a_share_of_what_leaves_the_plane(net):
    first, second = (random_direction(net.theta, net.blocks, seed) for seed in (0, 1))
    path = in_plane(net, np.array([[1.0, 0], [0, 0]]), first, second)
    aside = Direction("aside", random_direction(net.theta, net.blocks, 2).vector, net.blocks)
    aside = aside.orthogonal_to(first).orthogonal_to(second.orthogonal_to(first))
    path.thetas[0] += aside.vector * first.norm / aside.norm
    found = project(path, first, second)
    assert found.share == pytest.approx(0.5)
    assert found.away == pytest.approx([first.norm, 0], abs=1e-9)
    assert np.isnan(found.shown[1])


def test_three_nets_stand_exactly_where_they_are(net):
    """T-F13: the coordinates of the three points are exact."""
    thetas = np.random.default_rng(3).normal(size=(3, net.size))
    first, second, corners = plane_of_three(thetas, net.blocks)
    rebuilt = thetas[0] + corners @ np.stack([first.vector, second.vector])
    np.testing.assert_allclose(rebuilt, thetas, atol=1e-12)
    np.testing.assert_array_equal(corners[:2], [[0, 0], [1, 0]])
    assert first.cosine(second) == pytest.approx(0, abs=1e-12)
    with pytest.raises(NotPossible, match="parallel"):
        plane_of_three(thetas[[0, 1, 1]], net.blocks)


def drawn(hidden, rng):
    sizes = (2, *hidden, 3)
    weights = tuple(rng.normal(size=(o, i)) for i, o in itertools.pairwise(sizes))
    return Weights(weights, tuple(rng.normal(size=o) for o in sizes[1:]))


def grown_run():
    """A run that widens its first layer, gets an identity layer behind it, and widens that."""
    rng = np.random.default_rng(0)
    net = drawn((3, 4), rng)
    units = [np.arange(3), np.arange(3, 7)]
    run, next_unit, copies = [(net, units)], 7, []
    for change in (
        lambda net: widened(net, 0, NewUnit(rng.normal(size=2), 0.3, np.zeros(4), 0.0, {})),
        lambda net: IdentityLayer(after=0).change(net, None, rng),
        lambda net: widened(net, 1, NewUnit(rng.normal(size=4), 0.3, np.zeros(4), 0.0, {})),
    ):
        grown = change(net)
        net, units = grown.net, units_after(units, grown, next_unit)
        if None in grown.came_from:
            copies.append(next_unit)
        next_unit = 1 + max(int(ids.max()) for ids in units)
        run.append((net, units))
    return run, copies


def test_a_growing_net_keeps_its_function_in_the_final_space():
    run, copies = grown_run()
    path = embed([MomentNet(t, net.weights, net.biases, tuple(units)) for t, (net, units) in enumerate(run)], copies)
    assert path.births.tolist() == [1, 2, 3]
    assert path.born.sum() == run[-1][0].parameters
    assert path.born[0] == run[0][0].parameters
    x = np.random.default_rng(1).normal(size=(50, 2))
    for theta, (net, _) in zip(path.thetas, run, strict=True):
        parts = [theta[block.span].reshape(block.shape) for block in path.blocks]
        embedded = Weights(tuple(parts[::2]), tuple(parts[1::2]))
        np.testing.assert_allclose(embedded.logits(x), net.logits(x), atol=1e-12)


def test_units_are_found_by_their_ids_in_any_order():
    net = drawn((4,), np.random.default_rng(2))
    order = np.array([2, 0, 3, 1])
    shuffled = Weights((net.weights[0][order], net.weights[1][:, order]), (net.biases[0][order], net.biases[1]))
    moments = [
        MomentNet(0, net.weights, net.biases, (np.arange(4),)),
        MomentNet(5, shuffled.weights, shuffled.biases, (order,)),
    ]
    path = embed(moments)
    np.testing.assert_array_equal(path.thetas[0], path.thetas[1])
    assert path.steps.tolist() == [0, 5]


def test_a_path_begins_where_all_that_follows_has_a_place():
    run, copies = grown_run()
    moments = [MomentNet(t, net.weights, net.biases, tuple(units)) for t, (net, units) in enumerate(run)]
    assert beginning(moments, copies) == 0
    first = next(t for t in range(4) if len(run[t][0].hidden) == len(run[-1][0].hidden))
    assert beginning(moments) == first
    assert beginning(moments[::-1], copies) == len(moments) - 1
    embed(moments[first:])


def test_what_has_no_place_in_the_end_is_refused():
    run, copies = grown_run()
    moments = [MomentNet(t, net.weights, net.biases, tuple(units)) for t, (net, units) in enumerate(run)]
    with pytest.raises(NotPossible, match="does not have at step 0"):
        embed(moments[::-1], copies)
    with pytest.raises(NotPossible, match="does not have at step 3"):
        embed(moments)
    with pytest.raises(InvalidInput, match="without moments"):
        embed([])


def test_planes_that_are_none_are_refused(net):
    first = random_direction(net.theta, net.blocks, 0)
    path = in_plane(net, np.array([[1.0, 0], [2.0, 0], [0, 0]]), first, first)
    with pytest.raises(NotPossible, match="do not span"):
        project(path, first, first.times(-2, "x"))
    with pytest.raises(NotPossible, match="does not span"):
        principal_components(path)
    with pytest.raises(InvalidInput, match="do not fit"):
        project(path, *(Direction("short", np.ones(3), ()) for _ in range(2)))
