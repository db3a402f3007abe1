"""Sweeps, ensembles, starts and the command line over nets of blocks: the same numbers on every way."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import foldscape
from foldscape.cli import build_cli
from foldscape.comparison import compare
from foldscape.landscape.recorded import record
from foldscape.start import StartNet, weights_begun
from foldscape.sweep import SweepSpec, expand, problems
from foldscape.sweep import run as run_sweep
from foldscape.sweep.curves import curves as curves_of
from foldscape.sweep.exporting import export_sweep
from foldscape.sweep.folder import Folder
from foldscape.sweep.verifying import compared, rerun
from tests.modular import CNN, RESNET, digits_run

BASE = {"data": {"kind": "digits", "test_share": 0.9}, "net": RESNET, "batch": 90, "stop": {"epochs": 2}}


def swept(**changes):
    plain = {
        "base": BASE,
        "vary": {"net.norm": ["batch", "none"]},
        "seeds": [0, 1],
        "primary": {"measure": "train_loss"},
        "measure": {"flatness": [], "every": 1},
    }
    return SweepSpec.model_validate(plain | changes)


@pytest.fixture(scope="module")
def carried():
    return run_sweep(swept(), threads=1)


def test_a_sweep_over_residual_nets_is_compared_at_equal_compute(carried, tmp_path):
    assert problems(swept()) == []
    curves = [row.curve for row in carried.rows]
    assert len(curves) == 4
    for curve in curves:
        assert curve.last("flops") > 0
        assert np.isfinite(curve.last("train_loss"))
    found = compare(curves_of(swept(), carried.rows), by="flops")
    assert len(found.groups) == 2
    assert "equal compute" in found.words
    paths = export_sweep(swept(), carried.rows, tmp_path, manifest=carried.manifest, by="flops")
    assert {"runs.parquet", "table.csv", "notebook.ipynb"} <= {path.name for path in paths}
    assert Folder(tmp_path).spec() == swept()


def test_a_line_done_again_has_the_same_bits(carried):
    spec = swept()
    rows = {row.key: row for row in carried.rows}
    (cell, *_) = expand(spec)
    assert compared(rows[cell.key], rerun(cell, spec)).same_bits


def test_snapshots_of_a_residual_net_are_the_ensemble_of_the_sweep():
    spec = swept(
        base=BASE | {"lr_schedule": {"kind": "snapshot", "cycles": 2}},
        vary={"method": {"snapshot": {}}},
        ensemble={"epochs": 2},
        seeds=[0],
    )
    (row,) = run_sweep(spec, threads=1).rows
    (cell,) = expand(spec)
    run = record(foldscape.RunSpec.model_validate(cell.spec.model_dump() | {"probes": [{"kind": "frame"}]}))
    found = foldscape.ensemble([(run, "cycles")])
    assert row.curve.last("ensemble_members") == 2
    assert row.curve.last("ensemble_loss") == found.score.nll
    assert row.curve.last("mean_weights_accuracy") == found.mean_weights.accuracy
    assert row.curve.last("ensemble_barrier") == pytest.approx(found.matrix("barrier")[0, 1], rel=1e-5, abs=1e-7)


def test_nets_of_other_blocks_have_no_mean_of_weights_and_say_so():
    one, other = (record(digits_run(net, stop={"epochs": 1}), name=net["wiring"]) for net in (RESNET, CNN))
    found = foldscape.ensemble([one, other])
    assert found.mean_weights is None or found.mean_weights.accuracy is None
    assert np.isnan(found.matrix("barrier")[0, 1])
    assert 0 <= found.score.accuracy <= 1


@pytest.mark.parametrize("net", [RESNET, CNN], ids=["resnet", "cnn"])
def test_a_run_begins_with_the_weights_and_statistics_of_another(net):
    first = record(digits_run(net), name="first")
    spec, found = weights_begun(digits_run(net, start={"run": "first", "step": 12}), first)
    again = StartNet.unpack(found.pack())
    assert again.digest == found.digest == spec.start.digest
    for one, two in zip((*found.net.flat(), *found.net.buffers), (*again.net.flat(), *again.net.buffers), strict=True):
        assert one.tobytes() == two.tobytes()


def call(*words):
    return CliRunner().invoke(build_cli(), list(words))


def test_the_command_line_measures_landscape_and_ensemble_of_a_net_of_blocks(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text(json.dumps(BASE | {"net": CNN, "stop": {"epochs": 1}}))
    ensemble = call("ensemble", str(path), "--times", "2", "--json", "-")
    assert ensemble.exit_code == 0, ensemble.output
    keys = {row["key"] for row in json.loads(ensemble.stdout)["rows"]}
    assert {"members", "mean_weights", "pair.0-1"} <= keys
    landscape = call("landscape", str(path), "--set", "slice.resolution=3")
    assert landscape.exit_code == 0, landscape.output
