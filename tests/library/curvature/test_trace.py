"""Trace and Frobenius norm, exact and estimated."""

from __future__ import annotations

import numpy as np
import pytest

from foldscape.curvature import Objective, frobenius, trace
from foldscape.errors import InvalidInput


@pytest.mark.parametrize("path", ["by_hand", "by_autograd"])
def test_T_0_4_hutchinson_is_within_four_of_its_exact_standard_errors(path, request, whole):
    probes = 200
    found = trace(request.getfixturevalue(path), probes=probes)
    variance = 2 * ((whole**2).sum() - (whole.diagonal() ** 2).sum())
    assert abs(found.value - whole.trace()) <= 4 * np.sqrt(variance / probes)
    assert found.standard_error == pytest.approx(np.sqrt(variance / probes), rel=0.3)
    assert found.probes == probes


def test_exact_sums(by_hand, whole):
    assert trace(by_hand, method="exact").value == pytest.approx(whole.trace(), rel=1e-10)
    assert frobenius(by_hand, method="exact").value == pytest.approx(np.linalg.norm(whole), rel=1e-10)
    scale = np.abs(by_hand.theta)
    assert trace(by_hand, method="exact", scale=scale).value == pytest.approx(scale**2 @ whole.diagonal(), rel=1e-10)


def test_T_A4_5_the_scaled_trace_is_estimated(by_hand):
    scale = np.abs(by_hand.theta)
    exact = trace(by_hand, method="exact", scale=scale).value
    found = trace(by_hand, probes=200, scale=scale)
    assert abs(found.value - exact) <= 4 * found.standard_error


def test_the_frobenius_estimate_covers_the_norm(by_hand, whole):
    found = frobenius(by_hand, probes=200)
    assert abs(found.value - np.linalg.norm(whole)) <= 4 * found.standard_error


def test_what_cannot_be_estimated_is_said(by_hand, digits):
    with pytest.raises(InvalidInput, match="1 probes"):
        trace(by_hand, probes=1)
    large = Objective.of_mlp([np.zeros((10, 200))], [None], "relu", np.ones((2, 200)), [0, 1])
    with pytest.raises(InvalidInput, match="2000 parameters"):
        trace(large, method="exact")
