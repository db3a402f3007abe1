"""Batch normalisation in the plain net, against torch."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from foldscape import wire
from foldscape.losses.cross_entropy import cross_entropy
from foldscape.net.mlp import backward, initial
from foldscape.net.norm import EPSILON, BatchNorm
from foldscape.net.passes import scores
from foldscape.net.spec import NetSpec


def normed_net(activation="relu", hidden=(5, 4), layers=(0, 1), dtype=np.float64):
    rng = np.random.default_rng(3)
    net = initial(NetSpec(hidden=hidden, activation=activation, output_scale=1), 2, 3, rng)
    norms = [None] * len(hidden)
    for layer in layers:
        drawn = [rng.uniform(0.5, 1.5, hidden[layer]) for _ in range(4)]
        norms[layer] = BatchNorm(*drawn)
    return replace(net, norms=tuple(norms)).astype(dtype)


def points():
    rng = np.random.default_rng(4)
    return rng.normal(size=(60, 2)), rng.integers(0, 3, 60)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
@pytest.mark.parametrize("layers", [(), (0,), (1,), (0, 1)])
def test_forward_and_gradient_equal_autograd(activation, layers):
    net, (x, y) = normed_net(activation, layers=layers), points()
    parts = {(at, name): torch.from_numpy(part.copy()).requires_grad_() for at, name, part in net.parts()}
    h = torch.from_numpy(x)
    for layer in range(3):
        h = h @ parts[layer, "weight"].T + parts[layer, "bias"]
        if layer in layers:
            mean, var = (torch.from_numpy(part) for part in net.norms[layer].arrays()[2:])
            scale, shift = parts[layer, "gamma"], parts[layer, "beta"]
            h = torch.nn.functional.batch_norm(h, mean, var, scale, shift, training=False, eps=EPSILON)
        if layer < 2:
            h = {"relu": h.relu(), "leaky_relu": torch.nn.functional.leaky_relu(h, 0.1), "tanh": h.tanh()}[activation]
    torch.nn.functional.cross_entropy(h, torch.from_numpy(y)).backward()
    np.testing.assert_allclose(net.logits(x), h.detach().numpy(), atol=1e-12)
    passed = backward(net, x, y)
    assert len(passed.gradients) == len(net.flat()) == 6 + 2 * len(layers)
    for ours, theirs in zip(passed.gradients, parts.values(), strict=True):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), atol=1e-12)


def test_errors_are_gradients_by_the_pre_activations_before_normalisation():
    net, (x, y) = normed_net(), points()
    passed = backward(net, x, y)
    for layer, (error, inputs) in enumerate(zip(passed.errors, passed.inputs, strict=True)):
        np.testing.assert_allclose(error.T @ inputs / len(x), passed.weight_gradients[layer], atol=1e-14)


def test_scores_are_those_of_the_normalised_net():
    net, (x, y) = normed_net(dtype=np.float32), points()
    loss, accuracy, gradient = scores(net, np.ascontiguousarray(x.T), y, "cross_entropy")
    exact = net.astype(np.float64)
    assert loss == pytest.approx(cross_entropy(exact.logits(x), y).mean(), abs=1e-12)
    assert accuracy == (exact.logits(x).argmax(axis=1) == y).mean()
    assert np.linalg.norm(gradient) == pytest.approx(backward(exact, x, y).norm, abs=1e-12)
    assert len(gradient) == net.parameters


def test_the_folded_net_is_plain_and_does_the_same():
    net, (x, _) = normed_net(), points()
    folded = net.folded()
    assert not folded.is_normed
    assert folded.parameters == net.parameters - 2 * 9
    np.testing.assert_allclose(folded.logits(x), net.logits(x), atol=1e-13)
    assert folded.folded() is folded


def test_parameters_are_named_in_their_order():
    net = normed_net(layers=(1,))
    assert net.places() == [
        (0, "weight"), (0, "bias"), (1, "weight"), (1, "bias"), (1, "gamma"), (1, "beta"), (2, "weight"), (2, "bias"),
    ]  # fmt: skip
    assert net.parameters == sum(part.size for part in net.flat()) == 15 + 24 + 8 + 15


def test_a_new_unit_gets_a_blank_channel():
    net, (x, _) = normed_net(), points()
    grown = net.with_unit(0, np.array([1.0, -1.0]), 0.5, np.zeros(4))
    assert [part[-1] for part in grown.norms[0].arrays()] == [1, 0, 0, 1]
    np.testing.assert_array_equal(grown.norms[0].gamma[:-1], net.norms[0].gamma)
    assert grown.norms[1] is net.norms[1]
    np.testing.assert_allclose(grown.logits(x), net.logits(x), rtol=0, atol=1e-14)


@pytest.mark.parametrize("layers", [(), (1,), (0, 1)])
def test_the_whole_state_survives_the_wire(layers):
    net = normed_net(layers=layers, dtype=np.float32)
    _, arrays = wire.unpack(*wire.pack({}, net.state()))
    other = initial(NetSpec(hidden=(2,)), 2, 3, np.random.default_rng(0)).restored(arrays)
    assert other.places() == net.places()
    for mine, theirs in zip(other.flat(), net.flat(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    x, _ = points()
    np.testing.assert_array_equal(other.logits(x), net.logits(x))
