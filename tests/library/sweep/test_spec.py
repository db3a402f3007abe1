"""The spec of a sweep: what it expands to, and what is said of one that cannot be launched."""

import subprocess
import sys

import pytest
import yaml
from pydantic import ValidationError

from foldscape.errors import NotPossible
from foldscape.spec import RunSpec
from foldscape.sweep import SweepSpec, estimate, expand, problems
from foldscape.sweep.cost import must_fit
from foldscape.sweep.draft import as_yaml
from foldscape.sweep.presets import presets, spec_of, title_of

BASE = {"data": {"kind": "digits"}, "optimizer": {"kind": "sgd", "lr": 0.05}, "stop": {"epochs": 3}}


def sweep(**given):
    return SweepSpec.model_validate({"base": BASE} | given)


def test_every_combination_with_every_seed():
    spec = sweep(
        vary={"model": {"small": {"net.hidden": [4]}, "large": {"net.hidden": [9]}}, "lr": [0.1, 0.2]}, seeds="3-4"
    )
    cells = list(expand(spec))
    assert [cell.name for cell in cells] == [
        f"{size} · lr {lr} · seed {seed}" for size in ("small", "large") for lr in (0.1, 0.2) for seed in (3, 4)
    ]
    assert [cell.spec.net.hidden for cell in cells[::4]] == [(4,), (9,)]
    assert [cell.spec.optimizer.lr for cell in cells[:4:2]] == [0.1, 0.2]
    assert spec.runs == len(cells) == len({cell.key for cell in cells})


def test_a_run_has_the_same_key_in_every_sweep():
    one = sweep(vary={"batch": [16, 32]}, seeds=[7])
    two = sweep(vary={"size": {"four": {"batch": 32}}}, seeds=[1, 7])
    assert {cell.key for cell in expand(one)} & {cell.key for cell in expand(two)} == {list(expand(one))[1].key}


def test_a_mapping_changes_fields_and_another_kind_replaces():
    spec = sweep(vary={"o": {"same": {"optimizer": {"lr": 1.0}}, "other": {"optimizer": {"kind": "adam"}}}})
    first, second = (cell.spec.optimizer for cell in expand(spec) if cell.spec.seed == 0)
    assert (first.kind, first.lr) == ("sgd", 1.0)
    assert (second.kind, second.lr) == ("adam", 0.01)


def test_nothing_is_measured_within_the_runs():
    assert all(cell.spec.probes == () for cell in expand(sweep()))


def test_text_goes_round():
    spec = sweep(vary={"batch": [10, 100]}, question="why?", seeds="0-2")
    again = SweepSpec.model_validate(yaml.safe_load(as_yaml(spec)))
    assert again == spec
    assert SweepSpec.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize(
    ("seeds", "read"), [("0-3", (0, 1, 2, 3)), ("5", (5,)), ("0–1, 9", (0, 1, 9)), ([4, 2], (4, 2))]
)
def test_seeds_are_a_list_or_a_range(seeds, read):
    assert sweep(seeds=seeds).seeds == read


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seeds": "a-b"}, "write a list, or a range"),
        ({"seeds": [1, 1]}, "name each once"),
        ({"vary": {"batch": []}}, "vary.batch has no settings"),
        ({"primary": {"measure": "trace"}}, "primary.measure trace is not measured"),
        ({"primary": {"compare": "model"}, "vary": {"batch": [1]}}, "is no axis; choose one of batch"),
    ],
)
def test_what_is_not_well_formed_is_said(given, words):
    with pytest.raises(ValidationError, match=words):
        sweep(**given)


def test_a_fault_stands_at_the_setting_that_makes_it():
    spec = sweep(
        vary={"batch": [16, 256], "model": {"ok": {}, "bad": {"net.hiden": [3]}}},
        base=BASE | {"data": {"kind": "digits", "test_share": 0.9}},
    )
    faults = {fault["path"]: fault["message"] for fault in problems(spec)}
    assert faults == {
        "vary.batch.256": "batch 256 is larger than the 180 training points; use 180 or less",
        "vary.model.bad": "net.hiden is not known here; did you mean hidden?",
    }


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (
            {"start": 1, "every": 2, "births": 3},
            "birth 3 would come at epoch 5, but the run ends after 3; ask for 1 births",
        ),
        ({"start": 0, "every": 1, "births": 3}, "3 births make layer 0 5 wide, beyond growth.max_width 4"),
    ],
)
def test_births_that_could_never_be_are_said(schedule, words):
    growth = {"rule": {"kind": "random_direction"}, "schedule": {"kind": "periodic"} | schedule, "max_width": 4}
    spec = sweep(vary={"model": {"grown": {"net.hidden": [2], "growth": growth}}})
    faults = problems(spec)
    assert {fault["path"] for fault in faults} == {"vary.model.grown"}
    assert any(words in fault["message"] for fault in faults)


@pytest.mark.parametrize(
    ("net", "rule", "words"),
    [
        ({"wiring": "layers"}, {}, "net.wiring is layers; set it to dag"),
        ({"wiring": "dag"}, {"parents": 70}, "growth.rule.parents 70 is more than the 66 nodes that a first"),
        ({"wiring": "dag"}, {"count": 600}, "1200 insertions make 1202 hidden nodes, more than 1024"),
    ],
)
def test_insertions_that_could_never_be_are_said(net, rule, words):
    schedule = {"kind": "at_epochs", "epochs": [0, 1]}
    growth = {"rule": {"kind": "random_insertion"} | rule, "schedule": schedule}
    (fault,) = problems(sweep(vary={"model": {"grown": {"net": {"hidden": [2]} | net, "growth": growth}}}))
    assert fault["path"] == "vary.model.grown"
    assert words in fault["message"]


def test_a_layer_that_is_not_there_is_said():
    growth = {
        "rule": {"kind": "random_direction", "layer": 3},
        "schedule": {"kind": "periodic", "start": 1, "births": 1},
    }
    (fault,) = problems(sweep(base=BASE | {"growth": growth}))
    assert fault["path"] == "base.growth.rule.layer"
    assert "no hidden layer of a net that has 1" in fault["message"]


def test_two_names_for_one_run_are_said():
    (fault,) = problems(sweep(vary={"model": {"a": {}, "b": {"net.hidden": [1]}}}))
    assert fault == {
        "path": "vary.model.b",
        "message": "model b is the very run of model a; remove one of them",
        "given": "b",
        "allowed": "another setting",
    }


def test_a_sweep_of_ten_thousand_runs_is_foreseen_and_refused_with_the_way_out():
    spec = sweep(vary={"lr": [0.01 * n for n in range(1, 11)]}, seeds="0-999")
    made = estimate(spec)
    assert (made.runs, made.updates) == (10_000, 10_000 * 3 * 45)
    assert made.refused.startswith("10,000 runs (about ")
    assert "take 100 seeds" in made.refused
    with pytest.raises(NotPossible, match=r"limits\.runs"):
        must_fit(spec)
    assert not estimate(spec.model_copy(update={"limits": spec.limits.model_copy(update={"runs": 10_000})})).refused


def test_the_floor_of_the_test_is_said():
    assert estimate(sweep(seeds="0-9")).floor == 2 / 1024
    assert estimate(sweep(seeds="0-4")).floor == 0.0625


def test_more_work_is_foreseen_to_take_longer():
    short = estimate(sweep()).seconds
    assert estimate(sweep(base=BASE | {"stop": {"epochs": 300}})).seconds > 20 * short
    assert estimate(sweep(base=BASE | {"net": {"hidden": [100]}})).seconds > short


@pytest.mark.parametrize("name", list(presets()))
def test_every_preset_can_be_launched_as_it_is(name):
    spec = spec_of(name)
    assert not problems(spec)
    assert not estimate(spec).refused
    assert title_of(presets()[name])
    assert spec.question


def test_reading_a_sweep_loads_no_compiled_code():
    code = "import sys; from foldscape.sweep import SweepSpec, estimate, problems"
    code += "; spec = SweepSpec(); problems(spec); estimate(spec)"
    code += "; assert not {'torch', 'numba', 'sklearn'} & set(sys.modules), 'loaded'"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_run_of_a_sweep_is_an_ordinary_run():
    cell = next(expand(sweep(vary={"batch": [20]})))
    assert cell.spec == RunSpec.model_validate(BASE | {"batch": 20, "probes": [], "seed": 0})


def test_a_setting_of_a_schedule_that_the_base_does_not_name_is_said_at_its_axis():
    faults = problems(sweep(vary={"lr_schedule.cycle": [1, 2]}))
    assert {fault["path"] for fault in faults} == {"vary.lr_schedule.cycle.1", "vary.lr_schedule.cycle.2"}
    assert all("lr_schedule.cycle is not known here" in fault["message"] for fault in faults)


@pytest.mark.parametrize("path", ["seed", "seed.any"])
def test_a_seed_that_varies_has_no_say(path):
    (fault,) = problems(sweep(vary={"order": {"one": {path: 1}}}))
    assert (fault["path"], fault["allowed"]) == ("vary.order.one", "seeds")


def test_a_class_without_validation_points_is_said_of_any_seed():
    base = {"data": {"kind": "xor", "n": 8}, "validation_share": 0.34, "batch": 1}
    assert not problems(sweep(base=base, seeds="0-7"))
    (fault,) = problems(sweep(base=base, seeds="0-9"))
    assert fault["path"] == "base.validation_share"
    assert "leaves class 0, which has 1 of the training points, without a validation point" in fault["message"]


def test_an_axis_of_nets_replaces_one_of_another_wiring_and_changes_one_of_its_own():
    axis = {
        "wider": {"net": {"wiring": "resnet", "width": 8}},
        "cnn": {"net": {"wiring": "cnn"}},
        "narrow": {"net.width": 4},
        "chain": {"net": {"wiring": "layers", "hidden": [3]}},
    }
    base = {"data": {"kind": "digits"}, "net": {"wiring": "resnet", "n": 2}}
    runs = expand(SweepSpec.model_validate({"base": base, "vary": {"net": axis}, "seeds": "0"}))
    told = [
        (run.spec.net.wiring, getattr(run.spec.net, "n", None), getattr(run.spec.net, "width", None)) for run in runs
    ]
    assert told == [("resnet", 2, 8), ("cnn", None, None), ("resnet", 2, 4), ("layers", None, None)]
