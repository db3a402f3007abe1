from dataclasses import replace

import numpy as np
import pytest

from foldscape.errors import InvalidInput, NotPossible
from foldscape.geometry import activation_signs, cell_distance
from foldscape.net.dag import Dag
from foldscape.net.mlp import Weights, initial
from foldscape.net.norm import BatchNorm
from foldscape.net.spec import NetSpec

RNG = np.random.default_rng(5)
X = RNG.normal(size=(200, 3))


def drawn(seed, hidden=(7, 5), **fields):
    return initial(NetSpec(hidden=hidden, **fields), 3, 4, np.random.default_rng(seed))


def test_T_H_5_equal_weights_are_in_one_cell():
    assert cell_distance(drawn(1), drawn(1), X) == 0


@pytest.mark.parametrize("factor", [2.0, 0.125, 3.7])
def test_T_H_5_a_positive_rescaling_of_a_unit_stays_in_the_cell(factor):
    net = drawn(1)
    first, second = (part.copy() for part in net.weights[:2])
    bias = net.biases[0].copy()
    first[3] *= factor
    bias[3] *= factor
    second[:, 3] /= factor
    scaled = replace(net, weights=(first, second, *net.weights[2:]), biases=(bias, *net.biases[1:]))
    assert cell_distance(net, scaled, X) == 0


def test_T_H_5_a_net_of_one_unit_is_a_count_by_hand():
    x = np.array([[-2.0], [-1.0], [0.0], [1.0], [2.0], [3.0], [4.0], [5.0]])

    def at(bias):
        return Weights((np.ones((1, 1)), np.ones((2, 1))), (np.array([bias]), np.zeros(2)))

    # x - 0.5 > 0 for 1, 2, 3, 4, 5; x - 3.5 > 0 for 4 and 5: 1, 2 and 3 differ
    assert cell_distance(at(-0.5), at(-3.5), x) == 3 / 8
    assert cell_distance(at(-3.5), at(-0.5), x) == 3 / 8


def test_it_is_the_counting_of_active_units_that_the_run_tells():
    for net in (drawn(2), Dag.of_layers(drawn(2)), drawn(2, activation="leaky_relu")):
        counted = np.concatenate(net.astype(np.float64).active_counts(X))
        np.testing.assert_array_equal(activation_signs(net, X).sum(axis=0), counted)


def test_normalisation_counts_as_folded_in():
    net = drawn(3, hidden=(6,))
    ones = np.ones(6, np.float32)
    shifted = replace(net, norms=(BatchNorm(ones, -ones, 0 * ones, ones),))
    by_hand = X @ net.weights[0].T + net.biases[0] > np.sqrt(1 + 1e-5)
    np.testing.assert_array_equal(activation_signs(shifted, X), by_hand)


def test_it_refuses_what_has_no_answer():
    with pytest.raises(InvalidInput, match=r"\[7, 5\] and \[7, 6\]"):
        cell_distance(drawn(1), drawn(1, hidden=(7, 6)), X)
    with pytest.raises(InvalidInput, match="0 samples"):
        cell_distance(drawn(1), drawn(1), X[:0])
    with pytest.raises(InvalidInput, match=r"\(200, 2\)"):
        cell_distance(drawn(1), drawn(2), X[:, :2])
    with pytest.raises(NotPossible, match="tanh"):
        cell_distance(drawn(1, activation="tanh"), drawn(2, activation="tanh"), X)
