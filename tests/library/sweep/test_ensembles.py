"""Sweeps whose every line is an ensemble: equal total epochs by construction, and the library's own numbers."""

import numpy as np
import pytest
from pydantic import ValidationError

import foldscape
from foldscape.landscape.recorded import record
from foldscape.sweep import SweepSpec, estimate, expand, problems
from foldscape.sweep import run as run_sweep
from foldscape.sweep.presets import spec_of
from foldscape.sweep.verifying import compared, rerun

BASE = {"data": {"kind": "digits"}, "net": {"hidden": [8]}, "batch": 100, "optimizer": {"kind": "momentum", "lr": 0.05}}
METHODS = {
    "snapshot": {"lr_schedule": {"kind": "snapshot", "cycles": 3}},
    "independent": {"lr_schedule": {"kind": "cosine"}},
    "bagging": {"resample": {"kind": "bagging"}},
    "full": {},
}
POOL = {"epochs": 6, "members": {"independent": 3, "bagging": 3, "full": 2}, "full": ["full"]}


def sweep_of(**changes):
    plain = {
        "base": BASE,
        "vary": {"method": METHODS},
        "ensemble": POOL,
        "seeds": [4],
        "primary": {"measure": "train_loss"},
        "measure": {"flatness": [], "every": 6},
    }
    return SweepSpec.model_validate(plain | changes)


@pytest.fixture(scope="module")
def carried():
    return {row.settings["method"]: row.curve for row in run_sweep(sweep_of(), threads=1).rows}


def test_methods_have_equal_epochs_by_construction(carried):
    cells = {cell.settings["method"]: cell for cell in expand(sweep_of())}
    assert {name: cell.epochs for name, cell in cells.items()} == {
        "snapshot": 6,
        "independent": 6,
        "bagging": 6,
        "full": 12,
    }
    assert {name: curve.last("epoch") for name, curve in carried.items()} == {
        "snapshot": 6, "independent": 6, "bagging": 6, "full": 12,
    }  # fmt: skip
    per_epoch = cells["snapshot"].spec.steps_per_epoch
    assert carried["independent"].last("updates") == 6 * per_epoch
    assert carried["independent"].last("flops") == pytest.approx(carried["snapshot"].last("flops"), rel=1e-9)


@pytest.mark.parametrize("method", ["snapshot", "independent", "bagging"])
def test_the_last_row_is_the_ensemble_of_recorded_runs(carried, method):
    cell = next(cell for cell in expand(sweep_of()) if cell.settings["method"] == method)
    frames = [{"kind": "frame"}]
    specs = [cell.spec.model_copy(update={"member": member}) for member in range(cell.members)]
    runs = [record(foldscape.RunSpec.model_validate(spec.model_dump() | {"probes": frames})) for spec in specs]
    found = foldscape.ensemble([(runs[0], "cycles")] if method == "snapshot" else runs)
    curve = carried[method]
    assert [value for value in curve.columns["ensemble_members"] if value] == [1, 2, 3]
    own = [value for value in curve.columns["ensemble_accuracy"] if value is not None]
    assert own == [each.accuracy for each in found.added]
    assert curve.last("ensemble_loss") == found.score.nll
    assert curve.last("ensemble_gain") == pytest.approx(found.gain, abs=1e-12)
    assert curve.last("mean_weights_accuracy") == found.mean_weights.accuracy
    pairs = np.triu_indices(3, 1)
    for name in ("distance", "disagreement", "barrier", "cell_distance"):
        assert curve.last(f"ensemble_{name}") == pytest.approx(found.matrix(name)[pairs].mean(), rel=1e-5, abs=1e-7)


def test_a_line_done_again_through_the_run_loop_has_the_same_bits(carried):
    spec = sweep_of()
    rows = {row.key: row for row in run_sweep(spec, threads=1).rows}
    for cell in expand(spec):
        assert compared(rows[cell.key], rerun(cell, spec)).same_bits


def test_plain_sweeps_keep_their_keys_and_columns():
    plain = SweepSpec.model_validate(
        {
            "base": BASE | {"stop": {"epochs": 1}},
            "seeds": [0],
            "primary": {"measure": "train_loss"},
            "measure": {"flatness": []},
        }
    )
    assert "ensemble" not in plain.model_dump(mode="json")
    (row,) = run_sweep(plain, threads=1).rows
    assert not [name for name in row.curve.columns if name.startswith(("ensemble", "member", "mean_weights"))]


def test_members_count_in_the_estimate():
    one, many = sweep_of(ensemble={"epochs": 6, "members": {"full": 2}, "full": ["full"]}), sweep_of()
    assert estimate(sweep_of()).updates == 15 * (6 + 6 + 6 + 12)
    assert estimate(many).runs == 4
    assert [fault["path"] for fault in problems(one)] == ["vary.method.independent", "base.lr_schedule"]
    assert "so one run is an ensemble of one net" in str(problems(one))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"ensemble": POOL | {"epochs": 7}},
            "ensemble.epochs 7 cannot be shared equally by the 3 members of independent; use 6",
        ),
        ({"ensemble": POOL | {"axis": "way"}}, "ensemble.axis way is no axis; choose one of method"),
        ({"ensemble": POOL | {"members": {"solo": 3}}}, "ensemble.members solo is no setting of method"),
        ({"ensemble": POOL | {"full": ["solo"]}}, "ensemble.full solo is no setting of method"),
        ({"ensemble": POOL | {"members": {"full": 0}}}, "ensemble.members.full 0 is no number of members; use 1 to 64"),
        (
            {"ensemble": None, "primary": {"measure": "ensemble_gain"}},
            "primary.measure ensemble_gain is one of ensembles",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence(changes, said):
    with pytest.raises(ValidationError, match=said):
        sweep_of(**changes)


def test_cycles_that_end_within_an_epoch_are_named():
    ragged = METHODS | {"snapshot": {"lr_schedule": {"kind": "snapshot", "cycles": 4}}}
    (fault,) = problems(sweep_of(vary={"method": ragged}))
    assert fault["path"] == "vary.method.snapshot"
    assert "ends a cycle after 1.53 epochs" in fault["message"]


def test_the_shipped_methods_train_alike():
    spec = spec_of("ensembles-digits")
    assert problems(spec) == []
    assert {cell.epochs for cell in expand(spec) if cell.settings["method"] != "independent-full"} == {
        spec.ensemble.epochs
    }
