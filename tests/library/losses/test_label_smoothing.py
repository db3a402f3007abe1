"""Label smoothing against a hand computation and PyTorch's own (T-H-4), and in a sweep."""

import json

import numpy as np
import pytest
import torch

import foldscape
from foldscape.comparison import compare
from foldscape.landscape import Evaluator
from foldscape.losses import CrossEntropy, loss_of
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.spec import RunSpec
from foldscape.sweep import run
from foldscape.sweep.check import problems
from foldscape.sweep.expand import expand
from foldscape.sweep.spec import SweepSpec

EPS, CLASSES = 0.1, 3
OUTPUTS, Y = np.array([[2.0, -1.0, 0.5]]), np.array([0])
LOG_P = OUTPUTS[0] - np.log(np.exp(2) + np.exp(-1) + np.exp(0.5))


def test_T_H_4_the_others_share_epsilon():
    by_hand = -(0.9 * LOG_P[0] + 0.05 * LOG_P[1] + 0.05 * LOG_P[2])
    loss = CrossEntropy(label_smoothing=EPS)
    assert loss.targets(CLASSES) == pytest.approx((0.9, 0.05))
    assert loss.values(OUTPUTS, Y)[0] == pytest.approx(by_hand, rel=1e-14)
    assert loss.error(OUTPUTS, Y)[0] == pytest.approx(np.exp(LOG_P) - [0.9, 0.05, 0.05], rel=1e-13)


def test_T_H_4_pytorch_spreads_epsilon_over_all_classes():
    by_hand = -((0.9 + EPS / 3) * LOG_P[0] + EPS / 3 * LOG_P[1] + EPS / 3 * LOG_P[2])
    loss = CrossEntropy(label_smoothing=EPS, smoothing_over="all")
    theirs = torch.nn.functional.cross_entropy(torch.from_numpy(OUTPUTS), torch.from_numpy(Y), label_smoothing=EPS)
    assert loss.targets(CLASSES) == pytest.approx((0.9 + EPS / 3, EPS / 3))
    assert loss.values(OUTPUTS, Y)[0] == pytest.approx(by_hand, rel=1e-14)
    assert float(theirs) == pytest.approx(by_hand, rel=1e-14)
    assert float(loss.mean_of(torch.from_numpy(OUTPUTS), torch.from_numpy(Y))) == pytest.approx(by_hand, rel=1e-14)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_each_form_is_the_other_with_another_epsilon(classes):
    """1 - ε to the true class is what PyTorch's form gives it with εK/(K-1)."""
    rng = np.random.default_rng(0)
    outputs, y = rng.normal(size=(20, classes)), rng.integers(0, classes, 20)
    ours = CrossEntropy(label_smoothing=0.3)
    as_theirs = CrossEntropy(label_smoothing=0.3 * classes / (classes - 1), smoothing_over="all")
    np.testing.assert_allclose(ours.values(outputs, y), as_theirs.values(outputs, y), rtol=1e-12)


def test_the_smoothed_loss_is_least_where_the_net_gives_what_is_asked_for():
    loss = CrossEntropy(label_smoothing=EPS)
    asked = np.log([[0.9, 0.05, 0.05]])
    np.testing.assert_allclose(loss.error(asked, Y), 0, atol=1e-15)
    assert loss.values(asked, Y)[0] == pytest.approx(-(0.9 * np.log(0.9) + 0.1 * np.log(0.05)))


def test_without_smoothing_the_bits_are_those_of_the_plain_loss():
    given = {"data": {"kind": "moons", "n": 60}, "stop": {"epochs": 3}, "probes": []}
    whole = {"kind": "cross_entropy", "label_smoothing": 0, "smoothing_over": "all"}
    plain, spelt = (RunSpec.model_validate(given | loss) for loss in ({}, {"loss": whole}))
    assert plain.model_dump_json() == spelt.model_dump_json()
    assert json.loads(plain.model_dump_json())["loss"] == "cross_entropy"


@pytest.mark.parametrize("wiring", ["layers", "dag"])
def test_a_smoothed_run_asks_for_less_and_tells_the_loss_that_it_makes_small(wiring):
    given = {
        "data": {"kind": "moons", "n": 60, "noise": 0.05}, "net": {"hidden": [8], "wiring": wiring, "output_scale": 1},
        "stop": {"epochs": 150}, "probes": [], "loss": {"kind": "cross_entropy", "label_smoothing": 0.2},
    }  # fmt: skip
    rows = [event.values for event in foldscape.run(RunSpec.model_validate(given)) if event.kind == "metrics"]
    least = -(0.8 * np.log(0.8) + 0.2 * np.log(0.2))
    assert least < rows[-1][1] < least + 0.1
    assert rows[-1][3] > least  # the test loss is smoothed too


def test_an_evaluator_keeps_large_margins_exact():
    """With outputs of 40 the plain loss is far below rounding, and the smoothed one is what the margin costs."""
    net = initial(NetSpec(hidden=(3,), output_scale=1), 2, 3, np.random.default_rng(0))
    biases = (net.biases[0], np.array([40, 0, 0], np.float32))
    weights = tuple(0 * part for part in net.weights)
    loss = CrossEntropy(label_smoothing=EPS)
    found = Evaluator.of_net(weights, biases, "relu", np.zeros((4, 2)), np.zeros(4, int), loss=loss)
    assert found.on_plane([0.0], [0.0], 0 * found.theta, None).loss[0] == pytest.approx(0.05 * 80, rel=1e-6)


@pytest.mark.parametrize(("eps", "allowed"), [(1, "less than 1"), (-0.1, "at least 0"), ("much", "a number")])
def test_what_is_no_share_is_refused_beside_its_field(eps, allowed):
    sweep = SweepSpec.model_validate({"vary": {"loss.label_smoothing": [eps]}, "seeds": [0]})
    (problem,) = problems(sweep)
    assert problem["path"] == f"vary.loss.label_smoothing.{eps}"
    assert problem["message"].startswith("loss.label_smoothing is ")
    assert allowed in problem["allowed"]


def test_a_sweep_varies_losses_by_name_with_settings_and_by_field():
    plain, smoothed = {"kind": "cross_entropy"}, {"kind": "cross_entropy", "label_smoothing": 0.1}
    axes = [
        ({"loss": ["mse", "cross_entropy"]}, ["mse", "cross_entropy"]),
        ({"loss": [plain, smoothed]}, ["cross_entropy", "cross_entropy(label_smoothing=0.1)"]),
        ({"loss.label_smoothing": [0, 0.1]}, ["cross_entropy", "cross_entropy(label_smoothing=0.1)"]),
        ({"a": {"x": {"loss": {"label_smoothing": 0.1}}}}, ["cross_entropy(label_smoothing=0.1)"]),
    ]
    for vary, labels in axes:
        cells = list(expand(SweepSpec.model_validate({"vary": vary, "seeds": [0]})))
        assert [cell.spec.loss.label for cell in cells] == labels
    assert list(SweepSpec.model_validate({"vary": axes[1][0]}).vary["loss"]) == [
        "cross_entropy", "cross_entropy label_smoothing 0.1",
    ]  # fmt: skip


def test_runs_with_other_smoothing_get_no_verdict():
    given = {
        "base": {"data": {"kind": "moons", "n": 60}, "net": {"hidden": [3]}, "stop": {"epochs": 2}},
        "vary": {"loss.label_smoothing": [0, 0.1]},
        "seeds": "0-2",
        "measure": {"flatness": ["layer"]},
    }
    curves = run(SweepSpec.model_validate(given), threads=1).curves()
    found = compare(curves, by="epochs", contrast="loss.label_smoothing", primary="lambda_layer")
    assert (found.verdicts, found.comparable.differs) == ([], ("loss",))
    assert "differ in their loss" in found.answer
    smoothed = [curve for curve in curves if curve.loss != loss_of("cross_entropy").label]
    assert compare(smoothed, by="loss").words.endswith(" nats of cross_entropy(label_smoothing=0.1)")
