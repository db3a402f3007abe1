"""SAM, ASAM and average sharpness against what they are to second order."""

from __future__ import annotations

import numpy as np
import pytest

from foldscape.curvature import Objective, perturbation, sharpness, trace
from foldscape.errors import InvalidInput
from tests.library.curvature.nets import objective_of, relu_net
from tests.library.curvature.quadratic import Quadratic


def test_T_F7_1_a_small_radius_gives_the_second_order_formula(smooth_net, digits):
    objective = Objective.of(smooth_net, *digits)
    rho, g = 1e-3, objective.gradient()
    unit = g / np.linalg.norm(g)
    formula = rho * np.linalg.norm(g) + 0.5 * rho**2 * unit @ objective.hvp(None, unit)
    assert sharpness(objective, rho=rho, steps=0, draws=2).one_step == pytest.approx(formula, rel=1e-3)


def test_T_F7_2_radius_zero_is_no_step(by_hand):
    assert not perturbation(by_hand, 0.0).any()
    step = perturbation(by_hand, 0.05)
    assert np.linalg.norm(step) == pytest.approx(0.05, rel=1e-12)
    assert np.linalg.norm(perturbation(by_hand, 0.5, adaptive=True) / by_hand.theta) == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize("adaptive", [False, True])
@pytest.mark.parametrize("rho", [0.05, 0.5])
def test_T_F7_3_ascent_finds_at_least_what_one_step_finds(adaptive, rho, by_hand):
    found = sharpness(by_hand, rho=rho, adaptive=adaptive, draws=2)
    assert found.ascent > found.one_step > 0


def test_T_F7_3_on_a_quadratic_ascent_finds_the_maximum_of_the_ball():
    objective = Quadratic(np.diag([5.0, 1.0, 0.1]), np.zeros((1, 3)), [1e-3, 0.01, 0.01])
    assert sharpness(objective, rho=0.5, steps=100, draws=2).ascent == pytest.approx(0.5 * 5 * 0.25, rel=0.02)


def test_T_F7_4_adaptive_sharpness_ignores_neuron_scalings():
    weights, biases, X, y = relu_net()
    c = np.geomspace(0.1, 10, 12)
    plain = objective_of(weights, biases, X, y)
    scaled = objective_of([c[:, None] * weights[0], weights[1] / c], [c * biases[0], biases[1]], X, y)
    one, other = (sharpness(objective, rho=0.5, adaptive=True) for objective in (plain, scaled))
    assert other.one_step == pytest.approx(one.one_step, rel=1e-9)
    assert other.ascent == pytest.approx(one.ascent, rel=1e-9)
    assert other.average.value == pytest.approx(one.average.value, rel=1e-9)
    fixed = [sharpness(objective, rho=0.05, draws=2).one_step for objective in (plain, scaled)]
    assert fixed[1] > 1.1 * fixed[0]


def test_T_F7_5_average_sharpness_at_a_minimum_is_half_the_trace():
    hessian = np.diag(np.linspace(0, 3, 20))
    objective = Quadratic(hessian, np.zeros((1, 20)), np.zeros(20))
    found = sharpness(objective, rho=0.1, draws=400).average
    assert abs(found.value - 0.5 * 0.01 * hessian.trace()) <= 4 * found.standard_error
    assert found.standard_error < 0.05 * found.value


def test_average_sharpness_of_a_net_is_half_the_trace(smooth_net, digits):
    objective = Objective.of(smooth_net, *digits)
    found = sharpness(objective, rho=0.01, draws=60, steps=0).average
    assert abs(found.value - 0.5 * 1e-4 * trace(objective).value) <= 4 * found.standard_error


def test_what_measures_nothing_is_said(by_hand):
    with pytest.raises(InvalidInput, match="radius of 0"):
        sharpness(by_hand, rho=0)
