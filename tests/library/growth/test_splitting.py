"""Splitting steepest descent (arXiv 1910.02366)."""

import numpy as np
import pytest

from foldscape.errors import NotPossible
from foldscape.growth.base import Scene
from foldscape.growth.splits.descent import descended
from foldscape.growth.splits.matrix import pulls, second_derivative, smallest_eigenpairs, splitting_matrices, with_one
from foldscape.growth.splitting import Splitting, split
from foldscape.losses.cross_entropy import cross_entropy
from foldscape.net.mlp import backward
from tests.library.growth.drawn import net_of, scene_of

RNG = np.random.default_rng


def case(activation="tanh", layer=1, n=200):
    net, scene = net_of((6, 5), activation, features=3, classes=4), scene_of(n, features=3, classes=4)
    passed = backward(net, scene.x, scene.y)
    return net, scene, with_one(passed.inputs[layer]), pulls(net, layer, passed, 3.0)


def loss(net, scene):
    return float(cross_entropy(net.logits(scene.x), scene.y).mean())


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
@pytest.mark.parametrize("layer", [0, 1])
def test_T_D1_1_a_split_by_nothing_keeps_the_function(activation, layer):
    net, scene, inputs, _ = case(activation, layer)
    grown = split(net, layer, [3, 0], np.zeros((2, inputs.shape[1])))
    np.testing.assert_allclose(grown.logits(scene.x), net.logits(scene.x), rtol=0, atol=1e-14)
    assert_same_places(grown, net, layer)


def assert_same_places(grown, net, layer):
    width = net.hidden[layer]
    np.testing.assert_array_equal(grown.weights[layer][:width], net.weights[layer])
    untouched = [unit for unit in range(width) if unit not in (0, 3)]
    columns = grown.weights[layer + 1][:, :width]
    np.testing.assert_array_equal(columns[:, untouched], net.weights[layer + 1][:, untouched])


@pytest.mark.parametrize("layer", [0, 1])
def test_T_D1_2_and_T_D1_3_first_and_second_derivative_by_epsilon(layer):
    """The first is exactly zero, since the loss is even in ε; the second is δᵀSδ (complex steps in both)."""
    net, scene, inputs, pulled = case("tanh", layer)
    matrices = splitting_matrices(inputs, pulled)
    for unit, matrix in enumerate(matrices):
        delta = RNG(unit).normal(size=inputs.shape[1])
        delta /= np.linalg.norm(delta)

        def along(eps, unit=unit, delta=delta):
            return loss(split(net, layer, [unit], eps * delta[None]), scene)

        assert along(1e-2) == pytest.approx(along(-1e-2), abs=1e-15)
        h = 1e-2  # sixth order, so that neither rounding nor the step shows at 1e-9
        second = (
            2 * (along(3 * h) - along(0)) / 90 - 3 * (along(2 * h) - along(0)) / 10 + 3 * (along(h) - along(0))
        ) / h**2
        assert second == pytest.approx(delta @ matrix @ delta, abs=1e-9)


def test_T_D1_4_the_loss_falls_as_predicted():
    net, scene, _, _ = case("tanh")
    change = Splitting(epsilon=1e-2, search="exact").change(net, scene, RNG(0))
    predicted = change.explanation["gain_predicted"]
    assert predicted > 0
    assert loss(net, scene) - loss(change.net, scene) == pytest.approx(predicted, rel=0.05)
    assert predicted == pytest.approx(-(1e-2**2) / 2 * change.score)
    assert_carried_positions(change, net)


def assert_carried_positions(change, net):
    layer, width = change.layer, net.hidden[change.layer]
    ((new, old),) = change.copies[layer]
    assert new == width
    rows = [unit for unit in range(width) if unit != old]
    np.testing.assert_array_equal(change.net.weights[layer][rows], net.weights[layer][rows])
    parts = change.net.weights[layer + 1][:, [old, new]]
    np.testing.assert_allclose(parts, np.repeat(net.weights[layer + 1][:, [old]] / 2, 2, axis=1))
    middle = (change.net.weights[layer][old] + change.net.weights[layer][new]) / 2
    np.testing.assert_allclose(middle, net.weights[layer][old], atol=1e-15)


@pytest.mark.parametrize("layer", [0, 1])
def test_T_D1_5_descent_finds_the_eigenvalue(layer):
    _, _, inputs, pulled = case("relu", layer)
    rng = RNG(3)
    wide, pulled = np.hstack([inputs, rng.normal(size=(len(inputs), 40))]), pulled[:, :4]
    values, vectors = smallest_eigenpairs(wide, pulled)
    found, directions = descended(wide, pulled, RNG(1))
    np.testing.assert_allclose(found, values, rtol=0.05)
    assert (found >= values - 1e-12).all()
    matrices = splitting_matrices(wide, pulled)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1)
    np.testing.assert_allclose(np.einsum("ud,ude,ue->u", directions, matrices, directions), found, atol=1e-12)
    np.testing.assert_allclose(np.einsum("ud,ude,ue->u", vectors, matrices, vectors), values, atol=1e-12)


def test_T_D1_5_a_unit_that_does_nothing_has_no_direction():
    inputs = with_one(RNG(0).normal(size=(30, 4)))
    values, directions = descended(inputs, np.zeros((30, 3)), RNG(0))
    assert not values.any()
    assert np.isfinite(directions).all()


@pytest.mark.parametrize("count", [1, 3])
def test_T_D1_6_a_split_adds_its_parameters(count):
    net, scene, _, _ = case("relu")
    change = Splitting(count=count, layer=1).change(net, scene, RNG(0))
    assert change.k_new == count
    assert change.net.parameters - net.parameters == count * (net.weights[1].shape[1] + 1 + len(net.biases[2]))


def test_T_D1_7_the_exact_second_derivative_of_relu_splits_nothing():
    net, scene, inputs, _ = case("relu")
    exact = pulls(net, 1, backward(net, scene.x, scene.y), 0.0)
    assert not splitting_matrices(inputs, exact).any()
    with pytest.raises(NotPossible, match="second derivative of relu is zero"):
        Splitting(smooth="none").change(net, scene, RNG(0))


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
def test_second_derivatives_are_those_of_the_smooth_functions(activation):
    net = net_of((4,), activation)
    z, h = np.linspace(-2, 2, 9), 1e-3
    smooth = {
        "relu": lambda z: np.logaddexp(0, 3 * z) / 3,
        "leaky_relu": lambda z: 0.1 * z + 0.9 * np.logaddexp(0, 3 * z) / 3,
        "tanh": np.tanh,
    }[activation]
    expected = (smooth(z + h) - 2 * smooth(z) + smooth(z - h)) / h**2
    np.testing.assert_allclose(second_derivative(net, z, 3.0), expected, atol=1e-5)


def test_all_layers_split_at_once_and_the_ranking_tells_of_every_unit():
    net, scene, _, _ = case("tanh")
    change = Splitting(count=9, epsilon=1e-3).change(net, scene, RNG(0))
    ranking = change.explanation["ranking"]
    assert len(ranking) == 11
    gains = [each["gain"] for each in ranking]
    assert gains == sorted(gains, reverse=True)
    assert [each["chosen"] for each in ranking] == [gain > 0 and i < 9 for i, gain in enumerate(gains)]
    assert set(change.copies) == {0, 1}
    assert change.k_new == sum(len(pairs) for pairs in change.copies.values())
    np.testing.assert_allclose(change.net.logits(scene.x), net.logits(scene.x), atol=1e-4)
    predicted = change.explanation["gain_predicted"]
    assert loss(net, scene) - loss(change.net, scene) == pytest.approx(predicted, rel=0.05)


def test_a_gain_for_each_operation_prefers_what_is_cheap():
    net, scene, _, _ = case("relu")
    plain = Splitting(count=1).change(net, scene, RNG(0)).explanation["ranking"]
    weighed = Splitting(count=1, rank_by="gain_per_flop").change(net, scene, RNG(0)).explanation["ranking"]
    assert {each["cost"] for each in plain} == {1.0}
    assert {(each["layer"], each["cost"]) for each in weighed} == {(0, 2 * (3 + 5)), (1, 2 * (6 + 4))}
    worth = [each["gain"] / each["cost"] for each in weighed]
    assert worth == sorted(worth, reverse=True)


def test_where_no_split_lowers_the_loss_it_says_so():
    net, scene, _, _ = case("tanh")
    right = net.logits(scene.x).argmax(axis=1)
    sure = type(net)((*net.weights[:-1], 1e9 * net.weights[-1]), (*net.biases[:-1], 1e9 * net.biases[-1]), "tanh")
    with pytest.raises(NotPossible, match="No split of a unit of this net lowers the loss"):
        Splitting().change(sure, Scene(scene.x, right), RNG(0))


def test_a_normalised_layer_splits_as_the_plain_layer_that_does_the_same():
    from foldscape.growth.batch_norm import InsertBatchNorm

    net, scene, inputs, _ = case("tanh")
    normed = InsertBatchNorm(layer=1).change(net, scene, RNG(0)).net
    moves = RNG(4).normal(size=(2, inputs.shape[1]))
    plain, grown = split(net, 1, [1, 4], moves), split(normed, 1, [1, 4], moves)
    np.testing.assert_allclose(grown.logits(scene.x), plain.logits(scene.x), atol=1e-10)
