"""What an ensemble predicts, against formulas and by hand."""

import itertools
import math

import numpy as np
import pytest

from foldscape.ensembles.pairs import disagreement, error_correlation
from foldscape.ensembles.prediction import calibration_error, mean_prediction, score, shares_of
from foldscape.errors import InvalidInput


def drawn(members=4, points=30, classes=3, seed=0):
    logits = np.random.default_rng(seed).normal(0, 2, (members, points, classes))
    exp = np.exp(logits)
    return exp / exp.sum(axis=2, keepdims=True)


@pytest.mark.parametrize(("members", "variance", "covariance"), [(2, 1.0, 0.3), (5, 2.0, 0.0), (8, 0.5, 0.45)])
def test_T_C3_1_the_mean_of_errors_has_the_variance_of_the_formula(members, variance, covariance):
    rng = np.random.default_rng(members)
    shared = rng.normal(0, math.sqrt(covariance), (100_000, 1))
    errors = shared + rng.normal(0, math.sqrt(variance - covariance), (100_000, members))
    measured = float((errors.mean(axis=1) ** 2).mean())
    assert measured == pytest.approx(variance / members + (members - 1) * covariance / members, rel=0.02)


@pytest.mark.parametrize("members", [1, 2, 3, 7, 11])
@pytest.mark.parametrize("weighted", [False, True])
def test_T_C3_2_members_that_agree_predict_what_one_does_bit_for_bit(members, weighted):
    one = drawn(1)[0]
    weights = np.random.default_rng(members).uniform(0.1, 1, members) if weighted else None
    assert mean_prediction([one] * members, weights).tobytes() == one.tobytes()


def test_T_C3_3_weights_are_normalised_and_the_order_of_members_changes_no_bit():
    predictions, weights = drawn(), np.array([0.5, 3.0, 0.0, 1.5])
    assert shares_of(weights, 4).sum() == pytest.approx(1, abs=1e-15)
    together = mean_prediction(predictions, weights)
    np.testing.assert_allclose(together, np.average(predictions, axis=0, weights=weights), rtol=0, atol=1e-15)
    np.testing.assert_allclose(together.sum(axis=1), 1, rtol=0, atol=1e-14)
    np.testing.assert_allclose(mean_prediction(predictions, 7 * weights), together, rtol=0, atol=1e-15)
    for order in itertools.permutations(range(4)):
        at = list(order)
        assert mean_prediction(predictions[at], weights[at]).tobytes() == together.tobytes()


@pytest.mark.parametrize("weights", [[1, 2], [0, 0, 0], [1, -1, 1], [1, math.nan, 1]])
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises(InvalidInput, match="not those of 3 members"):
        mean_prediction(drawn(3), weights)


def test_no_member_is_refused():
    with pytest.raises(InvalidInput, match="An ensemble of 0 members"):
        mean_prediction([])


def test_scores_are_those_by_hand():
    p = np.array([[0.7, 0.3], [0.2, 0.8], [0.55, 0.45], [0.1, 0.9]])
    found = score(p, np.array([0, 1, 1, 0]))
    assert found.accuracy == 0.5
    assert found.nll == pytest.approx(-(math.log(0.7) + math.log(0.8) + math.log(0.45) + math.log(0.1)) / 4, abs=1e-15)
    # each point has a bin of its own: |0.7 - 1| + |0.8 - 1| + |0.55 - 0| + |0.9 - 0|, over 4
    assert found.ece == pytest.approx((0.3 + 0.2 + 0.55 + 0.9) / 4, abs=1e-12)


def test_a_bin_holds_its_upper_edge_and_confidence_that_is_right_has_no_error():
    assert calibration_error(np.array([0.2, 0.2, 0.2, 0.2, 0.2]), np.array([True, False, False, False, False])) == (
        pytest.approx(0, abs=1e-12)
    )
    upper, above = np.array([1 / 15, 1 / 15 + 1e-9]), np.array([True, False])
    assert calibration_error(upper, above) == pytest.approx((14 / 15 + 1 / 15) / 2, abs=1e-6)


def test_a_right_class_of_probability_0_costs_all_there_is():
    assert score(np.array([[1.0, 0.0]]), np.array([1])).nll == math.inf


def test_disagreement_and_correlation_of_errors():
    one, two = np.eye(3)[[0, 1, 2, 0]], np.eye(3)[[0, 2, 2, 1]]
    y = np.array([0, 1, 1, 0])
    assert disagreement(one, two) == 0.5
    assert error_correlation(one, two, y) == pytest.approx(np.corrcoef([0, 0, 1, 0], [0, 1, 1, 1])[0, 1], abs=1e-12)
    assert math.isnan(error_correlation(one, two, np.array([0, 1, 2, 0])))
