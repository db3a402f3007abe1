"""The hand-written passes against autograd, over activations, depths, missing biases and single outputs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from foldscape.curvature import Objective
from foldscape.errors import InvalidInput

SIZES = [(2, 3), (2, 8, 8, 2), (2, 5, 1), (5, 4, 3, 6, 3)]
TORCH = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "leaky_relu": lambda z: nn.functional.leaky_relu(z, 0.1),
}


def drawn_by_torch(weights, biases, activation, X, y):
    """The same loss as a torch function of the flat vector."""
    tensors = [torch.tensor(t) for pair in zip(weights, biases, strict=True) for t in pair if t is not None]
    theta = torch.cat([tensor.reshape(-1) for tensor in tensors])

    def loss(flat):
        parts = iter(torch.split(flat, [tensor.numel() for tensor in tensors]))
        values = torch.tensor(X)
        for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            values = values @ next(parts).view(weight.shape).T
            values = values if bias is None else values + next(parts)
            values = TORCH[activation](values) if layer < len(weights) - 1 else values
        if values.shape[1] == 1:
            return nn.functional.binary_cross_entropy_with_logits(values[:, 0], torch.tensor(y, dtype=torch.float64))
        return nn.functional.cross_entropy(values, torch.tensor(y))

    return theta, loss


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
@pytest.mark.parametrize("biased", [True, False])
def test_loss_gradient_and_hessian_agree_with_autograd(sizes, activation, biased, rng):
    pairs = list(pairwise(sizes))
    weights = [rng.normal(size=(outputs, inputs)) for inputs, outputs in pairs]
    biases = [rng.normal(size=len(w)) if biased or layer % 2 else None for layer, w in enumerate(weights)]
    X, y = rng.normal(size=(40, sizes[0])), rng.integers(0, max(2, sizes[-1]), 40)
    slope = 0.1 if activation == "leaky_relu" else None
    objective = Objective.of_mlp(weights, biases, activation, X, y, negative_slope=slope)

    theta, loss = drawn_by_torch(weights, biases, activation, X, y)
    hessian = torch.autograd.functional.hessian(loss, theta).numpy()
    assert np.array_equal(objective.theta, theta.numpy())
    assert objective.loss() == pytest.approx(loss(theta).item(), abs=1e-12)
    assert np.abs(objective.gradient() - torch.func.grad(loss)(theta).numpy()).max() <= 1e-10
    assert np.abs(objective.hvp(None, np.eye(objective.size)) - hessian).max() <= 1e-10
    assert np.abs(objective.dense_hessian() - hessian).max() <= 1e-10


def test_losses_of_many_points_equal_one_by_one(by_hand, rng):
    points = by_hand.theta + 0.1 * rng.standard_normal((25, by_hand.size))
    assert np.abs(by_hand.losses(points) - [by_hand.loss(point) for point in points]).max() <= 1e-12


def test_a_plain_stack_is_measured_by_hand_and_anything_else_by_autograd(digits):
    X, y = digits
    plain = nn.Sequential(nn.Linear(64, 4), nn.LeakyReLU(0.2), nn.Linear(4, 10)).double()
    odd = [
        nn.Sequential(nn.Linear(64, 4), nn.GELU(), nn.Linear(4, 10)),
        nn.Sequential(nn.Linear(64, 4), nn.ReLU(), nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 10)),
        nn.Sequential(nn.Linear(64, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 10)),
        nn.Sequential(nn.Linear(64, 10), nn.ReLU()),
    ]
    assert type(Objective.of(plain, X, y)).__name__ == "MlpObjective"
    assert Objective.of(plain, X, y).loss() == pytest.approx(Objective.of_module(plain, X, y).loss(), abs=1e-12)
    for net in odd:
        assert type(Objective.of(net.double(), X, y)).__name__ == "ModuleObjective"


def test_a_point_that_moved_is_computed_anew(by_hand, rng):
    v = rng.standard_normal(by_hand.size)
    here = by_hand.hvp(None, v)
    moved = by_hand.theta + 0.3
    assert not np.allclose(by_hand.hvp(moved, v), here)
    assert np.array_equal(by_hand.hvp(by_hand.theta, v), here)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"activation": "gelu"}, "'gelu'"),
        ({"negative_slope": 0.1}, "negative_slope=0.1"),
        ({"loss": "hinge"}, "'hinge'"),
        ({"y": [0, 3]}, "from 0 to 3"),
        ({"y": [0]}, r"\(1,\)"),
        ({"X": np.ones((2, 5))}, r"Layer 0 has weights of shape \(2, 3\)"),
        ({"X": np.ones((0, 3))}, r"\(0, 3\)"),
        ({"biases": [np.zeros(3)]}, r"biases of shape \(3,\)"),
        ({"biases": []}, "0 biases"),
    ],
)
def test_what_does_not_fit_is_said(change, said):
    arguments = {"weights": [np.zeros((2, 3))], "biases": [np.zeros(2)], "activation": "relu"}
    arguments |= {"X": np.ones((2, 3)), "y": [0, 1]} | change
    with pytest.raises(InvalidInput, match=said):
        Objective.of_mlp(**arguments)


@pytest.mark.parametrize("shape", [(609,), (2, 611), (1, 1, 610)])
def test_directions_of_another_size_are_refused(shape, by_hand):
    with pytest.raises(InvalidInput, match="does not fit 610 parameters"):
        by_hand.hvp(None, np.zeros(shape))
