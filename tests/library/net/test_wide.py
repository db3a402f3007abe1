"""Layers that receive all earlier activations, against a recursion node by node and against torch."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from foldscape.curvature.overlap import flat_channels
from foldscape.growth.dead import active_share
from foldscape.losses import loss_of
from foldscape.losses.cross_entropy import cross_entropy
from foldscape.net import wide as wide_passes
from foldscape.net.mlp import Weights, backward
from foldscape.net.passes import scores
from tests.library.net.graphs import random_dag


def drawn(hidden, wide, activation="relu", inputs=3, classes=4, seed=0):
    """A net in which the layers named in ``wide`` receive everything before them."""
    rng = np.random.default_rng(seed)
    sizes = [inputs, *hidden, classes]
    fans = [sum(sizes[: k + 1]) if k in wide else sizes[k] for k in range(len(sizes) - 1)]
    weights = tuple(rng.normal(size=(out, fan)) for out, fan in zip(sizes[1:], fans, strict=True))
    return Weights(weights, tuple(rng.normal(size=size) for size in sizes[1:]), activation, 0.1)


def by_torch(net, x, y):
    parts = [torch.from_numpy(part.copy()).requires_grad_() for part in net.flat()]
    seen = [torch.from_numpy(x)]
    bend = {"relu": torch.relu, "leaky_relu": lambda z: torch.where(z >= 0, z, 0.1 * z), "tanh": torch.tanh}
    for weight, bias in zip(parts[0::2], parts[1::2], strict=True):
        h = seen[-1] if weight.shape[1] == seen[-1].shape[1] else torch.cat(seen, dim=1)
        z = h @ weight.T + bias
        seen.append(bend[net.activation](z))
    loss = torch.nn.functional.cross_entropy(z, torch.from_numpy(y))
    return z.detach().numpy(), loss.item(), [grad.numpy() for grad in torch.autograd.grad(loss, parts)]


NETS = [((5, 3, 2), {1, 2, 3}), ((5, 3, 2), {3}), ((4,), {1}), ((4, 2), {1}), ((6, 1, 1, 2), {2, 3, 4})]


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
@pytest.mark.parametrize(("hidden", "wide"), NETS)
def test_wide_layers_pass_and_differentiate_as_in_torch(hidden, wide, activation):
    net = drawn(hidden, wide, activation)
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(40, 3)), rng.integers(0, 4, 40)
    logits, loss, gradients = by_torch(net, x, y)
    assert net.is_wide
    np.testing.assert_allclose(net.logits(x), logits, atol=1e-12)
    assert cross_entropy(net.logits(x), y).mean() == pytest.approx(loss, abs=1e-12)
    for mine, theirs in zip(backward(net, x, y).gradients, gradients, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-12)
    found = scores(net, np.ascontiguousarray(x.T), y, "cross_entropy")
    np.testing.assert_allclose(found.gradient, np.concatenate([part.ravel() for part in gradients]), atol=1e-12)


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
@pytest.mark.parametrize("hidden", [0, 7])
def test_a_graph_scores_the_same_however_many_points_pass_at_once(monkeypatch, hidden, loss):
    net = random_dag(np.random.default_rng(3), hidden=hidden, activation="tanh")
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(101, 4)), rng.integers(0, 3, 101)
    (expected,) = backward(net, x, y, loss_of(loss).error).gradients
    for at_once in (wide_passes.AT_ONCE, 10):
        monkeypatch.setattr(wide_passes, "AT_ONCE", at_once)
        found = scores(net, np.ascontiguousarray(x.T), y, loss)
        np.testing.assert_allclose(found.gradient, expected, atol=1e-14)
        assert found.loss == pytest.approx(loss_of(loss).values(net.logits(x), y).mean(), rel=1e-13)
        assert found.accuracy == (net.logits(x).argmax(axis=1) == y).mean()
        np.testing.assert_allclose(net.logits(x), net.layered().logits(x), atol=1e-12)
        assert len(active_share(net, x)) == len(net.hidden)
        for mine, theirs in zip(active_share(net, x), active_share(net.layered(), x), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert net.logits(x[:0]).shape == (0, 3)


def test_a_plain_layer_is_a_wide_one_whose_other_weights_are_zero():
    wide = drawn((5, 3), {1, 2})
    first, second, last = wide.weights
    plain = replace(wide, weights=(first, second[:, 3:], last[:, 8:]))
    second[:, :3], last[:, :8] = 0, 0
    x = np.random.default_rng(2).normal(size=(20, 3))
    assert not plain.is_wide
    np.testing.assert_allclose(plain.logits(x), wide.logits(x), atol=1e-13)
    for mine, theirs in zip(active_share(plain, x), active_share(wide, x), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_outgoing_weights_lead_from_the_units_of_one_layer():
    mixed = drawn((5, 3, 2), {3})
    np.testing.assert_array_equal(mixed.outgoing(0), np.concatenate([mixed.weights[1], mixed.weights[3][:, 3:8]]).T)
    np.testing.assert_array_equal(mixed.outgoing(2), mixed.weights[3][:, 11:].T)


def test_twins_with_opposite_outgoing_weights_are_a_flat_channel_of_a_wide_net():
    net = drawn((4, 2), {1, 2})
    net.weights[0][1], net.biases[0][1] = net.weights[0][0], net.biases[0][0]
    for weight in net.weights[1:]:
        weight[:, 3:5] *= 10
        weight[:, 4] = -weight[:, 3]
    assert [(pair.layer, pair.units) for pair in flat_channels(net)] == [(0, (0, 1))]
