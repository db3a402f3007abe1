"""Hills on earlier nets: the formulas, and that a gradient is that of the value."""

import math

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy.optimize import minimize_scalar

from foldscape.spec import RunSpec
from foldscape.terms import HillPenalty, TermMoment
from foldscape.terms.hill_shapes import equilibrium, height, slope
from foldscape.terms.standing import Standing, distance, fixed_points

RNG = np.random.default_rng(11)
SHAPES = ((4, 3), (4,), (2, 4), (2,))
KERNELS = ["rbf", "inverse", "l2"]


def blocks(scale=1.0, rng=RNG):
    return tuple(scale * rng.normal(size=shape) for shape in SHAPES)


def standing(tops, sigma):
    found = Standing()
    for top in tops:
        found = found.put(top, np.zeros((1, 2), np.float32), sigma=sigma, reference=np.nan, step=0, most=64)
    return found


def pushed(term, theta, held):
    gradient = [torch.zeros(part.shape, dtype=torch.float64) for part in theta]
    tensors = {name: [torch.tensor(part) for part in parts] for name, parts in held.items()}
    moment = TermMoment(0, [torch.tensor(part) for part in theta], gradient, lambda shift: gradient, tensors)
    term.add_gradient(gradient, moment)
    return np.concatenate([part.numpy().ravel() for part in gradient])


def vector(parts):
    return np.concatenate([part.ravel() for part in parts])


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("scope", ["all", "weights", "last_layer"])
def test_T_C1_1_the_gradient_is_that_of_autograd_and_of_differences(kernel, scope):
    term, theta = HillPenalty(strength=1.7, kernel=kernel, scope=scope), blocks(0.4)
    tops = [blocks(0.4) for _ in range(3)]
    held = standing(tops, 1.3).held()
    mine = pushed(term, theta, held)

    leaves = [torch.tensor(part, requires_grad=True) for part in theta]
    counted = {"all": [0, 1, 2, 3], "weights": [0, 2], "last_layer": [2, 3]}[scope]
    total = 0
    for top in tops:
        d = sum(((leaves[p] - torch.tensor(top[p])) ** 2).sum() for p in counted)
        share = d / (2 * 1.3**2)
        total = total + 1.7 * {"rbf": torch.exp(-share), "inverse": 1 / (1 + share), "l2": -d}[kernel]
    total.backward()
    by_autograd = np.concatenate([(torch.zeros_like(x) if x.grad is None else x.grad).numpy().ravel() for x in leaves])
    assert np.abs(mine - by_autograd).max() <= 1e-9
    assert term.value(theta, held, 0) == pytest.approx(float(total.detach()), abs=1e-12)

    flat, ends = vector(theta), np.cumsum([0, *(part.size for part in theta)])
    for place in range(len(flat)):
        step = 1e-5 * (np.arange(len(flat)) == place)
        there, back = (
            term.value(tuple(v[a:b].reshape(s) for a, b, s in zip(ends, ends[1:], SHAPES, strict=False)), held, 0)
            for v in (flat + step, flat - step)
        )
        assert mine[place] == pytest.approx((there - back) / 2e-5, abs=1e-9)


def test_T_C1_1_one_parameter_is_the_printed_formula_and_more_are_not():
    sigma, top, at = 0.8, 0.3, 1.1
    held = standing([(np.array([top]),)], sigma).held()
    printed = (top - at) / sigma**2 * math.exp(-((top - at) ** 2) / (2 * sigma**2))
    assert pushed(HillPenalty(), (np.array([at]),), held)[0] == pytest.approx(printed, abs=1e-12)
    two, theta = (np.array([top, -0.2]),), (np.array([at, 0.7]),)
    coordinatewise = (two[0] - theta[0]) / sigma**2 * np.exp(-((two[0] - theta[0]) ** 2) / (2 * sigma**2))
    mine = pushed(HillPenalty(), theta, standing([two], sigma).held())
    assert np.abs(mine - coordinatewise).min() > 0.1


def test_T_C1_2_on_the_top_k_is_1_the_gradient_0_and_the_hessian_minus_s_over_squared_width():
    term, sigma, top = HillPenalty(strength=2.5), 0.7, blocks()
    held = standing([top], sigma).held()
    assert term.value(top, held, 0) == 2.5
    assert not pushed(term, top, held).any()
    step = 1e-4
    for place in range(len(SHAPES)):
        moved = [part.copy() for part in top]
        moved[place].flat[0] += step
        column = pushed(term, tuple(moved), held) / step
        assert column[np.abs(column).argmax()] == pytest.approx(-2.5 / sigma**2, rel=1e-6)
        assert np.count_nonzero(column) == 1


def test_T_C1_3_the_push_is_strongest_one_width_from_the_top():
    strength, sigma = 3.0, 1.4

    def push(r):
        return 2 * strength * r * slope("rbf", r**2, sigma)

    found = minimize_scalar(push, bounds=(0.1, 5), method="bounded", options={"xatol": 1e-10})
    assert found.x == pytest.approx(sigma, abs=1e-6)
    assert -found.fun == pytest.approx(strength * math.exp(-0.5) / sigma, abs=1e-6)


@pytest.mark.parametrize(("strength", "at"), [(1.0, 0.9726724591965498), (0.7, 0.0)])
def test_T_C1_4_descent_on_a_quadratic_ends_at_the_equilibrium(strength, at):
    curvature, sigma = 0.5, 1.2
    assert equilibrium(strength, sigma, curvature) == pytest.approx(at, abs=1e-12)
    term, held = HillPenalty(strength=strength), standing([(np.zeros(1),)], sigma).held()
    theta = np.array([0.3])
    for _ in range(3000):
        theta = theta - 0.5 * (curvature * theta + pushed(term, (theta,), held))
    assert abs(theta[0]) == pytest.approx(at, abs=1e-6)


def test_where_nothing_holds_the_net_there_is_no_equilibrium():
    assert math.isnan(equilibrium(1.0, 1.0, 0.0))
    assert math.isnan(equilibrium(1.0, 1.0, -0.3))
    assert equilibrium(0.0, 1.0, 0.5) == 0


@pytest.mark.parametrize("kernel", KERNELS)
def test_T_C1_5_several_hills_add_up(kernel):
    term, theta, tops = HillPenalty(kernel=kernel), blocks(0.5), [blocks(0.5) for _ in range(5)]
    together = pushed(term, theta, standing(tops, 1.1).held())
    apart = sum(pushed(term, theta, standing([top], 1.1).held()) for top in tops)
    assert np.abs(together - apart).max() <= 1e-12


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_slope_is_the_derivative_of_the_height(kernel):
    for squared in (0.0, 0.3, 2.0, 9.0):
        step = 1e-6
        there, back = (height(kernel, squared + sign * step, 0.9) for sign in (1, -1))
        assert slope(kernel, squared, 0.9) == pytest.approx((there - back) / (2 * step), abs=1e-8)


def test_of_more_than_the_most_the_oldest_goes():
    found = Standing()
    for number in range(5):
        found = found.put(blocks(), np.zeros((1, 2)), sigma=1.0 + number, reference=np.nan, step=number, most=3)
    assert (len(found), list(found.number), list(found.sigma)) == (3, [2, 3, 4], [3.0, 4.0, 5.0])
    again = Standing.of(found.held())
    assert [list(again.step), again.outputs.shape] == [[2, 3, 4], (3, 1, 2)]
    assert all(distance(a, b) == 0 for a, b in zip(again.tops, found.tops, strict=True))


def test_the_way_is_that_of_the_last_five_epochs_and_of_the_present_one():
    found = Standing(last=(np.zeros(1),))
    for place in (1.0, 3.0, 2.0, 2.5, 2.5, 4.5, 4.0):  # 1, 2, 1, 0.5, 0, 2, 0.5
        found = found.after_epoch((np.array([place]),))
    assert found.way((np.array([4.0]),)) == pytest.approx(1 + 0.5 + 0 + 2 + 0.5)
    assert found.way((np.array([4.25]),)) == pytest.approx(4.25)


def test_outputs_are_compared_on_at_most_256_points_from_end_to_end():
    assert list(fixed_points(5)) == [0, 1, 2, 3, 4]
    many = fixed_points(10_000)
    assert (len(many), many[0], many[-1]) == (256, 0, 9_999)


def refused(**fields):
    given = {"terms": [{"kind": "hills"} | fields], "net": {"hidden": [4]}, "stop": {"epochs": 30}}
    wiring = fields.pop("wiring", None)
    given["terms"] = [{"kind": "hills"} | fields]
    if wiring:
        given["net"] = {"hidden": [2], "wiring": wiring}
    with pytest.raises(ValidationError) as error:
        RunSpec.model_validate(given)
    return error.value.errors()[0]


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"sigma": 0}, "sigma", "greater than 0"),
        ({"sigma_rel": 0}, "sigma_rel", "greater than 0"),
        ({"strength": -1}, "strength", "greater than or equal to 0"),
        ({"at_epochs": [0, 5]}, "at_epochs", "0 is no number of epochs"),
        ({"most": 65}, "most", "less than or equal to 64"),
    ],
)
def test_a_bad_value_is_refused_beside_its_field(fields, field, words):
    error = refused(**fields)
    assert field in error["loc"]
    assert words in error["msg"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"at_epochs": [31]}, "terms.0.at_epochs 31 comes after the run's last epoch 30"),
        ({"at_epochs": [1, 2, 3], "most": 2}, "terms.0.at_epochs names 3 hills and most 2 stand at once"),
        ({"scope": "weights", "wiring": "dag"}, "terms.0.scope weights asks for layers"),
        ({"kernel": "function", "wiring": "dag"}, "terms.0.kernel function trains by torch"),
    ],
)
def test_what_does_not_fit_the_run_is_one_sentence_that_begins_with_the_field(fields, words):
    assert words in refused(**fields)["msg"]


def test_more_checkpoints_than_fit_into_memory_are_refused():
    assert (
        HillPenalty(most=64)
        .trouble_with(1 << 23, by_torch=True)
        .startswith("most 64 hills of 8,388,608 parameters each")
    )
    assert HillPenalty(most=32).trouble_with(1 << 23, by_torch=True) == ""
