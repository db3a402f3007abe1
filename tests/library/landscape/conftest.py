"""Small trained nets to look around in."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits, make_moons
from torch import nn


def trained(net, x, y, steps, lr=0.01):
    x, y = torch.as_tensor(x), torch.as_tensor(y)
    optimiser = torch.optim.Adam(net.parameters(), lr=lr)
    for _ in range(steps):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net


def arrays(net):
    """Weights and biases of a stack of linear layers."""
    linear = [layer for layer in net if isinstance(layer, nn.Linear)]
    return (
        [layer.weight.detach().numpy().copy() for layer in linear],
        [layer.bias.detach().numpy().copy() for layer in linear],
    )


@pytest.fixture(scope="session")
def moons():
    x, y = make_moons(200, noise=0.2, random_state=0)
    return x.astype(np.float32), y.astype(np.int64)


@pytest.fixture(scope="session")
def moons_net(moons):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))
    return trained(net, *moons, 200)


@pytest.fixture(scope="session")
def digits():
    data = load_digits()
    return (data.data / 16).astype(np.float32), data.target.astype(np.int64)
