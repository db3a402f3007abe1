"""Small nets and data that the curvature tests measure, all in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from foldscape.curvature import Objective


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Keep torch from spinning on cores that other tests use; nets this small gain nothing from a second one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def digits():
    """All 1,797 digits as float64 inputs in [0, 1] and their labels."""
    data = load_digits()
    return torch.tensor(data.data / 16), torch.tensor(data.target)


def briefly_trained(net, X, y, steps=60, lr=0.01):
    optimiser = torch.optim.Adam(net.parameters(), lr=lr)
    for _ in range(steps):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(X), y).backward()
        optimiser.step()
    net.zero_grad()
    return net


@pytest.fixture(scope="session")
def digits_net(digits):
    """A 64-8-10 ReLU net, P = 610, a little trained."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 10)).double()
    return briefly_trained(net, *digits)


@pytest.fixture(scope="session")
def smooth_net(digits):
    """The same with tanh, which has no kinks."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, 8), nn.Tanh(), nn.Linear(8, 10)).double()
    return briefly_trained(net, *digits)


@pytest.fixture(scope="session")
def by_hand(digits_net, digits):
    """The 64-8-10 net on the hand-written path."""
    return Objective.of(digits_net, *digits)


@pytest.fixture(scope="session")
def by_autograd(digits_net, digits):
    """The 64-8-10 net on the autograd path."""
    return Objective.of_module(digits_net, *digits)


@pytest.fixture(scope="session")
def whole(digits_net, digits):
    """The dense Hessian of the 64-8-10 net as torch builds it, row by row: the oracle."""
    shapes = [(name, parameter.shape) for name, parameter in digits_net.named_parameters()]
    theta = torch.cat([parameter.detach().reshape(-1) for parameter in digits_net.parameters()])

    def loss(flat):
        parts = torch.split(flat, [shape.numel() for _, shape in shapes])
        tensors = {name: part.view(shape) for (name, shape), part in zip(shapes, parts, strict=True)}
        return nn.functional.cross_entropy(torch.func.functional_call(digits_net, tensors, (digits[0],)), digits[1])

    return torch.autograd.functional.hessian(loss, theta).numpy()


@pytest.fixture
def rng():
    return np.random.default_rng(7)
