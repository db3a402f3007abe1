"""At the other end of a line stands the other net itself, or the line is refused."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from foldscape import landscape
from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape import Evaluator

X = torch.randn(200, 4, generator=torch.Generator().manual_seed(0))
Y = (X[:, 0] * X[:, 1] > 0).long()


def normed(seed, steps=30):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))
    optimiser, states = torch.optim.SGD(net.parameters(), lr=0.5), []
    for _ in range(steps):
        states.append(copy.deepcopy(net.state_dict()))
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(X), Y).backward()
        optimiser.step()
    return net, states


def own_loss(net):
    """With statistics of the whole data under these weights, unbiased as running statistics are."""
    net = copy.deepcopy(net)
    for part in net:
        if isinstance(part, nn.BatchNorm1d):
            part.momentum = 1.0
    net.train()(X)
    net.eval()
    with torch.no_grad():
        return float(nn.functional.cross_entropy(net(X), Y))


@pytest.fixture(scope="module")
def pair():
    return normed(0), normed(1)


def test_the_other_end_is_the_other_net_with_its_statistics(pair):
    (one, _), (other, _) = pair
    with pytest.raises(InvalidInput, match=r"differs from this one in 1\.running_mean.*norm_data='data'"):
        landscape.slice(one, (X, Y), other)
    for norm_data in ("data", X, (X, Y), torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, Y), 50)):
        line = landscape.slice(one, (X, Y), other, reach=(0.0, 1.0), points=3, norm_data=norm_data)
        assert line.train.loss[-1] == pytest.approx(own_loss(other), rel=1e-5)
        assert line.train.loss[0] == line.loss == pytest.approx(own_loss(one), rel=1e-5)
    surface = landscape.plane(
        one, (X, Y), (other, "random"), reach=(-1.0, 1.0), resolution=3, progress=False, norm_data="data"
    ).surface
    assert surface.train_loss[1, 2] == pytest.approx(own_loss(other), rel=1e-5)


def test_a_path_through_states_with_statistics(pair):
    (net, states), _ = pair
    with pytest.raises(InvalidInput, match="running_"):
        landscape.path(net, states, (X, Y), resolution=3, progress=False)
    found = landscape.path(net, states[::10], (X, Y), resolution=3, progress=False, norm_data="data")
    for state, loss in zip(states[::10], found.losses, strict=True):
        at = copy.deepcopy(net)
        at.load_state_dict(state)
        assert loss == pytest.approx(own_loss(at), rel=1e-5)
    vectors = np.random.default_rng(0).normal(size=(3, 146))
    assert landscape.path(net, vectors, (X, Y), resolution=3, progress=False).losses.shape == (3,)


def test_an_odd_sample_left_over_is_no_batch_of_its_own(pair):
    (net, _), _ = pair
    found = Evaluator.of_module(net, X[:161], Y[:161], chunk=40, norm_data=X[:161])
    assert np.isfinite(found.at(found.theta).loss[0])


def test_the_parabola_of_kept_statistics_is_not_drawn_over_renewed_ones(pair):
    (net, _), _ = pair
    assert landscape.slice(net, (X, Y), "v1", points=3).parabola is not None
    assert landscape.slice(net, (X, Y), "v1", points=3, norm_data="data").parabola is None


def test_nets_without_statistics_need_none():
    torch.manual_seed(0)
    one, other = (nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2)) for _ in range(2))
    line = landscape.slice(one, (X, Y), other, reach=(0.0, 1.0), points=2, norm_data="data")
    assert line.train.loss[-1] == pytest.approx(float(nn.functional.cross_entropy(other(X), Y).detach()), rel=1e-5)
    for wrapped in (nn.DataParallel(other), nn.DataParallel(other).state_dict()):
        assert landscape.slice(one, (X, Y), wrapped, points=2).direction.norm == line.direction.norm


def test_other_shapes_other_parts_and_other_frozen_tensors_are_refused():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))
    for other, said in (
        (nn.Sequential(nn.Linear(8, 3), nn.ReLU(), nn.Linear(3, 4)), r"0\.weight has shape \(6, 4\) .* and \(3, 8\)"),
        (
            nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2), nn.Linear(2, 2)),
            r"3\.\w+, which this net has not",
        ),
        (nn.Sequential(nn.Linear(4, 6), nn.ReLU()), r"no 2\.weight"),
    ):
        with pytest.raises(InvalidInput, match=said):
            landscape.slice(net, (X, Y), other)
    other = copy.deepcopy(net)
    net[0].requires_grad_(False)
    with torch.no_grad():
        other[2].weight.mul_(2)
    landscape.slice(net, (X, Y), other, points=2)
    with torch.no_grad():
        other[0].weight.mul_(2)
    with pytest.raises(InvalidInput, match=r"differs from this one in 0\.weight.*agree in all that is not trained"):
        landscape.slice(net, (X, Y), other)


class Tied(nn.Module):
    def __init__(self, tied=True):
        super().__init__()
        self.a, self.b, self.head = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2)
        if tied:
            self.b.weight = self.a.weight

    def forward(self, x):
        return self.head(torch.sin(self.b(torch.sin(self.a(x)))))


def test_a_net_whose_tie_is_loosened_has_no_place_on_the_line():
    torch.manual_seed(0)
    net, other, loose = Tied(), Tied(), Tied(tied=False)
    end = landscape.slice(net, (X, Y), other, reach=(0.0, 1.0), points=2).train.loss[-1]
    assert end == pytest.approx(float(nn.functional.cross_entropy(other(X), Y).detach()), rel=1e-5)
    with pytest.raises(InvalidInput, match=r"in b\.weight"):
        landscape.slice(net, (X, Y), loose)


def test_a_direction_of_length_zero_is_refused():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, 2))
    for name, parameter in net.named_parameters():
        parameter.requires_grad_(name.endswith("bias") or name.startswith("1."))
    with pytest.raises(NotPossible, match=r"every trained tensor has one axis.*biases='free'"):
        landscape.plane(net, (X, Y), resolution=3, progress=False)
    found = landscape.plane(net, (X, Y), resolution=3, progress=False, biases="free")
    assert np.ptp(found.surface.train_loss) > 0
    assert np.isfinite(found.cosine)
    assert landscape.slice(net, (X, Y), "random 3", biases="free", points=3).direction.norm > 0
    with pytest.raises(NotPossible, match="moves none that has a size: choose own or unit"):
        landscape.slice(net, (X, Y), "v1", scale="neuron-relative")
    for scale in ("own", "unit", "neuron-relative"):
        with pytest.raises(NotPossible, match=r"length 0 .* stands still"):
            landscape.slice(net, (X, Y), copy.deepcopy(net), scale=scale)
