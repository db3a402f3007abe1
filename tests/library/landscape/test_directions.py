"""Directions and their sizes."""

import numpy as np
import pytest
import torch
from torch import nn

from foldscape.curvature import Objective
from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape.direction import (
    Direction,
    eigen_directions,
    gradient_direction,
    random_direction,
    towards,
)
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.vectors import rows, weight_blocks


@pytest.fixture(scope="module")
def net(moons, moons_net):
    return Evaluator.of(moons_net, *moons)


def rescaled(net, factor):
    """The same function: the first layer times a factor, the second divided by it."""
    theta = net.theta.copy()
    for block in net.blocks:
        if block.name.startswith("0."):
            theta[block.span] *= factor
        if block.name == "2.weight":
            theta[block.span] /= factor
    return theta


def test_every_filter_gets_the_norm_that_it_has_in_the_net(net):
    """T-F1-1."""
    found = random_direction(net.theta, net.blocks, seed=3)
    for block in weight_blocks(net.blocks):
        own, drawn = (np.linalg.norm(rows(v, block), axis=1) for v in (net.theta, found.vector))
        np.testing.assert_allclose(drawn, own, rtol=1e-8)
    biases = [block for block in net.blocks if len(block.shape) == 1]
    assert all(not found.vector[block.span].any() for block in biases)
    free = random_direction(net.theta, net.blocks, seed=3, biases="free")
    assert all(
        np.linalg.norm(free.vector[block.span]) == pytest.approx(np.linalg.norm(net.theta[block.span]))
        for block in biases
    )


def test_the_other_modes_keep_their_rule(net):
    layer, weight, none = (random_direction(net.theta, net.blocks, 3, mode) for mode in ("layer", "weight", "none"))
    drawn = np.random.default_rng(3).standard_normal(net.size)
    for block in weight_blocks(net.blocks):
        own = net.theta[block.span]
        assert np.linalg.norm(layer.vector[block.span]) == pytest.approx(np.linalg.norm(own))
        np.testing.assert_array_equal(weight.vector[block.span], drawn[block.span] * own)
        np.testing.assert_array_equal(none.vector[block.span], drawn[block.span])
    with pytest.raises(InvalidInput, match="no normalisation"):
        random_direction(net.theta, net.blocks, mode="channel")


def test_a_filter_normalised_curve_does_not_see_a_rescaling_of_layers(net):
    """T-F1-2: the filter-normalised curve is the same to 1e-6, the plain one is not."""
    t, other = np.linspace(-1, 1, 21), rescaled(net, 4.0)
    curves = {
        mode: [
            net.on_line(t, random_direction(theta, net.blocks, 1, mode).vector, theta).loss
            for theta in (net.theta, other)
        ]
        for mode in ("filter", "none")
    }
    np.testing.assert_allclose(*curves["filter"], rtol=1e-6, atol=1e-6)
    assert np.abs(curves["none"][0] - curves["none"][1]).max() > 0.01


def test_neuron_relative_steps_move_neurons_by_their_own_size(net):
    random = random_direction(net.theta, net.blocks, seed=0)
    assert random.scaled("neuron-relative", net.theta).norm == pytest.approx(random.norm)
    long = random.times(7.0, "anything").scaled("neuron-relative", net.theta)
    np.testing.assert_allclose(long.vector, random.vector, rtol=1e-7)
    assert long.unit == "neuron sizes"
    doubled = random.scaled("neuron-relative", 2 * net.theta)
    assert doubled.norm == pytest.approx(2 * random.norm)


def test_eigenvectors_bend_the_loss_as_they_say(moons, moons_net):
    objective = Objective.of(moons_net, *moons)
    v1, v2 = eigen_directions(objective, 2, method="dense")
    assert v1.believed
    assert v1.cosine(v2) == pytest.approx(0, abs=1e-9)
    relative = v1.scaled("neuron-relative", objective.theta)
    assert relative.curvature == pytest.approx(relative.vector @ objective.hvp(None, relative.vector))
    uphill = gradient_direction(objective)
    assert uphill.norm == pytest.approx(1)
    assert objective.loss(objective.theta + 1e-4 * uphill.vector) > objective.loss()


def test_orthogonal_keeps_the_length_and_the_plane(net):
    first, second = (random_direction(net.theta, net.blocks, seed) for seed in (0, 1))
    assert abs(first.cosine(second)) > 1e-3
    turned = second.orthogonal_to(first)
    assert turned.cosine(first) == pytest.approx(0, abs=1e-12)
    assert turned.norm == pytest.approx(second.norm)
    assert np.linalg.matrix_rank(np.stack([first.vector, second.vector, turned.vector]), tol=1e-8) == 2
    with pytest.raises(NotPossible, match="parallel"):
        first.times(-2, "x").orthogonal_to(first)


def test_the_way_to_another_net_ends_there(net):
    other = net.theta + 1
    way = towards(net.theta, other, net.blocks)
    np.testing.assert_array_equal(net.theta + way.vector, other)
    with pytest.raises(InvalidInput, match="no difference"):
        towards(net.theta, other[1:], net.blocks)


def test_a_direction_without_length_has_no_scale(net):
    still = Direction("nothing", np.zeros(net.size), net.blocks)
    with pytest.raises(NotPossible, match="length 0"):
        still.scaled("unit", net.theta)
    with pytest.raises(InvalidInput, match="no scale"):
        still.scaled("log", net.theta)


class Conv1D(nn.Module):
    """A linear layer that keeps its weight as (inputs, outputs), as some language models have it."""

    def __init__(self, nf, nx):
        super().__init__()
        self.nf, self.weight, self.bias = nf, nn.Parameter(torch.randn(nx, nf)), nn.Parameter(torch.zeros(nf))

    def forward(self, x):
        return x @ self.weight + self.bias


@pytest.mark.parametrize("wrapped", [False, True])
def test_filters_are_those_of_an_output_channel_whatever_the_layout(wrapped):
    torch.manual_seed(0)
    up = nn.ConvTranspose2d(3, 5, 2)
    net = nn.Sequential(nn.utils.parametrizations.spectral_norm(up) if wrapped else up, nn.Flatten(), Conv1D(2, 45))
    evaluator = Evaluator.of_module(net, torch.randn(4, 3, 2, 2), torch.arange(4) % 2)
    found = random_direction(evaluator.theta, evaluator.blocks, 1)
    drawn = {block.name: found.vector[block.span].reshape(block.shape) for block in evaluator.blocks}
    own = {name: parameter.detach().double().numpy() for name, parameter in net.named_parameters()}
    name = "0.parametrizations.weight.original" if wrapped else "0.weight"
    np.testing.assert_allclose(np.sqrt((drawn[name] ** 2).sum((0, 2, 3))), np.sqrt((own[name] ** 2).sum((0, 2, 3))))
    np.testing.assert_allclose(np.linalg.norm(drawn["2.weight"], axis=0), np.linalg.norm(own["2.weight"], axis=0))
    assert found.scaled("neuron-relative", evaluator.theta).norm == pytest.approx(found.norm)
    if not wrapped:
        plain = np.random.default_rng(1).standard_normal(evaluator.size)[evaluator.blocks[0].span].reshape(3, 5, 2, 2)
        sizes = np.sqrt((own[name] ** 2).sum((0, 2, 3)) / (plain**2).sum((0, 2, 3)))
        np.testing.assert_allclose(drawn[name], plain * sizes[:, None, None])
