"""Ways between two nets, and the order of units in which to compare them."""

import numpy as np
import pytest
import torch
from torch import nn

from foldscape.errors import InvalidInput
from foldscape.landscape.alignment import align
from foldscape.landscape.connection import _connection, bezier, curve_connection, hub, linear_connection, radial
from foldscape.landscape.evaluator import Evaluator, Losses
from foldscape.landscape.module import ModuleEvaluator
from foldscape.landscape.vectors import flattened, layers_of
from foldscape.modules.net import Net


@pytest.fixture(scope="module")
def pair(digits):
    """Two seeds of 64-64-64-10 after some epochs of SGD."""
    x, y = torch.as_tensor(digits[0][:1437]), torch.as_tensor(digits[1][:1437])
    nets = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
        optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
        for _ in range(15):
            for rows in torch.randperm(len(x)).split(64):
                optimiser.zero_grad()
                nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
                optimiser.step()
        nets.append(net)
    return Evaluator.of(nets[0], x.numpy(), y.numpy()), Net(nets[0]).theta, Net(nets[1]).theta


def test_where_the_line_lies_nowhere_above_its_ends_the_barrier_is_0_without_a_rest_of_rounding():
    t = np.linspace(0, 1, 25)
    rng = np.random.default_rng(0)
    for first, last in rng.uniform(0.1, 3, (200, 2)):
        straight = first + t * (last - first)
        below = np.where((t == 0) | (t == 1), straight, straight - 0.01)
        below[-1] = last
        found = _connection(t, Losses(below, -below))
        assert (found.barrier, found.accuracy_drop) == (0, 0)


def test_equal_ends_have_no_barrier_and_a_constant_curve(pair):
    """T-F5-1."""
    losses, a, b = pair
    for found in (linear_connection(losses, a, a), curve_connection(losses, a, a, epochs=0)):
        assert found.barrier == 0
        assert np.ptp(found.loss) == pytest.approx(0, abs=1e-9)
        assert np.ptp(found.accuracy) == 0
    bend = np.random.default_rng(0).normal(size=a.size)
    ends = bezier(a, bend, b, [0, 1])
    np.testing.assert_array_equal(ends, [a, b])
    line = linear_connection(losses, a, b)
    assert (line.loss[0], line.loss[-1]) == tuple(losses.at([a, b]).loss)
    assert len(line.t) == 25


def test_a_curve_bent_at_the_midpoint_is_the_straight_line(pair):
    """T-F5-2."""
    losses, a, b = pair
    t = np.linspace(0, 1, 9)
    np.testing.assert_allclose(bezier(a, (a + b) / 2, b, t), a + t[:, None] * (b - a), atol=1e-12)
    curve, line = curve_connection(losses, a, b, epochs=0), linear_connection(losses, a, b)
    np.testing.assert_allclose(curve.loss, line.loss, rtol=1e-5)


def test_matching_lowers_the_barrier_and_a_curve_goes_around_it(pair):
    """T-F5-3: barrier of the line above five times that after matching; that of the curve at most 0.05."""
    losses, a, b = pair
    line = linear_connection(losses, a, b)
    matched = linear_connection(losses, a, align(a, b, losses.blocks).theta)
    assert line.barrier > 5 * matched.barrier
    assert line.accuracy_drop > matched.accuracy_drop
    curve = curve_connection(losses, a, b, epochs=30)
    assert curve.barrier <= 0.05
    np.testing.assert_array_equal(curve.bend, curve_connection(losses, a, b, epochs=30).bend)


def test_a_hub_is_reached_from_every_net(pair):
    losses, a, b = pair
    centre, ways = hub(losses, [a, b], epochs=15)
    assert max(way.barrier for way in ways) < 0.2 * linear_connection(losses, a, b).barrier
    assert ways[0].loss[-1] == losses.at(a).loss[0]
    assert ways[0].loss[0] == losses.at(centre).loss[0]


def test_the_ray_through_a_net(pair):
    losses, a, _ = pair
    found = radial(losses, [0.0, 1.0])
    assert found.loss[0] == pytest.approx(np.log(10), rel=1e-6)
    assert found.loss[1] == pytest.approx(losses.at(a).loss[0], rel=1e-6)


def test_matching_keeps_the_function_and_never_falls(pair):
    """T-F6: f is kept to 1e-5, the objective never decreases."""
    losses, a, b = pair
    found = align(a, b, losses.blocks)
    assert (np.diff(found.match) >= 0).all()
    assert found.match[-1] == pytest.approx(a @ found.theta)
    assert found.match[-1] > a @ b
    x = torch.as_tensor(np.random.default_rng(0).normal(size=(200, 64)), dtype=torch.float32)
    outputs = []
    for theta in (b, found.theta):
        h = x
        layers = list(zip(*layers_of(theta, losses.blocks), strict=True))
        for at, (w, bias) in enumerate(layers):
            h = h @ torch.as_tensor(w, dtype=torch.float32).T + torch.as_tensor(bias, dtype=torch.float32)
            h = torch.relu(h) if at < len(layers) - 1 else h
        outputs.append(h)
    assert (outputs[0] - outputs[1]).abs().max() <= 1e-5


def test_matching_finds_a_planted_order(pair):
    """T-F6: a permuted copy is put back exactly."""
    losses, a, _ = pair
    weights, biases = (list(parts) for parts in layers_of(a, losses.blocks))
    rng = np.random.default_rng(3)
    planted = [rng.permutation(64), rng.permutation(64)]
    for layer, order in enumerate(planted):
        weights[layer], biases[layer] = weights[layer][order], biases[layer][order]
        weights[layer + 1] = weights[layer + 1][:, order]
    found = align(a, flattened(weights, biases), losses.blocks)
    np.testing.assert_array_equal(found.theta, a)
    for order, back in zip(planted, found.orders, strict=True):
        np.testing.assert_array_equal(order[back], np.arange(64))


def test_what_cannot_be_aligned_or_connected_is_refused(pair):
    losses, a, b = pair
    with pytest.raises(InvalidInput, match="cannot be aligned"):
        align(a, b[1:], losses.blocks)
    with pytest.raises(InvalidInput, match="cannot be aligned"):
        align(a, b, losses.blocks[::-1])
    with pytest.raises(InvalidInput, match="no middle"):
        linear_connection(losses, a, b, points=2)
    with pytest.raises(InvalidInput, match="No curve"):
        curve_connection(losses, a, b, lr=0)


def test_a_line_that_leaves_the_finite_numbers_has_an_infinite_barrier(pair):
    losses, a, _ = pair
    assert linear_connection(losses, a, a * 1e30).barrier == np.inf


def normed(seed, x, y):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(2, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(150):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net


def test_between_solutions_batch_statistics_are_computed_anew(moons):
    x, y = (torch.as_tensor(part) for part in moons)
    net, other = normed(0, x, y), normed(1, x, y)
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    end = Net(other).theta
    stale, renewed = ModuleEvaluator(net, x, y), ModuleEvaluator(net, x, y, chunk=64, norm_data=x)
    with torch.no_grad():
        other.train()
        in_batch = float(nn.functional.cross_entropy(other(x), y))
    assert renewed.at(end).loss[0] == pytest.approx(in_batch, rel=0.05)
    assert stale.at(end).loss[0] > 2 * in_batch
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())
    assert all(part.training for part in net.modules())
    assert net[1].momentum == 0.1
    step = renewed.gradient(end, np.arange(50))
    assert step.shape == end.shape
    assert np.isfinite(step).all()


def test_gradients_of_both_evaluators_agree(moons, moons_net):
    rows = np.arange(10, 60)
    compiled, general = Evaluator.of(moons_net, *moons), Evaluator.of_module(moons_net, *moons)
    np.testing.assert_allclose(
        compiled.gradient(compiled.theta, rows), general.gradient(general.theta, rows), rtol=1e-4, atol=1e-7
    )
