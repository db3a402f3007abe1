"""Hessian products, their chunks and the dense Hessian, against autograd and finite differences."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from foldscape.curvature import Objective


@pytest.mark.parametrize("path", ["by_hand", "by_autograd"])
def test_T_0_1_products_are_the_columns_of_the_dense_hessian(path, request, whole):
    objective = request.getfixturevalue(path)
    columns = [0, 100, 511, 515, 599, 609]
    products = objective.hvp(None, np.eye(objective.size)[columns])
    assert np.abs(products - whole[columns]).max() <= 1e-10


@pytest.mark.parametrize("by_hand", [True, False])
def test_T_0_1_products_in_single_precision(by_hand, digits_net, digits, whole, rng):
    vectors = rng.standard_normal((3, 610))
    if by_hand:
        layers = digits_net[0], digits_net[2]
        weights, biases = [layer.weight for layer in layers], [layer.bias for layer in layers]
        products = Objective.of_mlp(weights, biases, "relu", *digits, dtype=np.float32).hvp(None, vectors)
    else:
        net = nn.Sequential(nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 10))
        net.load_state_dict(digits_net.state_dict())
        products = Objective.of_module(net, *digits).hvp(None, vectors)
    exact = vectors @ whole
    assert np.abs(products - exact).max() <= 1e-5 * np.abs(exact).max()


def test_T_0_2_the_dense_hessian_is_symmetric(by_hand, digits_net, digits, whole):
    assert np.abs(whole - whole.T).max() <= 1e-12
    dense = by_hand.dense_hessian()
    assert np.abs(dense - dense.T).max() <= 1e-12
    assert np.abs(dense - whole).max() <= 1e-10
    few = digits[0][:100], digits[1][:100]
    by_rows = Objective.of_module(digits_net, *few).dense_hessian()
    assert np.abs(by_rows - Objective.of(digits_net, *few).dense_hessian()).max() <= 1e-10


def test_T_0_6_second_differences_of_the_loss(smooth_net, digits, rng):
    step = 1e-3
    for objective in (Objective.of(smooth_net, *digits), Objective.of_module(smooth_net, *digits)):
        for _ in range(3):
            v = rng.standard_normal(objective.size)
            v /= np.linalg.norm(v)
            up, middle, down = (objective.loss(objective.theta + t * v) for t in (step, 0, -step))
            curvature = v @ objective.hvp(None, v)
            assert (up - 2 * middle + down) / step**2 == pytest.approx(curvature, rel=1e-4)
            assert (up - down) / (2 * step) == pytest.approx(objective.gradient() @ v, rel=1e-4)


@pytest.mark.parametrize("chunk", [1024, 500, 7])
def test_T_0_7_chunked_products_equal_unchunked_ones(chunk, digits_net, digits, rng):
    X, y = digits[0][:1500], digits[1][:1500]
    vector = rng.standard_normal(610)
    unchunked = Objective.of_module(digits_net, X, y, chunk=1500)
    chunked = Objective.of_module(digits_net, X, y, chunk=chunk)
    assert chunked.loss() == pytest.approx(unchunked.loss(), abs=1e-12)
    assert np.abs(chunked.gradient() - unchunked.gradient()).max() <= 1e-12
    for _ in range(2):  # the second time from kept graphs, if they are kept
        assert np.abs(chunked.hvp(None, vector) - unchunked.hvp(None, vector)).max() <= 1e-10


def test_products_of_many_directions_go_in_turns(by_hand, whole, rng):
    vectors = rng.standard_normal((40, 610))
    assert np.abs(by_hand.hvp(None, vectors) - vectors @ whole).max() <= 1e-10


def test_measuring_plain_arrays_leaves_torch_out():
    code = "import sys, foldscape.curvature; print({'torch', 'scipy'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"


def test_a_module_stays_bit_identical(digits):
    X, y = digits[0][:300], digits[1][:300]
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(64, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 10)).double()
    net.train()
    net[1].eval()
    nn.functional.cross_entropy(net(X), y).backward()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    grads = [parameter.grad.clone() for parameter in net.parameters()]
    modes = [part.training for part in net.modules()]

    objective = Objective.of_module(net, X, y, chunk=128)
    objective.loss()
    objective.gradient()
    twice = [objective.hvp(None, np.ones(objective.size)) for _ in range(2)]
    objective.losses(np.stack([objective.theta, objective.theta + 1]))

    assert np.array_equal(*twice), "dropout or batch statistics were on"
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert all(torch.equal(parameter.grad, grad) for parameter, grad in zip(net.parameters(), grads, strict=True))
    assert [part.training for part in net.modules()] == modes


def test_frozen_parameters_are_no_part_of_the_vector(digits):
    net = nn.Sequential(nn.Linear(64, 4), nn.Tanh(), nn.Linear(4, 10)).double()
    net[0].requires_grad_(False)
    objective = Objective.of(net, *digits)
    assert [(block.name, block.offset, block.shape) for block in objective.blocks] == [
        ("2.weight", 0, (10, 4)),
        ("2.bias", 40, (10,)),
    ]
    assert objective.dense_hessian().shape == (50, 50)
