"""Extreme eigenpairs against the dense spectrum, and what is said when they are not found."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import make_moons
from torch import nn

from foldscape.curvature import Objective, top_eigenpairs
from foldscape.curvature.krylov import Rules, largest_pairs
from foldscape.errors import InvalidInput


@pytest.fixture(scope="module")
def spectrum(whole):
    return np.linalg.eigvalsh(whole)[::-1]


@pytest.mark.parametrize("path", ["by_hand", "by_autograd"])
def test_T_0_3_lanczos_finds_the_top_five(path, request, spectrum):
    objective = request.getfixturevalue(path)
    found = top_eigenpairs(objective, k=5, method="lanczos")
    assert found.converged
    assert found.method == "lanczos"
    assert np.abs(found.values / spectrum[:5] - 1).max() <= 1e-3
    assert np.abs(found.vectors @ found.vectors.T - np.eye(5)).max() <= 1e-6
    true_residuals = objective.hvp(None, found.vectors) - found.values[:, None] * found.vectors
    assert np.linalg.norm(true_residuals, axis=1) == pytest.approx(found.residuals, abs=1e-9)
    assert (found.residuals <= 1e-3 * found.values[0]).all()


@pytest.mark.parametrize("method", ["dense", "lanczos"])
@pytest.mark.parametrize("tol", [1e-3, 1e-9])
def test_both_ends_of_the_spectrum(method, tol, by_hand, spectrum):
    top = top_eigenpairs(by_hand, k=2, method=method, tol=tol)
    bottom = top_eigenpairs(by_hand, k=2, method=method, tol=tol, which="SA")
    assert top.values == pytest.approx(spectrum[:2], abs=tol * spectrum[0])
    assert bottom.values == pytest.approx(spectrum[::-1][:2], abs=tol * abs(spectrum[-1]))
    assert (np.take_along_axis(top.vectors, np.abs(top.vectors).argmax(1)[:, None], 1) > 0).all()


@pytest.mark.parametrize("method", ["dense", "lanczos"])
@pytest.mark.parametrize("seed", [6, 8, 10, 13])
def test_the_algebraically_largest_is_returned_when_a_negative_one_dominates(method, seed):
    X, y = make_moons(600, noise=0.2, random_state=0)
    rng = np.random.default_rng(seed)
    gain = rng.choice([1, 3])
    weights = [rng.normal(size=(8, 2)), gain * rng.normal(size=(8, 8)), gain * rng.normal(size=(2, 8))]
    objective = Objective.of_mlp(weights, [None] * 3, "tanh", X, y)
    spectrum = np.linalg.eigvalsh(objective.dense_hessian())
    assert -spectrum[0] > 1.5 * spectrum[-1] > 0, "the example does not show the case"
    found = top_eigenpairs(objective, method=method)
    assert found.converged
    assert found.values[0] == pytest.approx(spectrum[-1], rel=1e-3)


def test_dense_up_to_300_parameters_to_full_precision(rng):
    X, y = make_moons(300, noise=0.2, random_state=0)
    shapes = [(8, 2), (8, 8), (2, 8)]
    objective = Objective.of_mlp(
        [rng.normal(size=s) for s in shapes], [rng.normal(size=s[0]) for s in shapes], "relu", X, y
    )
    found = top_eigenpairs(objective, k=3)
    assert found.method == "dense"
    assert found.values == pytest.approx(np.linalg.eigvalsh(objective.dense_hessian())[::-1][:3], rel=1e-9)
    assert found.residuals.max() <= 1e-10
    assert found.wall_ms > 0


def test_a_warm_start_takes_fewer_products(by_autograd, spectrum):
    cold = top_eigenpairs(by_autograd, method="lanczos", tol=1e-5)
    nearby = by_autograd.theta + 1e-3 * np.abs(by_autograd.theta)
    again = top_eigenpairs(by_autograd, method="lanczos", tol=1e-5, theta=nearby)
    warm = top_eigenpairs(by_autograd, method="lanczos", tol=1e-5, theta=nearby, start=cold.vectors[0])
    assert warm.converged
    assert warm.iterations < again.iterations
    assert warm.values == pytest.approx(again.values, rel=1e-5)


@pytest.mark.parametrize("path", ["by_hand", "by_autograd"])
@pytest.mark.parametrize("samples", [1000, 300])
def test_a_start_at_another_eigenvector_does_not_hide_the_largest(path, samples, digits_net, digits):
    X, y = digits[0][:samples], digits[1][:samples]
    objective = (Objective.of if path == "by_hand" else Objective.of_module)(digits_net, X, y)
    values, vectors = np.linalg.eigh(Objective.of(digits_net, X, y).dense_hessian())
    found = top_eigenpairs(objective, method="lanczos", start=vectors[:, -3])
    assert found.converged
    assert found.values[0] == pytest.approx(values[-1], rel=1e-3)


def test_no_convergence_is_flagged_with_its_residual(by_autograd, spectrum):
    found = top_eigenpairs(by_autograd, k=3, method="lanczos", tol=1e-8, max_iterations=4)
    assert not found.converged
    assert (found.residuals > 1e-8 * found.values[0]).any()
    assert (found.values <= spectrum[:3] + 1e-12).all(), "Ritz values are lower bounds"


def test_a_net_whose_hessian_is_zero():
    objective = Objective.of_mlp(
        [np.zeros((400, 2)), np.zeros((2, 400))], [None, None], "relu", np.ones((3, 2)), [0, 1, 0]
    )
    found = top_eigenpairs(objective)
    assert (found.values[0], found.converged) == (0, True)


def test_weights_that_blew_up_give_no_number(rng):
    X, y = rng.normal(size=(600, 2)), rng.integers(0, 2, 600)
    for width in (4, 200):
        weights = [np.full((width, 2), np.inf), np.ones((2, width))]
        found = top_eigenpairs(Objective.of_mlp(weights, [None, None], "relu", X, y))
        assert not found.converged
        assert not np.isfinite(found.values).any()


@pytest.mark.parametrize("method", ["dense", "lanczos"])
def test_weights_beyond_single_precision_are_still_measured(method, rng):
    X, y = rng.normal(size=(7000, 2)), rng.integers(0, 2, 7000)
    weights = [1e-25 * rng.normal(size=(40, 2)), 1e25 * rng.normal(size=(2, 40))]
    objective = Objective.of_mlp(weights, [None, None], "relu", X, y)
    assert objective.at().quick().dtype == np.float32
    found = top_eigenpairs(objective, method=method)
    assert found.values[0] == pytest.approx(np.linalg.eigvalsh(objective.dense_hessian())[-1], rel=1e-3)


def test_a_restarted_basis_still_converges(rng):
    values = np.concatenate([np.linspace(0, 1, 396), [1.1, 1.15, 1.2, 1.25]])
    ritz = largest_pairs(
        lambda rows: rows * values,
        rng.standard_normal((1, 400)),
        3,
        Rules(tol=1e-8, max_products=2000),
        lambda: rng.standard_normal(400),
    )
    assert ritz.converged
    assert ritz.products > 40, "the basis was never full"
    assert ritz.values == pytest.approx([1.25, 1.2, 1.15], abs=1e-9)


def test_a_module_with_its_data_is_enough(digits_net, digits, spectrum):
    assert top_eigenpairs(digits_net, *digits).values[0] == pytest.approx(spectrum[0], rel=1e-3)


def test_a_large_single_precision_net_is_measured_in_its_own_arithmetic(digits):
    torch.manual_seed(2)
    net = nn.Sequential(nn.Linear(64, 30), nn.Tanh(), nn.Linear(30, 10))
    own = Objective.of(net, digits[0].float(), digits[1])
    assert own.at().dtype == np.float32
    found = top_eigenpairs(own, k=2)
    exact = top_eigenpairs(Objective.of(net.double(), *digits), k=2, tol=1e-9)
    assert found.converged
    assert found.values == pytest.approx(exact.values, rel=1e-3)
    assert abs(found.vectors[0] @ exact.vectors[0]) > 0.999


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"k": 0}, "k=0"),
        ({"k": 611}, "k=611"),
        ({"method": "power"}, "'power'"),
        ({"which": "LM"}, "'LM'"),
        ({"tol": 0}, "tolerance of 0"),
        ({"start": np.ones(600), "method": "lanczos"}, r"start of shape \(600,\)"),
        ({"scale": -np.ones(610)}, "scale of shape"),
        ({"theta": np.ones(3)}, r"shape \(3,\)"),
    ],
)
def test_what_cannot_be_asked_is_said(arguments, said, by_hand):
    with pytest.raises(InvalidInput, match=said):
        top_eigenpairs(by_hand, **arguments)


def test_a_dense_hessian_that_is_too_large_is_refused(digits):
    large = Objective.of(nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10)), *digits)
    with pytest.raises(InvalidInput, match="7510 parameters"):
        top_eigenpairs(large, method="dense")
    with pytest.raises(InvalidInput, match="2 data arrays"):
        top_eigenpairs(large, *digits)
