"""The losses a run can train on: their derivatives, and every part of the product that takes them."""

import numpy as np
import pytest
import torch

from foldscape.curvature import Objective, trace
from foldscape.losses import LOSSES, loss_of
from foldscape.net.mlp import backward, initial
from foldscape.net.passes import scores
from foldscape.net.spec import NetSpec

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(40, 5)), RNG.integers(0, 3, 40)
NETS = {kind: initial(NetSpec(hidden=(6, 4), activation=kind, output_scale=1), 5, 3, RNG) for kind in ("tanh", "relu")}


def objective(net, loss):
    return Objective.of_mlp(net.weights, net.biases, net.activation, X, Y, loss=loss)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_output_error_is_the_derivative_of_the_loss(loss):
    outputs, step = RNG.normal(size=(40, 3)), 1e-6
    values, error = loss_of(loss).values, loss_of(loss).error
    for k in range(3):
        moved = step * np.eye(3)[k]
        slope = (values(outputs + moved, Y) - values(outputs - moved, Y)) / (2 * step)
        np.testing.assert_allclose(error(outputs, Y)[:, k], slope, atol=1e-8)


def test_mse_is_half_the_squared_distance_from_the_class_averaged_over_the_examples():
    """The convention of Cohen et al. 2021 (arXiv 2103.00065)."""
    outputs = RNG.normal(size=(40, 3))
    target = torch.nn.functional.one_hot(torch.from_numpy(Y), 3).double()
    theirs = 0.5 * torch.nn.functional.mse_loss(torch.from_numpy(outputs), target, reduction="sum") / 40
    assert loss_of("mse").values(outputs, Y).mean() == pytest.approx(float(theirs), rel=1e-12)


@pytest.mark.parametrize("activation", NETS)
def test_scores_curvature_and_backward_agree_on_the_mse(activation):
    net = NETS[activation].astype(np.float64)
    measured = scores(net, X.T, Y, "mse")
    curved = objective(net, "mse")
    assert measured.loss == pytest.approx(curved.loss(), rel=1e-12)
    np.testing.assert_allclose(measured.gradient, curved.gradient(), atol=1e-12)
    passed = backward(net, X, Y, loss_of("mse").error)
    np.testing.assert_allclose(measured.gradient, np.concatenate([g.ravel() for g in passed.gradients]), atol=1e-12)


@pytest.mark.parametrize("activation", NETS)
def test_the_hessian_of_the_mse_is_that_of_autograd(activation):
    """T-0-1 and T-0-2 for the squared error."""
    net = NETS[activation].astype(np.float64)
    curved = objective(net, "mse")
    target = torch.nn.functional.one_hot(torch.from_numpy(Y), 3).double()
    shapes = [part.shape for part in net.flat()]
    act = {"tanh": torch.tanh, "relu": torch.relu}[activation]

    def loss(theta):
        parts = iter(torch.split(theta, [int(np.prod(shape)) for shape in shapes]))
        h, it = torch.from_numpy(X), iter(shapes)
        for layer in range(3):
            w, b = next(parts).reshape(next(it)), next(parts).reshape(next(it))
            h = h @ w.T + b
            h = act(h) if layer < 2 else h
        return 0.5 * (h - target).square().sum(dim=1).mean()

    exact = torch.autograd.functional.hessian(loss, torch.from_numpy(curved.theta)).numpy()
    np.testing.assert_allclose(curved.dense_hessian(), exact, atol=1e-10)
    vectors = RNG.normal(size=(3, curved.size))
    np.testing.assert_allclose(curved.hvp(None, vectors), vectors @ exact, atol=1e-10)
    assert trace(curved, probes=4000, rng=0).value == pytest.approx(np.trace(exact), rel=0.05)
