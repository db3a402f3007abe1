"""The net as plain arrays, against torch."""

import numpy as np
import pytest
import torch

from foldscape.losses.cross_entropy import cross_entropy
from foldscape.net import kernels
from foldscape.net.mlp import backward, initial
from foldscape.net.passes import scores, shape_of
from foldscape.net.spec import NetSpec


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
@pytest.mark.parametrize("hidden", [(), (4,), (5, 3, 2)])
def test_forward_and_gradient_equal_autograd(activation, hidden):
    rng = np.random.default_rng(2)
    spec = NetSpec(hidden=hidden, activation=activation, output_scale=1)
    net = initial(spec, 2, 3, rng).astype(np.float64)
    x, y = rng.normal(size=(50, 2)), rng.integers(0, 3, 50)
    parts = [torch.from_numpy(part.copy()).requires_grad_() for part in net.flat()]
    h = torch.from_numpy(x)
    for index in range(0, len(parts) - 2, 2):
        z = h @ parts[index].T + parts[index + 1]
        h = {"relu": z.relu(), "leaky_relu": torch.nn.functional.leaky_relu(z, 0.1), "tanh": z.tanh()}[activation]
    logits = h @ parts[-2].T + parts[-1]
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(y))
    loss.backward()
    np.testing.assert_allclose(net.logits(x), logits.detach().numpy(), atol=1e-12)
    assert cross_entropy(net.logits(x), y).mean() == pytest.approx(loss.item(), abs=1e-12)
    passed = backward(net, x, y)
    ours = [part for pair in zip(passed.weight_gradients, passed.bias_gradients, strict=True) for part in pair]
    for mine, part in zip(ours, parts, strict=True):
        np.testing.assert_allclose(mine, part.grad.numpy(), atol=1e-12)


def test_first_weights_are_uniform_within_the_bound_of_the_fan_in():
    net = initial(NetSpec(hidden=(64,), output_scale=1), 16, 2, np.random.default_rng(0))
    assert np.abs(net.weights[0]).max() <= 0.25
    assert np.abs(net.weights[0]).max() > 0.24
    assert np.abs(net.biases[1]).max() <= 0.125


def test_output_scale_zero_starts_with_a_constant_function():
    net = initial(NetSpec(hidden=(4,), output_scale=0), 2, 2, np.random.default_rng(0))
    assert np.ptp(net.logits(np.random.default_rng(1).normal(size=(9, 2))), axis=0).max() == 0


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
@pytest.mark.parametrize("hidden", [(), (4,), (16, 5)])
def test_compiled_passes_equal_the_plain_ones(activation, hidden):
    rng = np.random.default_rng(4)
    net = initial(NetSpec(hidden=hidden, activation=activation, output_scale=1), 2, 3, rng).astype(np.float64)
    x, y = rng.normal(size=(77, 2)), rng.integers(0, 3, 77)
    loss, accuracy, gradient = scores(net, np.ascontiguousarray(x.T), y, "cross_entropy")
    passed = backward(net, x, y)
    pairs = zip(passed.weight_gradients, passed.bias_gradients, strict=True)
    assert loss == pytest.approx(cross_entropy(net.logits(x), y).mean(), abs=1e-13)
    assert accuracy == (net.logits(x).argmax(axis=1) == y).mean()
    np.testing.assert_allclose(gradient, np.concatenate([part.ravel() for pair in pairs for part in pair]), atol=1e-13)
    theta = np.concatenate([part.ravel() for part in net.flat()])
    several = kernels.mean_losses(np.stack([theta, 2 * theta]), *shape_of(net), np.ascontiguousarray(x.T), y)
    assert several[0] == pytest.approx(loss, abs=1e-13)
    assert several[1] != several[0]


def test_scores_without_points_are_not_a_number():
    net = initial(NetSpec(hidden=(2,)), 2, 2, np.random.default_rng(0))
    assert np.isnan(scores(net, np.zeros((2, 0)), np.zeros(0, np.int64), "cross_entropy")[:2]).all()


def test_a_net_that_blew_up_scores_no_finite_loss():
    net = initial(NetSpec(hidden=(2,), output_scale=1), 2, 2, np.random.default_rng(0)).astype(np.float64)
    net.weights[0][0, 0] = np.nan
    assert not np.isfinite(scores(net, np.ones((2, 5)), np.zeros(5, np.int64), "cross_entropy").loss)
