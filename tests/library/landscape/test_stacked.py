"""Planes of any module: nets stacked, first layers added up, samples cut; the values are those of plain passes."""

import numpy as np
import pytest
import torch
from torch import nn

from foldscape.curvature.halves import set_threads
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.module import ModuleEvaluator
from foldscape.modules.batch_loss import BatchLoss
from foldscape.net.kinds.cnn import CnnSpec
from foldscape.net.kinds.resnet import ResnetSpec


class Residual(nn.Module):
    """A dense net with a skip, a norm and two layers that read the data."""

    def __init__(self):
        super().__init__()
        self.one, self.other, self.out = nn.Linear(128, 6), nn.Linear(128, 6, bias=False), nn.Linear(6, 3)
        self.norm, self.inner = nn.LayerNorm(6), nn.Linear(6, 6)

    def forward(self, x):
        h = torch.tanh(self.one(x.flatten(1))) * self.other(x.flatten(1))
        return self.out(h + torch.relu(self.inner(self.norm(h))))


class Twice(nn.Module):
    """A layer that reads the data, and then itself."""

    def __init__(self):
        super().__init__()
        self.layer, self.out = nn.Linear(128, 128), nn.Linear(128, 3)

    def forward(self, x):
        return self.out(self.layer(torch.relu(self.layer(x.flatten(1)))))


class Looking(nn.Module):
    """It looks into its numbers, which cannot be done for many nets at once."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(128, 3)

    def forward(self, x):
        z = self.layer(x.flatten(1))
        return z if float(z.detach().mean()) > 0 else 2 * z


class Counting(nn.Module):
    """It counts its passes in a buffer, and answers by that."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(128, 3)
        self.register_buffer("passes", torch.zeros(()))

    def forward(self, x):
        self.passes += 1
        return self.layer(x.flatten(1)) * self.passes


def planned(spec):
    return spec.first_on((2, 8, 8), 3, np.random.default_rng(0)).module()


NETS = {
    "cnn": lambda: planned(CnnSpec(wiring="cnn")),
    "resnet": lambda: planned(ResnetSpec(wiring="resnet", width=4)),
    "residual": Residual,
    "twice": Twice,
    "looking": Looking,
    "counting": Counting,
    "in place": lambda: nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(144, 3)),
    "mean of places": lambda: nn.Sequential(
        nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    ),
}
READ_DATA_ALONE = {
    "cnn": 1,
    "resnet": 1,
    "residual": 2,
    "twice": 0,
    "looking": 1,
    "counting": 1,
    "in place": 1,
    "mean of places": 1,
}


def measured(name, loss="cross_entropy", samples=40):
    torch.manual_seed(0)
    net = NETS[name]()
    x, y = torch.randn(samples, 2, 8, 8), torch.arange(samples) % 3
    net.train()(x)
    return ModuleEvaluator(net, x, y, loss), net, x, y


def plainly(net, x, y, evaluator, theta, loss=nn.functional.cross_entropy):
    with evaluator.net.placed(evaluator.net.tensor(theta)), torch.no_grad():
        outputs = net(x)
        return float(loss(outputs, y)), float((outputs.argmax(1) == y).float().mean())


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("second", [True, False])
def test_a_plane_has_the_losses_of_plain_passes(name, second):
    evaluator, net, x, y = measured(name)
    before = {key: value.clone() for key, value in net.state_dict().items()}
    rng = np.random.default_rng(1)
    first, other = 0.3 * np.abs(evaluator.theta) * rng.standard_normal((2, evaluator.size))
    a, b = np.tile(np.linspace(-1, 1, 7), 7), np.repeat(np.linspace(-1, 1, 7), 7) * second
    found = evaluator.on_plane(a, b, first, other if second else None)
    wanted = [plainly(net, x, y, evaluator, evaluator.theta + i * first + j * other) for i, j in zip(a, b, strict=True)]
    np.testing.assert_allclose(found.loss, [loss for loss, _ in wanted], rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(found.accuracy, [right for _, right in wanted], atol=1.01 / len(y))
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())
    assert len(evaluator._stack.first.layers) == READ_DATA_ALONE[name]


def test_small_nets_are_stacked_and_those_that_cannot_be_are_not():
    assert measured("residual")[0]._stack.at_once > 1
    assert measured("looking")[0]._stack.at_once == 1
    assert measured("cnn", samples=3000)[0]._stack.at_once == 1


@pytest.mark.parametrize(
    "loss", ["mse", "bce", nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 3.0])), nn.NLLLoss()]
)
def test_any_loss_can_be_measured_of_stacked_nets(loss):
    evaluator, net, x, y = measured("residual")
    y = nn.functional.one_hot(y, 3).float() if loss in ("mse", "bce") else y
    evaluator = ModuleEvaluator(net, x, y, loss)
    direction = 0.3 * np.random.default_rng(1).standard_normal(evaluator.size)
    found = evaluator.on_line(np.linspace(0.1, 1, 12), direction)
    alone = [evaluator.at(evaluator.theta + t * direction).loss[0] for t in np.linspace(0.1, 1, 12)]
    assert evaluator._stack.at_once > 1
    np.testing.assert_allclose(found.loss, alone, rtol=2e-5)


def test_a_loss_of_net_and_batch_is_measured_too():
    torch.manual_seed(0)
    net = Residual()
    x = torch.randn(30, 2, 8, 8)
    evaluator = ModuleEvaluator(net, x, None, BatchLoss(lambda module, batch: module(batch).square().mean()))
    direction = 0.3 * np.random.default_rng(1).standard_normal(evaluator.size)
    found = evaluator.on_line(np.linspace(0.1, 1, 9), direction)
    alone = [evaluator.at(evaluator.theta + t * direction).loss[0] for t in np.linspace(0.1, 1, 9)]
    np.testing.assert_allclose(found.loss, alone, rtol=2e-5)
    assert np.isnan(found.accuracy).all()


def test_statistics_are_renewed_at_every_point():
    evaluator, net, x, y = measured("resnet")
    renewing = Evaluator.of_module(net, x, y, norm_data=x)
    direction = 0.3 * np.abs(evaluator.theta) * np.random.default_rng(1).standard_normal(evaluator.size)
    found = renewing.on_line([0.5, 1.0], direction).loss
    alone = [renewing.at(renewing.theta + t * direction).loss[0] for t in (0.5, 1.0)]
    np.testing.assert_allclose(found, alone, rtol=1e-6)
    assert not np.allclose(found, evaluator.on_line([0.5, 1.0], direction).loss, rtol=1e-3)


def test_points_that_are_not_finite_stay_apart():
    evaluator, *_ = measured("residual")
    direction = np.ones(evaluator.size)
    found = evaluator.on_line([0.1, 1e30, 0.2, 0.3, 0.4], direction)
    assert np.isfinite(found.loss).tolist() == [True, False, True, True, True]
    assert np.isfinite(found.accuracy).tolist() == np.isfinite(found.loss).tolist()


def test_no_bit_depends_on_the_threads():
    evaluator, *_ = measured("resnet", samples=2000)
    direction = 0.3 * np.abs(evaluator.theta) * np.random.default_rng(1).standard_normal(evaluator.size)
    found = []
    try:
        for threads in (1, 2):
            set_threads(threads)
            found.append(evaluator.on_line([0.5, 1.0], direction).loss)
    finally:
        set_threads(None)
    assert len(evaluator._stack.chunks) > 1
    np.testing.assert_array_equal(*found)
