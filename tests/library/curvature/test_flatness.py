"""Scale-invariant flatness: what leaves it unchanged, and its oracle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from foldscape.curvature import GRANULARITIES, Objective, all_flatness, flatness, flatness_scale, matrix
from foldscape.errors import InvalidInput
from tests.library.curvature.nets import objective_of, relu_net
from tests.library.curvature.quadratic import Quadratic


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


@pytest.mark.parametrize("granularity", list(GRANULARITIES))
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


@pytest.mark.parametrize("hidden", [8, 20])
@pytest.mark.parametrize("change", [lambda part: part, lambda part: np.where(part > 0, part, 0), np.zeros_like])
def test_all_flatness_is_that_of_each_granularity(hidden, change):
    weights, biases, X, y = relu_net(hidden=hidden)
    objective = objective_of([change(w) for w in weights], [change(b) for b in biases], X, y)
    together = all_flatness(objective, list(GRANULARITIES))
    for granularity, value in together.items():
        alone = flatness(objective, granularity=granularity, method="dense").values[0]
        assert value == pytest.approx(alone, rel=1e-9 if hidden == 8 else 1e-5, abs=1e-12)
    assert list(together) == list(GRANULARITIES)
    assert all_flatness(objective, []) == {}


def test_all_flatness_of_a_part_that_only_curves_downward_is_below_zero():
    """The parameter that is 0 is left out: its eigenvalue 0 would hide that the rest curves downward."""
    objective = Quadratic(-np.diag([2.0, 3.0, 5.0]), np.zeros((4, 3)), [2.0, 0.0, 1.0])
    assert all_flatness(objective, ["element", "none"]) == {"element": pytest.approx(-5), "none": pytest.approx(-2)}


def test_all_flatness_of_a_net_beyond_the_finite_numbers_is_nan():
    weights, biases, X, y = relu_net(hidden=8)
    objective = objective_of([np.full_like(weights[0], 1e308), weights[1]], biases, X, y)
    with np.errstate(all="ignore"):
        assert np.isnan(list(all_flatness(objective, ["none", "element"]).values())).all()


def test_T_A4_3_block_flatness_ignores_depth_scalings_of_a_net_with_a_skip():
    """Edges from depth a to b are one block; c_b / c_a on each leaves the function as it is."""
    rng = np.random.default_rng(4)
    parts = {"0-1": rng.normal(size=(7, 4)), "1-2": rng.normal(size=(3, 7)), "0-2": rng.normal(size=(3, 4))}
    X, y = rng.normal(size=(60, 4)), rng.integers(0, 3, 60)

    def measured(c):
        net = WithSkip({name: torch.tensor(c[name] * part) for name, part in parts.items()})
        objective = Objective.of_module(net, torch.tensor(X), torch.tensor(y))
        depths = {"first": ("into 1", "0-1"), "second": ("into 2", "1-2"), "skip": ("into 2", "0-2")}
        objective.blocks = tuple(
            replace(block, layer=depths[block.name][0], edges=depths[block.name][1]) for block in objective.blocks
        )
        return {name: flatness(objective, granularity=name, method="dense").values[0] for name in GRANULARITIES}

    plain, scaled = measured({"0-1": 1, "1-2": 1, "0-2": 1}), measured({"0-1": 2.5, "1-2": 1 / 2.5, "0-2": 1})
    for name in ("block", "element"):
        assert scaled[name] == pytest.approx(plain[name], rel=1e-12)
    for name in ("layer", "none"):
        assert abs(scaled[name] / plain[name] - 1) > 0.01


class WithSkip(nn.Module):
    """x -> W12 relu(W01 x) + W02 x."""

    def __init__(self, parts):
        super().__init__()
        self.first, self.second = nn.Parameter(parts["0-1"]), nn.Parameter(parts["1-2"])
        self.skip = nn.Parameter(parts["0-2"])

    def forward(self, x):
        return torch.relu(x @ self.first.T) @ self.second.T + x @ self.skip.T


def test_T_A4_6_finer_groups_give_smaller_numbers_on_a_gauss_newton_matrix(by_hand):
    whole = matrix(by_hand, "gauss_newton").dense()
    sizes = []
    for granularity in ("element", "tensor", "layer"):
        scale = flatness_scale(by_hand, granularity)
        sizes.append(np.linalg.eigvalsh(scale[:, None] * whole * scale)[-1])
    assert sizes[0] <= sizes[1] <= sizes[2]
    one = np.linalg.norm(by_hand.theta)
    assert sizes[2] <= one**2 * np.linalg.eigvalsh(whole)[-1]


def test_in_a_plain_net_a_layer_is_its_weights_and_biases_and_a_block_is_a_tensor(by_hand):
    assert np.array_equal(flatness_scale(by_hand, "block"), flatness_scale(by_hand, "tensor"))
    scale = flatness_scale(by_hand, "layer")
    assert scale[0] == scale[519] == pytest.approx(np.linalg.norm(by_hand.theta[:520]), rel=1e-14)
    assert scale[520] == scale[609] == pytest.approx(np.linalg.norm(by_hand.theta[520:]), rel=1e-14)


def test_flatness_takes_a_warm_start(by_hand):
    cold = flatness(by_hand, granularity="element", method="lanczos")
    warm = flatness(by_hand, granularity="element", method="lanczos", start=cold.vectors)
    assert warm.iterations <= cold.iterations
    assert warm.values == pytest.approx(cold.values, rel=1e-4)


def test_an_unknown_granularity_is_said(by_hand):
    with pytest.raises(InvalidInput, match=r"'neuron'.*block, element, layer, none, tensor"):
        flatness(by_hand, granularity="neuron")
