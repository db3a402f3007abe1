"""Probes in a sweep: their numbers are columns at its cadence; sweeps of earlier versions open."""

import json

import numpy as np
import pytest
from pydantic import ValidationError

from foldscape.measures.declared import values_of
from foldscape.spec import RunSpec
from foldscape.sweep import CellResult, SweepSpec, expand, run
from foldscape.sweep.cost import Rates, seconds_of
from foldscape.sweep.curves import curves
from foldscape.sweep.folder import Folder, manifest_of
from foldscape.sweep.task import run_task
from foldscape.training import Loop
from foldscape.training import run as trained

SAM = {"kind": "sharpness", "ascent": 2, "draws": 2}
PLAIN = {
    "base": {"data": {"kind": "moons", "n": 60}, "net": {"hidden": [3], "output_scale": 1}, "batch": 20,
             "optimizer": {"kind": "sgd", "lr": 0.2}, "stop": {"epochs": 4}},
    "vary": {"lr": [0.1, 0.3]},
    "seeds": [0, 1],
    "primary": {"measure": "frobenius", "align": "epochs"},
    "measure": {"every": 2, "flatness": ["layer"], "probes": [{"kind": "traces"}, SAM, {"kind": "noise", "k": 1}]},
}  # fmt: skip
STORED = {
    "question": "Is it flatter?",
    "primary": {"measure": "lambda_layer", "align": "loss", "test": "sign_flip", "compare": ""},
    "base": PLAIN["base"],
    "vary": {"lr": {"0.1": {"optimizer.lr": 0.1}, "0.3": {"optimizer.lr": 0.3}}},
    "seeds": [0, 1],
    "measure": {"flatness": ["none", "layer"], "trace": True, "every": 2, "births": True, "at_losses": []},
    "limits": {"runs": 1000, "hours": 24.0},
    "published": None,
}
"""A sweep as earlier versions wrote it down."""


@pytest.fixture(scope="module")
def result():
    return run(PLAIN, threads=1)


def test_a_probe_measures_when_the_sweep_does(result):
    row = result.rows[0]
    cell = next(expand(result.spec))
    assert row.curve.columns["updates"] == [0, 6, 12]
    loop = Loop(cell.spec)
    for _ in loop.events():
        pass
    hessian = loop.subject.net.objective(loop.subject.split.train_x, loop.subject.split.train_y).dense_hessian()
    assert row.curve.last("trace") == pytest.approx(np.trace(hessian), rel=1e-9)
    assert row.curve.last("frobenius") == pytest.approx(np.linalg.norm(hessian), rel=1e-9)
    told = {"lambda_layer", "trace", "sam", "average_sharpness", "noise_scale", "gradient_energy"}
    assert all(value is not None for name in told for value in row.curve.columns[name])
    assert row.curve.made_with["sam"] == "rho 0.05"
    assert curves(result.spec, result.rows)[0].made_with == row.curve.made_with


def test_it_has_the_same_bits_alone_and_with_others(result):
    for cell, row in zip(expand(result.spec), result.rows, strict=True):
        (alone,) = [each for step in run_task([cell], result.spec.measure, apart=True) for each in step.ended]
        columns = {name: column for name, column in row.curve.columns.items() if name != "seconds"}
        assert columns == {name: alone.curve.columns[name] for name in columns}


def test_the_estimate_counts_the_probes(result):
    spec, bare = result.spec, result.spec.measure.model_copy(update={"probes": ()})
    base = spec.base
    assert seconds_of(base, spec.measure, Rates()) > seconds_of(base, bare, Rates())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"measure": {"probes": [{"kind": "frame"}]}}, "frame tells no column of a curve; choose one of average"),
        ({"measure": {"probes": [{"kind": "curvature"}]}}, "curvature measures lambda_none, and so does flatness"),
        ({"measure": {"probes": [{"kind": "noise"}, {"kind": "noise"}]}}, r"probes.1 noise .* and so does probes.0"),
        ({"primary": {"measure": "outliers"}}, "primary.measure outliers is not measured; choose one of lambda_layer"),
        ({"primary": {"measure": "sharpness"}}, "'sam'"),
    ],
)
def test_what_no_probe_tells_is_refused_with_what_there_is(changes, words):
    with pytest.raises(ValidationError, match=words):
        SweepSpec.model_validate(PLAIN | changes)


def test_a_stored_sweep_opens_and_goes_on(tmp_path):
    spec = SweepSpec.model_validate(STORED)
    assert spec.measure.columns == ("lambda_none", "lambda_layer", "trace")
    manifest = manifest_of(spec)
    del manifest["spec"]["measure"]["probes"]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert Folder(tmp_path).open(spec)["changed"] == []
    cell = next(expand(spec))
    row = {
        "key": cell.key, "name": cell.name, "settings": cell.settings, "seed": 0, "state": "done", "message": "",
        "data": "d", "engine": "", "curve": {"columns": {"updates": [0, 6], "lambda_layer": [2.0, None]}, "births": [],
                                             "reached": {}, "points": "p"},
    }  # fmt: skip
    (curve,) = curves(spec, [CellResult.model_validate(row)])
    assert curve["lambda_layer"].tolist()[0] == 2.0
    assert np.isnan(curve["frobenius"]).all()


def test_probes_that_look_at_what_trains_find_in_a_sweep_what_they_find_in_a_run():
    probes = [{"kind": "nudged"}, {"kind": "oscillation", "every": 1, "updates": 4, "k": 1}]
    base = {
        "data": {"kind": "moons", "n": 90}, "net": {"hidden": [9]}, "batch": 16, "stop": {"epochs": 3},
        "optimizer": {"kind": "nudged", "lr": 0.1, "momentum": 0.5, "k": 2},
    }  # fmt: skip
    measure = {"flatness": [], "every": 1, "births": False, "probes": probes}
    primary = {"measure": "nudge_lambda", "align": "epochs"}
    swept = run({"base": base, "primary": primary, "seeds": [3], "measure": measure}, threads=1)
    spec = RunSpec.model_validate({**base, "seed": 3, "probes": probes})
    told = [values_of(event) for event in trained(spec) if event.kind in ("nudged", "oscillation") and event.step]
    (row,) = swept.rows
    for name in ("nudge_lambda", "nudge_factor", "nudge_products", "sign_changes", "step_correlation_random"):
        ours = row.curve.columns[name][1:]
        assert ours == [values[name] for values in told if name in values]
