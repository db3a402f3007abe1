"""The net as plain arrays, against torch."""

import numpy as np
import pytest
import torch

from foldscape.net.mlp import backward, cross_entropy, initial
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
