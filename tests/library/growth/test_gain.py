"""The predicted gain of a new unit (docs/growth.md), against automatic differentiation, and the map of it."""

import numpy as np
import pytest
import torch

from foldscape.errors import NotPossible
from foldscape.growth.base import Scene
from foldscape.growth.folds.gain import RIDGE, predicted_gain, response
from foldscape.growth.folds.gain_map import gain_map
from foldscape.losses.cross_entropy import cross_entropy
from foldscape.net.mlp import backward
from foldscape.net.norm import BatchNorm
from tests.library.growth.folded import BOX, every_case, trained


def drawn_unit(net, scene, layer, seed=0):
    rng = np.random.default_rng(seed)
    inputs = net.layer_inputs(scene.x, layer)
    incoming = rng.normal(size=inputs.shape[1])
    return incoming, -float(incoming @ inputs[rng.integers(len(inputs))])


def loss_by_outgoing(net, scene, layer, incoming, bias):
    """The mean loss as a torch function of the new unit's outgoing weights."""
    x, y = torch.from_numpy(scene.x.astype(np.float64)), torch.from_numpy(scene.y)

    def act(z):
        return torch.where(z >= 0, z, (net.negative_slope if net.activation == "leaky_relu" else 0.0) * z)

    def loss(v):
        h, unit = x, None
        for index, (w, b) in enumerate(zip(net.weights, net.biases, strict=True)):
            z = h @ torch.from_numpy(w).T + torch.from_numpy(b)
            if index == layer + 1:
                z = z + unit[:, None] * v
            if index == layer:
                unit = act(h @ torch.from_numpy(incoming) + bias)
            h = act(z) if index < len(net.weights) - 1 else z
        return torch.nn.functional.cross_entropy(h, y)

    return loss


@every_case
def test_T_E4_3_gradients_at_birth(case):
    net, scene = trained(*case)
    for layer in range(len(net.hidden)):
        incoming, bias = drawn_unit(net, scene, layer)
        v = torch.zeros(len(net.biases[layer + 1]), dtype=torch.float64, requires_grad=True)
        loss_by_outgoing(net, scene, layer, incoming, bias)(v).backward()
        seen = response(net, layer, scene.x, scene.y)
        h = net.activate(incoming @ seen.inputs + bias)
        np.testing.assert_allclose(seen.basis @ (seen.errors * h).mean(axis=1), v.grad.numpy(), atol=1e-12)
        grown = net.with_unit(layer, incoming, bias, np.zeros(len(v)))
        assert not backward(grown, scene.x, scene.y).weight_gradients[layer][-1].any()


@every_case
def test_the_gain_is_the_newton_decrement(case):
    """Above the last hidden layer H is the true second derivative; a ReLU net is piecewise linear, so below it too."""
    net, scene = trained(*case)
    for layer in range(len(net.hidden)):
        incoming, bias = drawn_unit(net, scene, layer)
        loss = loss_by_outgoing(net, scene, layer, incoming, bias)
        v = torch.zeros(len(net.biases[layer + 1]), dtype=torch.float64, requires_grad=True)
        g = torch.autograd.grad(loss(v), v)[0].numpy()
        H = torch.autograd.functional.hessian(loss, v).numpy()
        expected = 0.5 * g @ np.linalg.solve(H + RIDGE * np.eye(len(g)), g)
        assert predicted_gain(net, layer, incoming, bias, scene.x, scene.y) == pytest.approx(expected, rel=1e-9)


def test_T_E4_5_a_small_step_along_the_gradient_lowers_the_loss_by_its_square():
    net, scene = trained((4,))
    incoming, bias = drawn_unit(net, scene, 0, seed=3)
    grown = net.with_unit(0, incoming, bias, np.zeros(2))
    g = backward(grown, scene.x, scene.y).weight_gradients[1][:, -1]
    before = cross_entropy(net.logits(scene.x), scene.y).mean()
    shortfall = []
    for rate in (1e-2, 1e-3):
        after = cross_entropy(net.with_unit(0, incoming, bias, -rate * g).logits(scene.x), scene.y).mean()
        shortfall.append(1 - (before - after) / (rate * g @ g))
    assert 0 < shortfall[0] < 0.2
    assert shortfall[1] == pytest.approx(shortfall[0] / 10, rel=0.1)  # it is O(rate)


def test_only_the_leading_directions_of_a_wide_layer_count():
    net, scene = trained((6, 40))
    assert response(net, 0, scene.x, scene.y).basis.shape == (40, 16)
    for seed in range(1, 5):
        incoming, bias = drawn_unit(net, scene, 0, seed)
        loss = loss_by_outgoing(net, scene, 0, incoming, bias)
        v = torch.zeros(40, dtype=torch.float64, requires_grad=True)
        g = torch.autograd.grad(loss(v), v)[0].numpy()
        H = torch.autograd.functional.hessian(loss, v).numpy()
        exact = 0.5 * g @ np.linalg.solve(H + RIDGE * np.eye(40), g)
        assert 0.8 * exact < predicted_gain(net, 0, incoming, bias, scene.x, scene.y) <= exact * (1 + 1e-9)


def test_a_normalised_net_gains_what_the_same_plain_net_does():
    net, scene = trained((5,))
    normed = type(net)(net.weights, net.biases, norms=(BatchNorm.keeping(net.preactivations(scene.x, 0)),))
    incoming, bias = drawn_unit(net, scene, 0)
    gains = [predicted_gain(one, 0, incoming, bias, scene.x, scene.y) for one in (net, normed)]
    assert gains[1] == pytest.approx(gains[0], rel=1e-9)


@pytest.mark.parametrize("case", [((4,), "relu", 2), ((4,), "leaky_relu", 3), ((5, 4), "relu", 3)])
def test_the_map_is_the_predicted_gain_of_the_best_direction(case):
    net, scene = trained(*case)
    found = gain_map(net, scene, size=5, directions=8)
    norm = net.mean_row_norm(0)
    for row, column in [(0, 0), (1, 3), (2, 2), (4, 1)]:
        place = np.array([-4 + 1.6 * (column + 0.5), -4 + 1.6 * (row + 0.5)])
        gains = []
        for angle in np.arange(8) * np.pi / 4:
            w = norm * np.array([np.cos(angle), np.sin(angle)])
            gains.append(predicted_gain(net, 0, w, -float(w @ place), scene.x, scene.y))
        assert found[row, column] == pytest.approx(max(gains), rel=1e-5, abs=1e-9)
    assert found.dtype == np.float32


def test_the_map_is_refused_off_the_plane():
    net, scene = trained((4,))
    with pytest.raises(NotPossible, match="No part of the plane is shown"):
        gain_map(net, Scene(scene.x, scene.y))
    wide = type(net)((np.ones((4, 64)), np.ones((2, 4))), (np.ones(4), np.ones(2)))
    with pytest.raises(NotPossible, match="64 inputs"):
        gain_map(wide, Scene(np.ones((3, 64)), scene.y[:3], BOX))
