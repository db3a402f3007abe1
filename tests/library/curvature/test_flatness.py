"""Scale-invariant flatness: what leaves it unchanged, and its oracle."""

from __future__ import annotations

import numpy as np
import pytest

from foldscape.curvature import GRANULARITIES, Objective, flatness
from foldscape.errors import InvalidInput


def relu_net(seed=0, hidden=12):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(hidden, 6)), rng.normal(size=(3, hidden))]
    biases = [rng.normal(size=hidden), rng.normal(size=3)]
    return weights, biases, rng.normal(size=(80, 6)), rng.integers(0, 3, 80)


def objective_of(weights, biases, X, y):
    return Objective.of_mlp(weights, biases, "relu", X, y)


def spectrum(objective, granularity):
    scale = GRANULARITIES[granularity](objective, objective.theta)
    return np.linalg.eigvalsh(scale[:, None] * objective.dense_hessian() * scale)


def test_T_A4_1_tensor_flatness_ignores_layer_scalings():
    weights, biases, X, y = relu_net()
    plain = objective_of(weights, biases, X, y)
    scaled = objective_of([3.7 * weights[0], weights[1] / 3.7], [3.7 * biases[0], biases[1]], X, y)
    assert scaled.loss() == pytest.approx(plain.loss(), abs=1e-12)
    for granularity in ("tensor", "element"):
        before, after = spectrum(plain, granularity), spectrum(scaled, granularity)
        assert np.abs(after - before).max() <= 1e-12 * np.abs(before).max()
        assert flatness(scaled, granularity=granularity).values == pytest.approx(
            flatness(plain, granularity=granularity).values, rel=1e-12
        )
    assert flatness(scaled).values[0] > 1.5 * flatness(plain).values[0]


def test_T_A4_2_element_flatness_ignores_neuron_scalings():
    weights, biases, X, y = relu_net()
    c = np.geomspace(0.1, 10, 12)
    plain = objective_of(weights, biases, X, y)
    scaled = objective_of([c[:, None] * weights[0], weights[1] / c], [c * biases[0], biases[1]], X, y)
    assert scaled.loss() == pytest.approx(plain.loss(), abs=1e-12)
    element = [flatness(objective, granularity="element").values[0] for objective in (plain, scaled)]
    tensor = [flatness(objective, granularity="tensor").values[0] for objective in (plain, scaled)]
    assert element[1] == pytest.approx(element[0], rel=1e-12)
    assert tensor[1] > 1.1 * tensor[0]


@pytest.mark.parametrize("granularity", ["none", "tensor", "element"])
def test_T_A4_4_lanczos_equals_the_dense_spectrum(granularity, by_hand):
    exact = spectrum(by_hand, granularity)[-1]
    found = flatness(by_hand, granularity=granularity, method="lanczos")
    assert found.converged
    assert found.values[0] == pytest.approx(exact, rel=1e-4)
    assert flatness(by_hand, granularity=granularity, method="dense").values[0] == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize("method", ["dense", "lanczos"])
@pytest.mark.parametrize("granularity", ["tensor", "element"])
def test_T_A4_7_an_all_zero_block_contributes_nothing(method, granularity):
    weights, biases, X, y = relu_net()
    biases[0] = np.zeros(12)
    found = flatness(objective_of(weights, biases, X, y), granularity=granularity, method=method, tol=1e-6)
    without = flatness(objective_of(weights, [None, biases[1]], X, y), granularity=granularity, method="dense")
    assert np.isfinite(found.vectors).all()
    assert found.values == pytest.approx(without.values, rel=1e-6)
    assert np.array_equal(found.vectors[0, 72:84], np.zeros(12))


@pytest.mark.parametrize("method", ["dense", "lanczos"])
def test_T_A4_7_a_net_of_zeros_has_no_flatness_and_no_nan(method):
    weights, biases, X, y = relu_net()
    zero = objective_of([0 * w for w in weights], [0 * b for b in biases], X, y)
    found = flatness(zero, granularity="element", method=method)
    assert found.values[0] == 0
    assert found.converged


def test_flatness_takes_a_warm_start(by_hand):
    cold = flatness(by_hand, granularity="element", method="lanczos")
    warm = flatness(by_hand, granularity="element", method="lanczos", start=cold.vectors)
    assert warm.iterations <= cold.iterations
    assert warm.values == pytest.approx(cold.values, rel=1e-4)


def test_an_unknown_granularity_is_said(by_hand):
    with pytest.raises(InvalidInput, match=r"'neuron'.*element, none, tensor"):
        flatness(by_hand, granularity="neuron")
