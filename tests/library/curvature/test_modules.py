"""Any torch module: convolutions, batch norm, loaders, and the parts that cannot be differentiated twice."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from foldscape.curvature import (
    Objective,
    flatness,
    frobenius,
    gradient_noise,
    loss_slice,
    matrix,
    noise_curvature,
    sharpness,
    spectral_density,
    top_eigenpairs,
    trace,
)
from foldscape.errors import InvalidInput, NotPossible


class Residual(nn.Module):
    """A block with a skip and batch norm."""

    def __init__(self, channels):
        super().__init__()
        self.first, self.second = (nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(2))
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(2))

    def forward(self, x):
        return torch.relu(x + self.norms[1](self.second(torch.relu(self.norms[0](self.first(x))))))


@pytest.fixture(scope="module")
def conv():
    """A small residual net in training mode, with statistics from one batch, and 60 images."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2), Residual(4), nn.Flatten(), nn.Linear(36, 3)).double()
    X, y = torch.randn(60, 1, 8, 8, dtype=torch.float64), torch.randint(0, 3, (60,))
    net(X)
    return net, X, y


@pytest.fixture(scope="module")
def objective(conv):
    return Objective.of_module(*conv, chunk=25)


def test_every_measure_takes_a_residual_net_and_leaves_it_bit_identical(conv, objective):
    net = conv[0]
    before = {name: value.clone() for name, value in net.state_dict().items()}
    whole = objective.dense_hessian()
    assert top_eigenpairs(objective, method="lanczos", tol=1e-6).values[0] == pytest.approx(
        np.linalg.eigvalsh(whole)[-1], rel=1e-6
    )
    estimate = trace(objective, probes=60)
    assert abs(estimate.value - whole.trace()) <= 4 * estimate.standard_error
    assert gradient_noise(objective).covariance_trace == pytest.approx(
        matrix(objective, "gradient_covariance").dense().trace(), rel=1e-9
    )
    spectral_density(objective, steps=20, runs=1)
    frobenius(objective, probes=4)
    flatness(objective, granularity="layer")
    noise_curvature(objective)
    sharpness(objective, steps=2, draws=2)
    loss_slice(objective, objective.gradient(), points=5)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert all(part.training for part in net.modules())
    assert all(parameter.grad is None for parameter in net.parameters())


def test_a_loader_is_read_once(conv, objective):
    net, X, y = conv
    by_loader = Objective.of_module(net, DataLoader(TensorDataset(X, y), batch_size=16))
    assert by_loader.samples == 60
    assert by_loader.loss() == pytest.approx(objective.loss(), rel=1e-12)
    with pytest.raises(InvalidInput, match="without labels"):
        Objective.of_module(net, X)
    with pytest.raises(InvalidInput, match="empty"):
        Objective.of_module(net, [])


class Doubled(nn.Module):
    """Doubles its input in place."""

    def forward(self, x):
        return x.mul_(2)


class Detached(nn.Module):
    """Cuts the graph."""

    def forward(self, x):
        return x.detach()


class Once(torch.autograd.Function):
    """A square with a first derivative only."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        return 2 * ctx.saved_tensors[0] * gradient


class Squared(nn.Module):
    """Applies it."""

    def forward(self, x):
        return Once.apply(x)


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([nn.Linear(4, 5), nn.Tanh(), Doubled(), nn.Linear(5, 2)], r"'2' \(Doubled\) changes its input in place"),
        ([nn.Linear(4, 5), Squared(), nn.Linear(5, 2)], r"'1' \(Squared\) cannot be differentiated twice"),
        ([nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 2), Detached()], r"'3' \(Detached\) lets no gradient through"),
    ],
)
def test_the_part_that_cannot_be_differentiated_is_named(layers, said):
    objective = Objective.of_module(nn.Sequential(*layers), torch.randn(20, 4), torch.randint(0, 2, (20,)))
    with pytest.raises(NotPossible, match=said):
        top_eigenpairs(objective)


def test_relu_in_place_is_fine():
    torch.manual_seed(0)
    layers = [nn.Linear(4, 5), nn.ReLU(inplace=True), nn.Linear(5, 2)]
    X, y = torch.randn(20, 4), torch.randint(0, 2, (20,))
    one, other = (Objective.of_module(nn.Sequential(layers[0], act, layers[2]), X, y) for act in (layers[1], nn.ReLU()))
    assert top_eigenpairs(one).values == pytest.approx(top_eigenpairs(other).values, rel=1e-6)


def test_progress_of_a_search_is_told(objective):
    told = []
    found = top_eigenpairs(objective, method="lanczos", progress=lambda done, of: told.append((done, of)))
    assert [done for done, _ in told][-1] == found.iterations
    assert {of for _, of in told} == {320}
