"""The sharpest directions at one moment, against an exact quadratic and the loss itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from foldscape.curvature import Objective, batch_gradients, predicted_change, sharpest_moment, top_eigenpairs
from foldscape.errors import InvalidInput
from tests.library.curvature.quadratic import Quadratic


@pytest.fixture(scope="module")
def smooth(smooth_net, digits):
    return Objective.of(smooth_net, *digits)


@pytest.fixture(scope="module")
def moment(smooth):
    return sharpest_moment(smooth, lr=0.1, k=4, tol=1e-8)


def test_T_B2_2_cross_sections_pass_through_the_loss_and_bend_as_the_eigenvalue_says(smooth, moment):
    middle = list(moment.multiples).index(0)
    assert (moment.sections[:, middle] == smooth.loss()).all()
    small = sharpest_moment(smooth, lr=0.1, k=4, tol=1e-8, multiples=(-0.01, 0, 0.01))
    second = (small.sections[:, 0] - 2 * small.sections[:, 1] + small.sections[:, 2]) / 0.01**2
    assert second == pytest.approx(small.step_sizes**2 * small.pairs.values, rel=1e-2)


def test_alignments_are_cosines_with_the_gradients_of_batches(smooth, moment, digits):
    batches = [np.arange(40), np.arange(100, 140)]
    found = sharpest_moment(smooth, lr=0.1, k=4, tol=1e-8, batches=batches)
    for row, batch in zip(batch_gradients(smooth, batches), batches, strict=True):
        part = Objective.of_mlp(*_plain(smooth), digits[0][batch], digits[1][batch])
        assert np.abs(row - part.gradient(smooth.theta)).max() <= 1e-14
    g, rows = smooth.gradient(), batch_gradients(smooth, batches)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    assert found.batch_cosines == pytest.approx(unit @ found.pairs.vectors.T, abs=1e-12)
    assert found.batch_gradient_cosines == pytest.approx(unit @ g / np.linalg.norm(g), abs=1e-12)
    assert found.energy == pytest.approx(np.square(found.gradient_cosines).sum(), rel=1e-12)
    assert found.mean_absolute_cosines == pytest.approx(np.abs(unit @ found.pairs.vectors.T).mean(axis=0))
    assert len(moment.batch_cosines) == 1797 // 32


def _plain(objective):
    layers = objective.layers(objective.theta)
    return [w for w, _ in layers], [b for _, b in layers], "tanh"


def test_T_B2_3_on_a_quadratic_the_decomposition_is_the_formula(rng):
    values = np.array([4.0, 2.5, 1.0, 0.3, 0.1])
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    objective = Quadratic(turn @ np.diag(values) @ turn.T, rng.normal(size=(64, 5)), rng.normal(size=5) + 3)
    found = sharpest_moment(objective, lr=0.2, k=3, batch_size=8, tol=1e-12)
    assert found.pairs.values == pytest.approx(values[:3], rel=1e-10)
    assert np.abs(found.along - found.predicted).max() <= 1e-10
    assert found.stability == pytest.approx(0.1 * values[:3], rel=1e-10)


def test_T_B2_3_the_best_full_step_along_a_direction_is_one_over_its_eigenvalue(rng):
    objective = Quadratic(np.diag([4.0, 1.0]), np.zeros((10, 2)), [1.0, 2.0])
    slope, value = objective.gradient()[0], 4.0
    rates = np.linspace(0.01, 0.6, 400)
    change = predicted_change(rates, slope, slope, value)
    assert rates[change.argmin()] == pytest.approx(1 / value, abs=0.002)
    assert predicted_change(2 / value, slope, slope, value) == pytest.approx(0, abs=1e-12)
    everything = [np.arange(10)]
    taken = sharpest_moment(objective, lr=1 / value, k=1, batches=everything, factors=(1,), tol=1e-12)
    assert taken.along[0, 0] == pytest.approx(-0.5 * slope**2 / value, abs=1e-12)


def test_T_B2_4_the_module_stays_bit_identical(digits):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 10))
    net(digits[0][:100].float())
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    sharpest_moment(Objective.of_module(net, digits[0][:200].float(), digits[1][:200]), lr=0.1, k=2)
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())
    assert net.training


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"lr": 0}, "learning rate of 0"), ({"batch_size": 5000}, "0 mini-batches"), ({"batches": [[1797]]}, "1797")],
)
def test_a_moment_that_cannot_be_measured_is_refused(arguments, said, smooth):
    with pytest.raises(InvalidInput, match=said):
        sharpest_moment(smooth, **({"lr": 0.1} | arguments))


def _top_along_training(lr, batch_size, epochs=60, every=0):
    data = load_digits()
    X, y = torch.tensor(data.data / 16 - (data.data / 16).mean(0)).float()[:1437], torch.tensor(data.target)[:1437]
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
    net.append(nn.Linear(64, 10))
    optimiser = torch.optim.SGD(net.parameters(), lr=lr)
    values = [top_eigenpairs(net, X, y).values[0]]
    for epoch in range(epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            optimiser.zero_grad()
            nn.functional.cross_entropy(net(X[batch]), y[batch]).backward()
            optimiser.step()
        if epoch == epochs - 1 or (every and epoch % every == 0):
            values.append(top_eigenpairs(net, X, y).values[0])
    return values


@pytest.mark.slow
def test_T_B2_5_curvature_rises_and_falls():
    values = _top_along_training(0.1, 32, every=1)
    assert max(values) >= 3 * values[0]
    assert values[-1] <= 0.9 * max(values)


@pytest.mark.slow
def test_T_B2_6_the_end_is_flatter_for_larger_steps_and_smaller_batches():
    by_rate = [_top_along_training(lr, 32)[-1] for lr in (0.02, 0.05, 0.1, 0.2)]
    assert by_rate == sorted(by_rate, reverse=True)
    by_size = [_top_along_training(0.1, size)[-1] for size in (8, 32, 128)]
    assert by_size == sorted(by_size)
