"""GradMax (arXiv 2201.05125)."""

import itertools

import numpy as np
import pytest
import torch

from foldscape.engine.base import Memory
from foldscape.engine.compiled import CompiledEngine
from foldscape.engine.torch_engine import TorchEngine
from foldscape.errors import NotPossible
from foldscape.growth.gradmax import GradMax, orthogonal_outgoing
from foldscape.net.mlp import backward, norm_of
from foldscape.optimizer import SGD, Adam
from tests.library.growth.drawn import assert_carried_over, logits_in_order, net_of, scene_of

RNG = np.random.default_rng(0)
CLASSES = 5

every_case = pytest.mark.parametrize(
    ("activation", "layer", "units"),
    list(itertools.product(["relu", "leaky_relu", "tanh"], [0, 1], [1, 2])),
)
both_scales = pytest.mark.parametrize("scale_by", ["equal", "sigma"])


def case(activation="relu", layer=0, **fields):
    net, scene = net_of((6, 5), activation, classes=CLASSES), scene_of(classes=CLASSES)
    change = GradMax(layer=layer, **fields).change(net, scene, RNG)
    return net, scene, change


def born(change, parts):
    """Give the rows of the new units."""
    return parts[change.layer][-change.k_new :]


@every_case
@both_scales
def test_T_E7_1_gradients_of_the_new_units_have_the_predicted_norms(activation, layer, units, scale_by):
    _, scene, change = case(activation, layer, units=units, scale_by=scale_by)
    rows = born(change, backward(change.net, scene.x, scene.y).weight_gradients)
    norms = np.linalg.norm(rows, axis=1)
    sigma = np.array(change.explanation["singular_values"][:units])
    c = change.explanation["outgoing_norm"]
    np.testing.assert_allclose(norms, c * sigma * (1 if scale_by == "equal" else sigma / sigma[0]), atol=1e-10)
    np.testing.assert_allclose(norms, change.explanation["gradient_norms"], atol=1e-10)
    assert np.linalg.norm(norms) == pytest.approx(change.score, abs=1e-10)


@every_case
def test_T_E7_2_gradients_of_the_new_outgoing_weights_are_zero(activation, layer, units):
    _, scene, change = case(activation, layer, units=units)
    out = backward(change.net, scene.x, scene.y).weight_gradients[layer + 1]
    assert np.abs(out[:, -units:]).max() == 0


@every_case
def test_T_E7_3_the_function_is_kept_to_the_last_bit(activation, layer, units):
    net, scene, change = case(activation, layer, units=units)
    np.testing.assert_array_equal(logits_in_order(change.net, scene.x), logits_in_order(net, scene.x))
    assert change.k_new == units
    assert np.abs(born(change, change.net.weights)).max() == 0
    assert np.abs(born(change, change.net.biases)).max() == 0


@pytest.mark.parametrize("layer", [0, 1])
def test_T_E7_4_no_other_orthonormal_directions_are_steeper(layer):
    net, scene, change = case(layer=layer, units=2)
    passed = backward(net, scene.x, scene.y)
    moment = passed.errors[layer + 1].T @ passed.inputs[layer] / len(scene.x)
    c, sigma = change.explanation["outgoing_norm"], change.explanation["singular_values"]
    rng = np.random.default_rng(1)
    drawn = [np.linalg.qr(rng.normal(size=(len(moment), 2)))[0] for _ in range(1000)]
    best = max(np.linalg.norm(c * directions.T @ moment) for directions in drawn)
    assert 0.8 * change.score < best <= change.score + 1e-12
    assert change.score <= np.sqrt(2) * c * sigma[0]
    outgoing = change.net.weights[layer + 1][:, -2:]
    np.testing.assert_allclose(outgoing.T @ outgoing, c**2 * np.eye(2), atol=1e-12)


@pytest.mark.parametrize("engine", [CompiledEngine, TorchEngine])
def test_T_E7_5_a_relu_whose_derivative_at_zero_is_zero_would_never_learn(engine):
    """Regression: the new units start exactly at their folds, where PyTorch's relu is flat."""
    _, scene, change = case(units=2)
    x = scene.x.astype(np.float32)
    trained = engine(change.net.astype(np.float32), SGD(lr=0.1), x, scene.y, len(x))
    trained.begin_epoch(np.arange(len(x)))
    trained.train(0, 1)
    moved = np.linalg.norm(born(change, trained.weights.weights), axis=1)
    np.testing.assert_allclose(moved, 0.1 * np.array(change.explanation["gradient_norms"]), rtol=1e-4)
    incoming = torch.zeros(2, 2, dtype=torch.float64, requires_grad=True)
    h = torch.relu(torch.from_numpy(scene.x) @ incoming.T)
    later = h @ torch.from_numpy(change.net.weights[1][:, -2:].copy()).T
    (gradient,) = torch.autograd.grad(later.square().sum() + later.sum(), incoming)
    assert torch.equal(gradient, torch.zeros_like(incoming))


@pytest.mark.parametrize("layer", [0, 1])
def test_T_E7_7_old_weights_and_what_the_optimiser_remembers_of_them_stay(layer):
    from foldscape.training.carried import memory_after

    net, scene, change = case(layer=layer, units=2)
    assert_carried_over(change, net)
    assert change.came_from == (0, 1, 2)
    x = scene.x.astype(np.float32)
    engine = TorchEngine(net.astype(np.float32), Adam(), x, scene.y, 20)
    engine.begin_epoch(np.arange(len(x)))
    engine.train(0, 4)
    carried = memory_after(engine.memory, net, change)
    for row in ("first", "second", "age"):
        before, after = getattr(engine.memory, row), getattr(carried, row)
        for old, new in zip(before, after, strict=True):
            kept = tuple(slice(size) for size in old.shape)
            np.testing.assert_array_equal(new[kept], old)
            assert norm_of([new]) == pytest.approx(norm_of([old]))
    assert isinstance(carried, Memory)


def test_each_unit_takes_the_sign_whose_first_step_lowers_the_loss_more():
    net, scene, change = case(units=2)
    for unit in (-2, -1):
        outgoing = change.net.weights[1][:, unit]
        losses = []
        for sign in (1, -1):
            grown = net.with_unit(0, np.zeros(2), 0.0, sign * outgoing)
            gradient = backward(grown, scene.x, scene.y).weight_gradients[0][-1]
            step = -net.mean_row_norm(0) * gradient / np.linalg.norm(gradient)
            logits = net.with_unit(0, step, 0.0, sign * outgoing).logits(scene.x)
            losses.append(float(np.log(np.exp(logits).sum(axis=1)).mean() - logits[np.arange(80), scene.y].mean()))
        assert losses[0] <= losses[1]


def test_proposing_gives_the_first_unit():
    net, scene, change = case(units=2)
    unit = GradMax(units=2).propose(net, scene, RNG)
    np.testing.assert_array_equal(unit.outgoing, change.net.weights[1][:, -2])


def test_more_units_than_the_gradient_has_directions_are_refused():
    scene = scene_of(classes=2)
    net = net_of((6,), classes=2)
    GradMax().change(net, scene, RNG)
    with pytest.raises(NotPossible, match=r"2 new units .* only 1 directions here\. Ask for 1 at most"):
        GradMax(units=2).change(net, scene, RNG)  # the errors of two classes are opposite
    deep = net_of((6, 5))
    deep.weights[2][:] = 0
    with pytest.raises(NotPossible, match="only 0 directions"):
        GradMax(layer=0).change(deep, scene_of(), RNG)
    with pytest.raises(NotPossible, match="no hidden layer 3; this net has 2"):
        GradMax(layer=2).change(deep, scene_of(), RNG)


def test_with_only_the_whole_norm_bound_equal_units_would_win():
    """Why the directions are made orthonormal: the bound printed in the paper allows k copies of one unit."""
    moment = np.diag([3.0, 2.0, 1.0])
    found = orthogonal_outgoing(moment, 2, 1.0)
    whole = np.linalg.norm(found.outgoing)
    copies = whole * np.eye(3)[:, [0, 0]] / np.sqrt(2)
    assert np.linalg.norm(found.outgoing.T @ moment) == pytest.approx(np.sqrt(13))
    assert np.linalg.norm(copies.T @ moment) == pytest.approx(np.sqrt(18))


def test_the_norm_is_a_share_of_the_others_or_fixed():
    net, _, change = case(scale=0.5)
    assert np.linalg.norm(change.net.weights[1][:, -1]) == pytest.approx(
        0.5 * np.linalg.norm(net.weights[1], axis=0).mean()
    )
    _, _, change = case(scale=0.5, scale_method="fixed")
    assert np.linalg.norm(change.net.weights[1][:, -1]) == pytest.approx(0.5)
