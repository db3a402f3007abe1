"""The k pairs that a search returns are the k largest, and a search says so when it could not make sure."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits, make_moons
from torch import nn

from foldscape.curvature import Objective, top_eigenpairs
from foldscape.curvature.completeness import doubt, evidence, remainder
from foldscape.curvature.lanczos import Lanczos
from tests.library.curvature.conftest import briefly_trained


def stack(sizes, activation):
    layers = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1]).double()


def points_for(inputs, classes, seed):
    """Moons, digits, some digits in few principal components, or overlapping clusters."""
    rng = np.random.default_rng(seed)
    if inputs == 2:
        X, y = make_moons(600, noise=0.2, random_state=seed)
    elif inputs == 32 and seed % 2:
        y = rng.integers(0, classes, 800)
        X = 0.6 * rng.normal(size=(classes, inputs))[y] + rng.normal(size=(800, inputs))
    else:
        data = load_digits()
        some = data.target < classes
        X, y = data.data[some] / 16, data.target[some]
        if inputs < X.shape[1]:
            X = X - X.mean(axis=0)
            X = X @ np.linalg.svd(X, full_matrices=False)[2][:inputs].T
    return torch.tensor(X), torch.tensor(y)


def trained(sizes, activation, steps, seed):
    torch.manual_seed(seed)
    X, y = points_for(sizes[0], sizes[-1], seed)
    return Objective.of(briefly_trained(stack(sizes, activation), X, y, steps), X, y)


def spectrum_of(objective, k):
    return np.linalg.eigvalsh(objective.dense_hessian())[::-1][:k]


@pytest.fixture(scope="module")
def clusters():
    """32-64-5 after 40 steps, P = 2,437, and its 20 largest eigenvalues."""
    objective = trained((32, 64, 5), nn.ReLU, 40, 1)
    return objective, spectrum_of(objective, 20)


@pytest.mark.parametrize("k", [1, 3, 6, 20])
@pytest.mark.parametrize("seed", [0, 1])
def test_none_of_the_k_largest_is_left_out(k, seed, clusters):
    objective, spectrum = clusters
    found = top_eigenpairs(objective, k=k, rng=seed)
    assert found.converged
    assert found.doubt <= (0.3 if k == 1 else 0.01)
    assert found.values == pytest.approx(spectrum[:k], rel=5e-3)  # a single search of k = 6 was 18 % off at the end


@pytest.mark.parametrize("start", [1, 2])
def test_a_warm_start_at_a_lesser_eigenvector_does_not_hide_the_largest(start, clusters):
    objective, spectrum = clusters
    others = top_eigenpairs(objective, k=3, tol=1e-7).vectors
    for seed in range(4):
        found = top_eigenpairs(objective, start=others[start], rng=seed)
        assert found.converged
        assert found.values[0] == pytest.approx(spectrum[0], rel=1e-3)


def test_equal_eigenvalues_are_all_found(digits):
    X, y = digits[0].numpy(), digits[1].numpy()
    objective = Objective.of_mlp([np.zeros((10, 64))], [np.zeros(10)], "relu", X, y)
    spectrum = spectrum_of(objective, 12)
    assert spectrum[0] == pytest.approx(spectrum[8], rel=1e-6), "nine equal ones, a direction of the classes each"
    found = top_eigenpairs(objective, k=12, method="lanczos")
    assert found.converged
    assert found.values == pytest.approx(spectrum, rel=1e-3)


def test_doubt_is_said_where_products_run_out(clusters):
    objective, _ = clusters
    assert top_eigenpairs(objective, k=6, max_iterations=19).doubt == 1
    assert top_eigenpairs(objective, k=2, method="lanczos", max_iterations=3).doubt == 1
    small = Objective.of_mlp([np.eye(2)], [np.zeros(2)], "relu", [[1.0, 0], [0, 1]], [0, 1])
    assert top_eigenpairs(small, k=2).doubt == 0
    assert top_eigenpairs(small, k=6, method="lanczos").doubt == 0, "the whole space was searched"


def test_a_chain_of_full_length_knows_every_part_of_its_start(rng):
    values = np.array([0.1, 0.5, 1.0, 1.7, 2.0])
    start = rng.standard_normal(5)
    start /= np.linalg.norm(start)
    chain = Lanczos(lambda rows: rows * values, start, 4)
    for _ in range(4):
        chain.step()
    part = abs(start[-1])
    assert evidence(chain.diagonal, chain.beside, 2.0) == pytest.approx(1 / part**2)
    assert evidence(chain.diagonal, chain.beside, 1.6) == 0, "a Ritz value is above"
    assert doubt(1 / part**2, size=2, random_share=4.0) == pytest.approx(part * np.sqrt(4 / np.pi) / 4)


def test_what_is_left_beside_some_vectors(rng):
    values = np.concatenate([[3.0, 2.0, 1.5], np.linspace(-0.5, 1, 397)])
    found, start = np.eye(400)[[0, 2]], rng.standard_normal(400)

    def product(rows):
        return rows * values

    missed = remainder(product, found, 1.6, start, 400, 50, 0.01)
    assert missed.vector is not None
    assert missed.vector @ product(missed.vector) > 1.6
    assert np.abs(found @ missed.vector).max() < 1e-12
    nothing = remainder(product, np.eye(400)[:3], 1.6, start, 400, 50, 0.01)
    assert nothing.vector is None
    assert nothing.doubt <= 0.01
    assert nothing.products < 20
    assert remainder(product, np.eye(400)[:3], 1.6, start, 400, 4, 0.01).doubt > 0.01, "four products are too few"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("which", ["LA", "SA"])
def test_where_no_curvature_is_left_a_bound_is_given_at_once(dtype, which, digits_net, digits):
    first, last = (layer.weight.detach().numpy() for layer in (digits_net[0], digits_net[2]))
    X = digits[0].numpy()
    outputs = np.sort(last @ np.maximum(first @ X.T, 0), axis=0)
    X = X[outputs[-1] - outputs[-2] > 0.05]
    y = np.argmax(last @ np.maximum(first @ X.T, 0), axis=0)
    sure = Objective.of_mlp([first, 1000 * last], [None, None], "relu", X, y, dtype=dtype)
    assert 0 <= sure.loss() < 1e-20
    found = top_eigenpairs(sure, k=2, method="lanczos", which=which)
    assert found.converged
    assert found.iterations < 60, "not the whole budget of 340"
    assert found.values.tolist() == [0, 0]
    assert found.nothing_above == found.residuals[0]
    # the Gauss-Newton part is all there is, and its trace is a bound
    exact = Objective.of_mlp([first, 1000 * last], [None, None], "relu", X, y)
    bound = np.trace(exact.dense_hessian())
    assert found.nothing_above <= max(10 * bound, 1e-30)


def test_the_lowest_eigenvalue_of_a_net_in_single_precision_is_not_told_from_rounding(digits_net, digits):
    first, last = (layer.weight.detach().numpy() for layer in (digits_net[0], digits_net[2]))
    single, double = (
        Objective.of_mlp([first, 1000 * last], [None, None], "relu", *digits, dtype=dtype)
        for dtype in (np.float32, np.float64)
    )
    lowest = np.linalg.eigvalsh(double.dense_hessian())[0]
    found = top_eigenpairs(single, method="lanczos", which="SA")
    assert abs(found.values[0] - lowest) <= found.residuals[0]


SURVEYED = [
    ((32, 64, 5), nn.ReLU, 150),
    ((32, 64, 5), nn.ReLU, 40),
    ((32, 64, 5), nn.Tanh, 150),
    ((64, 20, 10), nn.ReLU, 100),
    ((64, 20, 10), nn.ReLU, 400),
    ((64, 8, 10), nn.Tanh, 60),
    ((2, 20, 20, 2), nn.ReLU, 300),
    ((2, 24, 24, 2), nn.Tanh, 600),
    ((32, 24, 24, 5), nn.ReLU, 200),
    ((32, 64, 5), nn.ReLU, 600),
]


@pytest.mark.slow
@pytest.mark.parametrize(("sizes", "activation", "steps"), SURVEYED)
def test_none_of_the_k_largest_is_left_out_in_a_survey(sizes, activation, steps):
    """Ten nets of four seeds each, k = 1, 2, ..., 20: 520 searches. Before anything was checked, 15 were wrong."""
    for seed in range(4):
        objective = trained(sizes, activation, steps, seed)
        spectrum = spectrum_of(objective, 20)
        for k in (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20):
            found = top_eigenpairs(objective, k=k, method="lanczos", rng=seed)
            assert found.converged
            assert found.doubt <= 0.3
            assert found.values == pytest.approx(spectrum[:k], rel=0.01), (seed, k)
