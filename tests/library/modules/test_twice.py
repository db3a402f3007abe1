"""What is quicker to differentiate twice gives what torch's own functions give."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from foldscape.modules.twice import QuickTwice
from foldscape.net.kinds.cnn import CnnSpec
from foldscape.net.kinds.resnet import ResnetSpec


def second(net, x, y, quick):
    """Give the gradient, and the Hessian times a drawn vector."""
    parameters = [one for one in net.parameters() if one.requires_grad]
    draws = torch.Generator().manual_seed(1)
    along = [torch.randn(one.shape, generator=draws, dtype=one.dtype) for one in parameters]
    if quick:
        with QuickTwice():
            loss = functional.cross_entropy(net(x), y)
    else:
        loss = functional.cross_entropy(net(x), y)
    slopes = torch.autograd.grad(loss, parameters, create_graph=True)
    return [*slopes, *torch.autograd.grad(slopes, parameters, along)]


def planned(spec, shape):
    return spec.first_on(shape, 3, np.random.default_rng(0)).module()


def normed():
    return nn.Sequential(nn.Conv2d(2, 4, 3, stride=2, padding=1), nn.BatchNorm2d(4), nn.Tanh(), nn.Flatten())


NETS = {
    "cnn": lambda: planned(CnnSpec(wiring="cnn"), (2, 8, 8)),
    "resnet": lambda: planned(ResnetSpec(wiring="resnet", width=4), (2, 8, 8)),
    "bias before a norm": lambda: nn.Sequential(normed(), nn.Linear(64, 3)),
    "groups": lambda: nn.Sequential(
        nn.Conv2d(2, 4, (3, 2), groups=2, dilation=(1, 2)), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3)
    ),
    "same": lambda: nn.Sequential(nn.Conv2d(2, 1, 3, padding="same"), nn.Tanh(), nn.Flatten(), nn.Linear(64, 3)),
    "norm alone": lambda: nn.Sequential(nn.BatchNorm2d(2, affine=False), nn.Flatten(), nn.Linear(128, 3)),
    "changed in place": lambda: nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.ReLU(inplace=True), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 3)
    ),
    "one axis": lambda: nn.Sequential(
        nn.Flatten(2), nn.Conv1d(2, 3, 5), nn.BatchNorm1d(3), nn.GELU(), nn.Flatten(), nn.Linear(180, 3)
    ),
    "three axes": lambda: nn.Sequential(
        nn.Unflatten(1, (1, 2)), nn.Conv3d(1, 2, (2, 3, 3)), nn.Tanh(), nn.Flatten(), nn.Linear(72, 3)
    ),
}


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("training", [False, True])
def test_both_derivatives_are_those_of_torch(name, training):
    torch.manual_seed(0)
    net = NETS[name]().double()
    x, y = torch.randn(6, 2, 8, 8, dtype=torch.float64), torch.arange(6) % 3
    net.train()(x)  # statistics that are not those of the start
    net.train(training)
    for found, wanted in zip(second(net, x, y, True), second(net, x, y, False), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-9, atol=1e-11)


def test_a_number_at_zero_keeps_its_slope_of_one():
    for dtype in (torch.float32, torch.float64):
        z = torch.tensor([-1.0, -0.0, 0.0, 2.0], dtype=dtype, requires_grad=True)
        with QuickTwice():
            z.clamp_min(0).sum().backward()
        assert z.grad.tolist() == [0, 1, 1, 1]


def test_many_samples_gradients_at_once_can_be_taken():
    net = nn.Conv2d(1, 2, 3).double()
    x = torch.randn(5, 1, 4, 4, dtype=torch.float64)

    def loss(weight, one):
        with QuickTwice():
            return torch.conv2d(one[None], weight, net.bias).square().sum()

    each = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0))(net.weight, x)
    alone = torch.autograd.grad(net(x).square().sum(), net.weight)[0]
    torch.testing.assert_close(each.sum(0), alone)
