"""Relative flatness: its definition from the dense Hessian, and what leaves it unchanged."""

from __future__ import annotations

import numpy as np
import pytest

from foldscape.curvature import Objective, relative_flatness
from foldscape.errors import InvalidInput, NotPossible
from tests.library.curvature.nets import objective_of, relu_net


@pytest.mark.parametrize("layer", [0, 1])
def test_T_F9_it_is_the_sum_over_pairs_of_neurons(layer):
    weights, biases, X, y = relu_net()
    objective = objective_of(weights, biases, X, y)
    block = objective.blocks[2 * layer]
    part = objective.dense_hessian()[block.span, block.span].reshape(*block.shape, *block.shape)
    exact = np.einsum("sj,tj,sktk->", weights[layer], weights[layer], part)
    found = relative_flatness(objective, layer, standardised=False)
    assert found.value == pytest.approx(exact, rel=1e-10)
    assert found.trace == pytest.approx(np.einsum("sksk->", part), rel=1e-10)


@pytest.mark.parametrize("standardised", [False, True])
def test_T_F9_layer_scalings_leave_it_as_it_is(standardised):
    weights, biases, X, y = relu_net()
    plain = objective_of(weights, biases, X, y)
    scaled = objective_of([3.7 * weights[0], weights[1] / 3.7], [3.7 * biases[0], biases[1]], X, y)
    for layer in (0, 1):
        one, other = (relative_flatness(each, layer, standardised=standardised) for each in (plain, scaled))
        assert other.value == pytest.approx(one.value, rel=1e-10)


def test_T_F9_a_single_row_is_its_squared_norm_times_the_trace():
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(6, 4)), rng.normal(size=(1, 6))]
    objective = Objective.of_mlp(weights, [None, None], "relu", rng.normal(size=(50, 4)), rng.integers(0, 2, 50))
    found = relative_flatness(objective, standardised=False)
    assert found.value == pytest.approx(found.norm**2 * found.trace, rel=1e-12)
    assert found.norm == pytest.approx(np.linalg.norm(weights[1]))


def test_T_F9_once_standardised_neuron_scalings_leave_it_as_it_is():
    weights, biases, X, y = relu_net()
    c = np.geomspace(0.1, 10, 12)
    plain = objective_of(weights, biases, X, y)
    scaled = objective_of([c[:, None] * weights[0], weights[1] / c], [c * biases[0], biases[1]], X, y)
    assert relative_flatness(scaled).value == pytest.approx(relative_flatness(plain).value, rel=1e-10)
    raw = [relative_flatness(each, standardised=False).value for each in (plain, scaled)]
    assert abs(raw[1] / raw[0] - 1) > 0.1


def test_a_feature_that_never_varies_counts_by_its_size():
    values = [
        relative_flatness(Objective.of_mlp([np.eye(2) / c], [None], "relu", np.full((5, 2), c), [0, 1, 0, 1, 1])).value
        for c in (1.0, 4.0)
    ]
    assert values[1] == pytest.approx(values[0], rel=1e-12)
    dead = relative_flatness(Objective.of_mlp([np.eye(2)], [None], "relu", np.zeros((5, 2)), [0, 1, 0, 1, 1]))
    assert dead.value == 0


def test_what_has_no_relative_flatness_is_said(by_hand, by_autograd):
    with pytest.raises(InvalidInput, match="no layer 2"):
        relative_flatness(by_hand, 2)
    with pytest.raises(NotPossible, match="dense nets"):
        relative_flatness(by_autograd)
