"""Loss sensitivity against autograd, and the Gini coefficient by its two formulas."""

import numpy as np
import pytest
import torch

from foldscape.memorisation import gini, sensitivity
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec


@pytest.mark.parametrize("count", [1, 2, 7, 60])
def test_the_two_formulas_of_the_gini_coefficient_agree(count):
    """T-B4-5: all pairs against the sorted sum, to 1e-12; of equal numbers it is 0."""
    values = np.random.default_rng(count).gamma(0.5, size=count)
    by_pairs = np.abs(values[:, None] - values).sum() / (2 * count * values.sum())
    ordered = np.sort(values)
    by_rank = 2 * (np.arange(1, count + 1) * ordered).sum() / (count * values.sum()) - (count + 1) / count
    assert abs(gini(values) - by_pairs) <= 1e-12
    assert abs(gini(values) - by_rank) <= 1e-12
    assert gini(np.full(count, 0.7)) == pytest.approx(0, abs=1e-15)


def test_no_coefficient_is_given_of_what_has_none():
    assert np.isnan(gini(np.zeros(4)))
    assert np.isnan(gini(np.array([1.0, np.nan])))
    assert np.isnan(gini(np.zeros(0)))


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
def test_sensitivity_is_the_norm_of_the_gradient_of_each_examples_own_loss(loss):
    net = initial(NetSpec(hidden=(8, 6), activation="tanh", output_scale=1), 5, 3, np.random.default_rng(0)).astype(
        np.float64
    )
    x, y = np.random.default_rng(1).normal(size=(30, 5)), np.arange(30) % 3
    inputs = torch.tensor(x, requires_grad=True)
    hidden = inputs
    for weight, bias in zip(net.weights[:-1], net.biases[:-1], strict=True):
        hidden = torch.tanh(hidden @ torch.tensor(weight).T + torch.tensor(bias))
    outputs = hidden @ torch.tensor(net.weights[-1]).T + torch.tensor(net.biases[-1])
    from foldscape.losses import loss_of

    loss_of(loss).each(outputs, torch.tensor(y)).sum().backward()
    assert np.allclose(sensitivity(net, x, y, loss), inputs.grad.abs().sum(1).numpy(), atol=1e-12)
