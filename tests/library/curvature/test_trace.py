"""Trace and Frobenius norm, exact and estimated."""

from __future__ import annotations

import numpy as np
import pytest

from foldscape.curvature import Objective, frobenius, matrix, trace
from foldscape.errors import InvalidInput


@pytest.mark.parametrize("path", ["by_hand", "by_autograd"])
def test_T_0_4_hutchinson_is_within_four_of_its_exact_standard_errors(path, request, whole):
    probes = 200
    found = trace(request.getfixturevalue(path), method="hutchinson", probes=probes)
    variance = 2 * ((whole**2).sum() - (whole.diagonal() ** 2).sum())
    assert abs(found.value - whole.trace()) <= 4 * np.sqrt(variance / probes)
    assert found.standard_error == pytest.approx(np.sqrt(variance / probes), rel=0.3)
    assert found.probes == probes


def test_exact_sums(by_hand, whole):
    assert trace(by_hand, method="exact").value == pytest.approx(whole.trace(), rel=1e-10)
    assert frobenius(by_hand, method="exact").value == pytest.approx(np.linalg.norm(whole), rel=1e-10)
    scale = np.abs(by_hand.theta)
    assert trace(by_hand, method="exact", scale=scale).value == pytest.approx(scale**2 @ whole.diagonal(), rel=1e-10)


def test_of_dense_nets_the_trace_is_known(by_hand, by_autograd, whole):
    found = trace(by_hand)
    assert found.exact
    assert found.value == pytest.approx(whole.trace(), rel=1e-12)
    assert not trace(by_autograd, probes=10).exact
    assert trace(by_hand, scale=by_hand.theta).value == pytest.approx(by_hand.theta**2 @ whole.diagonal(), rel=1e-12)


@pytest.mark.parametrize("name", ["gauss_newton", "true_fisher", "empirical_fisher", "gradient_covariance"])
def test_the_traces_of_all_matrices(name, by_hand, by_autograd):
    exact = matrix(by_hand, name).dense().trace()
    assert trace(by_hand, name=name).value == pytest.approx(exact, rel=1e-12)
    estimate = trace(by_autograd, name=name, method="hutchinson", probes=40)
    assert abs(estimate.value - exact) <= 4 * estimate.standard_error


def test_the_trace_of_a_wide_net_in_single_precision(rng):
    weights = [rng.normal(size=(80, 300)) / 20, rng.normal(size=(10, 80)) / 6]
    arguments = weights, [np.zeros(80), np.zeros(10)], "relu", rng.random((500, 300)), rng.integers(0, 10, 500)
    single = Objective.of_mlp(*arguments, dtype=np.float32)
    assert trace(single).exact
    assert trace(single).value == pytest.approx(trace(Objective.of_mlp(*arguments), method="exact").value, rel=1e-6)
    estimate = trace(Objective.of_mlp(*arguments), method="hutchinson", probes=50)
    assert abs(estimate.value - trace(single).value) <= 4 * estimate.standard_error


def test_progress_is_told(by_autograd):
    told = []
    trace(by_autograd, probes=20, progress=lambda done, of: told.append((done, of)))
    assert told == [(16, 20), (20, 20)]


def test_T_A4_5_the_scaled_trace_is_estimated(by_hand):
    scale = np.abs(by_hand.theta)
    exact = trace(by_hand, method="exact", scale=scale).value
    found = trace(by_hand, method="hutchinson", probes=200, scale=scale)
    assert abs(found.value - exact) <= 4 * found.standard_error


def test_the_frobenius_estimate_covers_the_norm(by_hand, whole):
    found = frobenius(by_hand, probes=200)
    assert abs(found.value - np.linalg.norm(whole)) <= 4 * found.standard_error


def test_what_cannot_be_estimated_is_said(by_hand, digits):
    with pytest.raises(InvalidInput, match="1 probes"):
        trace(by_hand, method="hutchinson", probes=1)
    large = Objective.of_mlp([np.zeros((10, 200))], [None], "relu", np.ones((2, 200)), [0, 1])
    with pytest.raises(InvalidInput, match="2000 parameters"):
        frobenius(large, method="exact")
