"""Carrying sweeps out: the same numbers however the runs are put together, saved, and taken up again."""

import json
from typing import get_args

import numpy as np
import pytest
import torch

from foldscape import curvature
from foldscape.comparison import CLOCKS, compare
from foldscape.cost.calibration import calibrate
from foldscape.cost.rates import Rates
from foldscape.errors import InvalidInput, NotPossible
from foldscape.events import COLUMNS
from foldscape.spec import RunSpec
from foldscape.sweep import SweepSpec, expand, follow, run, verify
from foldscape.sweep.carry import tasks
from foldscape.sweep.cost import is_held_up
from foldscape.sweep.expand import one_pair
from foldscape.sweep.folder import Folder
from foldscape.sweep.result import BUT_CLOCK
from foldscape.sweep.spec import Clock, Measure
from foldscape.sweep.straight import trains_straight
from foldscape.sweep.task import run_task
from foldscape.training import Loop

GROWN = {
    "net.hidden": [2],
    "growth": {
        "rule": {"kind": "random_direction"},
        "schedule": {"kind": "periodic", "start": 2, "every": 2, "births": 2},
    },
}
PLAIN = {
    "question": "Which is flatter?",
    "base": {
        "data": {"kind": "rings", "n": 80, "test_share": 0.25},
        "net": {"hidden": [4], "output_scale": 1},
        "optimizer": {"kind": "sgd", "lr": 0.2},
        "batch": 12,
        "stop": {"epochs": 6},
    },
    "vary": {"model": {"grown": GROWN, "fixed": {}}},
    "seeds": [0, 1, 2],
    "measure": {"every": 3, "trace": True, "at_losses": [0.69]},
}
DIGITS = PLAIN | {
    "base": PLAIN["base"] | {"data": {"kind": "digits"}, "batch": 100, "stop": {"epochs": 2}},
    "vary": {"lr": [0.05, 0.1]},
    "measure": {"every": 1, "flatness": ["layer", "element"]},
}
MIXED = PLAIN | {
    "vary": {"lr": [0.05, 0.2], "batch": [7, 12], "net": {"small": {}, "deep": {"net.hidden": [5, 3]}}},
    "seeds": [0, 1],
    "measure": {"every": 4},
}
WILD = {"optimizer": {"lr": 100, "weight_decay": 10}}
INSERTED = {
    "rule": {"kind": "random_insertion", "parents": 2},
    "schedule": {"kind": "at_epochs", "epochs": [1, 3], "counts": [2, 1]},
}
GRAPHS = PLAIN | {
    "base": PLAIN["base"] | {"net": {"wiring": "dag", "hidden": [3], "output_scale": 1}},
    "vary": {"model": {"grown": {"net.hidden": [], "growth": INSERTED}, "fixed": {}}},
}
SPEC = SweepSpec.model_validate(PLAIN)


@pytest.fixture(scope="module")
def result():
    return run(SPEC, threads=2)


def same(row, other):
    for name, column in row.curve.columns.items():
        if name not in BUT_CLOCK:
            assert column == other.curve.columns[name], name
    assert (row.data, row.state, row.curve.births, row.curve.reached) == (
        other.data, other.state, other.curve.births, other.curve.reached,
    )  # fmt: skip


@pytest.mark.parametrize("plain", [PLAIN, DIGITS, GRAPHS, MIXED], ids=["rings", "digits", "graphs", "mixed"])
def test_a_run_has_the_same_bits_alone_and_with_others(plain):
    spec = SweepSpec.model_validate(plain)
    rows = {row.key: row for row in run(spec, threads=2).rows}
    for cell in expand(spec):
        (alone,) = [row for step in run_task([cell], spec.measure, apart=True) for row in step.ended]
        same(rows[cell.key], alone)


def test_which_runs_train_straight():
    spec = SweepSpec.model_validate(DIGITS | {"seeds": "0-9"})
    assert sorted(map(len, tasks(list(expand(spec)), 2))) == [5, 5, 5, 5]
    assert not trains_straight(next(expand(SPEC)).spec)


def test_a_curve_is_what_the_run_loop_measures(result):
    row = next(row for row in result.rows if row.settings["model"] == "fixed")
    cell = next(cell for cell in expand(SPEC) if cell.key == row.key)
    told = {event.step: event.values for event in Loop(cell.spec).events() if event.kind == "metrics"}
    updates = row.curve.columns["updates"]
    for name in ("train_loss", "test_accuracy", "gradient_norm"):
        expected = [float(told[step][COLUMNS.index(name)]) for step in updates]
        assert row.curve.columns[name] == expected


def test_flatness_is_the_top_of_the_dense_spectrum(result):
    """T-A4-4: each granularity's value is the largest eigenvalue of the scaled Hessian."""
    row = next(row for row in result.rows if row.settings["model"] == "fixed")
    cell = next(cell for cell in expand(SPEC) if cell.key == row.key)
    loop = Loop(cell.spec)
    for _ in loop.events():
        pass
    objective = loop.subject.net.objective(loop.subject.split.train_x, loop.subject.split.train_y)
    hessian = objective.dense_hessian()
    for name in curvature.GRANULARITIES:
        scale = curvature.flatness_scale(objective, name)
        top = np.linalg.eigvalsh(scale[:, None] * hessian * scale)[-1]
        assert row.curve.last(f"lambda_{name}") == pytest.approx(top, rel=1e-4)
    assert row.curve.last("trace") == pytest.approx(np.trace(hessian), rel=1e-9)
    assert row.curve.points == curvature.probe_subset(60).hash


def test_births_are_written_down_with_curvature_before_and_after(result):
    row = next(row for row in result.rows if row.settings["model"] == "grown")
    assert [birth["epoch"] for birth in row.curve.births] == [2, 4]
    assert [birth["neurons"] for birth in row.curve.births] == [3, 4]
    assert all(birth["kept"] < 1e-5 for birth in row.curve.births)
    for birth in row.curve.births:
        at = row.curve.columns["updates"].index(birth["updates"])
        assert birth["after"]["lambda_layer"] == row.curve.columns["lambda_layer"][at]
        assert row.curve.columns["neurons"][at] == birth["neurons"]
        assert birth["before"] != birth["after"]


def test_rows_fall_on_the_grid_at_births_at_the_loss_and_at_the_end(result):
    for row in result.rows:
        loss = next((epoch for epoch in row.curve.reached.values()), None)
        births = {birth["epoch"] for birth in row.curve.births}
        assert set(row.curve.columns["epoch"]) == {0, 3, 6} | births | ({loss} - {None})
        assert row.curve.columns["updates"] == sorted(set(row.curve.columns["updates"]))


def test_operations_are_counted_with_the_net_of_the_time(result):
    grown, fixed = (next(row for row in result.rows if row.settings["model"] == model) for model in ("grown", "fixed"))
    size = {units: 5 * units + 2 for units in (2, 3, 4)}
    assert fixed.curve.last("flops") == pytest.approx(6 * 60 * 6 * size[4])
    assert grown.curve.last("flops") == pytest.approx(6 * 60 * 2 * (size[2] + size[3] + size[4]))


def test_a_pair_has_the_same_data(result):
    for seed in SPEC.seeds:
        assert len({row.data for row in result.rows if row.seed == seed}) == 1
    assert len({row.data for row in result.rows}) == len(SPEC.seeds)


def test_a_run_that_blows_up_is_said_and_the_others_go_on():
    plain = DIGITS | {"vary": {"o": {"tame": {}, "wild": WILD}}, "seeds": [0, 1]}
    rows = run(SweepSpec.model_validate(plain), threads=1).rows
    assert [row.state for row in rows] == ["done", "done", "failed", "failed"]
    assert "blew up" in rows[2].message
    assert None not in rows[0].curve.columns["train_loss"]
    assert all(value is None or np.isfinite(value) for value in rows[2].curve.columns["train_loss"])
    json.dumps([row.model_dump(mode="json") for row in rows], allow_nan=False)
    for cell, row in zip(expand(SweepSpec.model_validate(plain)), rows, strict=True):
        (alone,) = [each for step in run_task([cell], SPEC.measure, apart=True) for each in step.ended]
        assert (row.message, row.curve.columns["epoch"][-1]) == (alone.message, alone.curve.columns["epoch"][-1])


def test_a_birth_that_could_not_be_is_said_of_the_run():
    wrong = {"net.hidden": [2], "growth": GROWN["growth"] | {"rule": {"kind": "random_direction", "layer": 3}}}
    cell = next(expand(SweepSpec.model_validate(PLAIN | {"vary": {"model": {"grown": wrong}}})))
    (row,) = [row for step in run_task([cell], SPEC.measure) for row in step.ended]
    assert (row.state, row.curve.births) == ("done", [])
    assert row.message


def test_a_sweep_goes_on_with_what_is_left(tmp_path, result):
    whole = follow(SPEC, threads=1)
    place = Folder(tmp_path)
    place.open(SPEC)
    while not (rows := next(whole).rows):
        pass
    whole.close()
    for row in rows:
        place.save(row)
    computed = []
    again = run(SPEC, tmp_path, threads=1, tell=lambda told: computed.extend(row.key for row in told.rows))
    assert set(computed) == {row.key for row in result.rows} - {row.key for row in rows}
    for row, other in zip(again.rows, result.rows, strict=True):
        same(row, other)
    run(SPEC, tmp_path, tell=lambda told: computed.extend(told.rows))
    assert len(computed) == SPEC.runs - len(rows)


def test_a_question_that_changes_after_launch_is_marked(tmp_path):
    place = Folder(tmp_path)
    place.open(SPEC)
    later = SPEC.model_copy(update={"question": "Which is sharper?", "seeds": (0, 1, 2, 3)})
    manifest = place.open(later)
    assert manifest["spec"]["question"] == "Which is flatter?"
    assert [(mark["fields"], mark["chosen"]) for mark in manifest["changed"]] == [(["question"], "after looking")]
    assert len(manifest["cells"]) == 8
    other = SweepSpec.model_validate(PLAIN | {"measure": {"every": 5}})
    with pytest.raises(InvalidInput, match="measured other things"):
        place.open(other)


def test_verify_finds_the_same_bits_and_notices_another_number(tmp_path):
    run(SPEC, tmp_path, threads=1)
    done = list(verify(tmp_path / "manifest.json", cells=2, seed=1))
    assert len(done) == 2
    assert all(one.agrees and one.same_bits for one in done)
    for path in (tmp_path / "cells").iterdir():
        plain = json.loads(path.read_text())
        plain["curve"]["columns"]["lambda_layer"][-1] *= 1.001
        path.write_text(json.dumps(plain))
    assert [(one.agrees, one.where) for one in verify(tmp_path, cells=1)] == [(False, "lambda_layer")]


def test_what_cannot_be_run_is_refused_first(tmp_path):
    with pytest.raises(InvalidInput, match=r"vary\.batch\.200"):
        run(PLAIN | {"vary": {"batch": [200]}}, tmp_path)
    with pytest.raises(NotPossible, match=r"limits\.runs"):
        run(PLAIN | {"limits": {"runs": 5}}, tmp_path)
    assert not list(tmp_path.iterdir())
    with pytest.raises(InvalidInput, match="cannot be read"):
        next(verify(tmp_path))


def test_one_pair_is_the_first_of_each_side():
    spec = SweepSpec.model_validate(
        PLAIN | {"vary": {"batch": [5, 10]} | PLAIN["vary"], "primary": {"compare": "model"}}
    )
    assert [cell.name for cell in expand(one_pair(spec))] == ["batch 5 · grown · seed 0", "batch 5 · fixed · seed 0"]


def test_the_machine_is_timed():
    rates = calibrate()
    assert 0 < rates.training < 1000
    assert 0 < rates.curvature < 1000
    assert rates.threads == Rates().threads


def test_torch_agrees_on_the_loss_of_a_curve(result):
    """An oracle outside the engine: plain gradient descent by autograd, in the same order of points."""
    from foldscape.chance import generator
    from foldscape.net.mlp import initial

    row = next(row for row in result.rows if row.settings["model"] == "fixed")
    cell = next(cell for cell in expand(SPEC) if cell.key == row.key)
    split = cell.spec.data.load(row.seed)
    net = initial(cell.spec.net, 2, 2, generator(row.seed, "weights", 0))
    p = [torch.from_numpy(part.copy()).requires_grad_() for part in net.flat()]
    x, y = torch.from_numpy(split.train_x), torch.from_numpy(split.train_y)

    def loss(points):
        hidden = torch.relu(x[points] @ p[0].T + p[1])
        return torch.nn.functional.cross_entropy(hidden @ p[2].T + p[3], y[points])

    for epoch in range(6):
        for batch in torch.from_numpy(generator(row.seed, "shuffle", epoch).permutation(60)).split(12):
            gradients = torch.autograd.grad(loss(batch), p)
            with torch.no_grad():
                for part, gradient in zip(p, gradients, strict=True):
                    part -= 0.2 * gradient
    assert row.curve.last("train_loss") == pytest.approx(loss(torch.arange(60)).item(), rel=1e-4)


def test_the_curves_can_be_compared(result):
    comparison = compare(result.curves(), by="updates")
    assert comparison.comparable.ok
    assert sorted(group.name for group in comparison.groups) == ["fixed", "grown"]
    assert [len(group.curves) for group in comparison.groups] == [3, 3]
    assert {len(contrast.pairs) for contrast in comparison.contrasts} == {3}
    assert {verdict.to_json()["measure"] for verdict in comparison.verdicts} >= set(SPEC.measure.columns)
    assert set(get_args(Clock)) == set(CLOCKS)


def test_tiny_runs_that_would_wait_for_one_another_take_one_thread_and_others_all():
    """Threads of runs that are next to all interpreter make each other slower."""
    tiny, bare = RunSpec(net={"hidden": [8]}, stop={"epochs": 25}, probes=()), Measure(flatness=())
    assert is_held_up(tiny, bare)
    assert not is_held_up(tiny, Measure(flatness=("layer",)))
    assert not is_held_up(tiny.model_copy(update={"stop": tiny.stop.model_copy(update={"epochs": 2000})}), bare)
    digits = RunSpec(data={"kind": "digits"}, net={"hidden": [64]}, stop={"epochs": 25}, probes=())
    assert not is_held_up(digits, bare)
