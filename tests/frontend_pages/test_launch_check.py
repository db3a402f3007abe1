from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from foldscape.cost.correction import TimedRun
from foldscape.cost.work import Size
from foldscape.hosting import Allowed, confined
from foldscape.spec import RunSpec
from frontend.launch.check import check_draft
from frontend.launch.estimate import estimate_run
from frontend.launch.presets import run_presets
from tests.bad_input import BAD_INPUT


def judge(spec: Any) -> dict[str, Any]:
    return check_draft({"view": "form", "spec": spec, "serial": 3})


@pytest.mark.parametrize(
    ("spec", "path", "words"),
    [
        ({"data": {"kind": "rings", "noise": 9}}, "data.noise", ("9", "at most 1")),
        ({"data": {"kind": "nope"}}, "data.kind", ("nope", "rings")),
        ({"batch": 900}, "batch", ("900", "225")),
        ({"batch": ""}, "batch", ("empty", "a whole number")),
        ({"optimizer": {"lr": 3}}, "optimizer.kind", ("kind",)),
        ({"optimizer": {"kind": "adam", "beta1": 1}}, "optimizer.beta1", ("1", "less than 1")),
        ({"net": {"hidden": [4, 0]}}, "net.hidden.1", ("0", "at least 1")),
        ({"net": {"hidden": [1, 1, 1, 1, 1]}}, "net.hidden", ("at most 4 entries",)),
        ({"net": {"activation": "gelu"}}, "net.activation", ("gelu", "relu")),
        ({"stop": {"plateau": {"patience": 0}}}, "stop.plateau.patience", ("0", "at least 1")),
        ({"probes": [{"kind": "frame"}, {"kind": "slice", "points": 1}]}, "probes.1.points", ("1", "at least 5")),
        ({"speed": "fast"}, "speed", ("fast", "a number")),
        ({"bogus": 1}, "bogus", ("not known here",)),
        ({"net": {"hidden": [100]}}, "net.hidden", ("100", "64")),
        ({"device": "cuda"}, "device", ("queue gpu",)),
        (
            {
                "commands": [
                    {"step": 0, "command": {"kind": "grow", "rule": {"kind": "random_direction", "layer": 199}}}
                ]
            },
            "commands.0.command.rule.layer",
            ("199", "at most 127, or auto"),
        ),
    ],
)
def test_a_complaint_stands_beside_its_field(spec: dict[str, Any], path: str, words: tuple[str, ...]) -> None:
    answer = judge(spec)
    assert not answer["ok"]
    assert [problem["path"] for problem in answer["problems"]] == [path]
    told = answer["problems"][0]["message"] + " " + answer["problems"][0]["allowed"]
    assert all(word in told for word in words), told


@pytest.mark.parametrize(("path", "spec", "words"), BAD_INPUT)
def test_what_cannot_be_asked_has_one_sentence_in_the_form(path: str, spec: dict[str, Any], words: str) -> None:
    (problem,) = judge(spec)["problems"]
    assert problem["path"] == path
    assert words in f"{problem['message']} {problem['allowed']}"


def test_a_card_that_no_worker_has_is_told_beside_its_field_before_anything_is_sent() -> None:
    draft = {"view": "form", "spec": {"device": "cuda", "queue": "gpu"}}
    assert check_draft(draft)["ok"]
    answer = check_draft(draft | {"no_gpu": True})
    assert not answer["ok"]
    assert [problem["path"] for problem in answer["problems"]] == ["device"]
    assert "set device to cpu" in answer["problems"][0]["message"]
    assert check_draft({"view": "form", "spec": {}, "no_gpu": True})["ok"]


def test_a_class_without_validation_points_is_told_beside_its_field() -> None:
    spec = {"data": {"kind": "xor", "n": 8}, "validation_share": 0.34, "batch": 1, "seed": 8}
    answer = check_draft({"view": "form", "spec": spec})
    assert [problem["path"] for problem in answer["problems"]] == ["validation_share"]
    assert "leaves class 0" in answer["problems"][0]["message"]
    assert check_draft({"view": "form", "spec": spec | {"seed": 7}})["ok"]


def test_nothing_is_lost_on_error() -> None:
    spec = {"batch": "many", "net": {"hidden": [3]}}
    answer = judge(spec)
    assert answer["spec"] == spec
    assert yaml.safe_load(answer["yaml"]) == spec
    assert answer["serial"] == 3


@pytest.mark.parametrize("preset", run_presets(), ids=lambda preset: preset["key"])
def test_both_views_say_the_same(preset: dict[str, Any]) -> None:
    from_form = judge(preset["spec"])
    from_text = check_draft({"view": "yaml", "text": from_form["yaml"]})
    assert from_form["ok"]
    assert from_text["ok"]
    assert from_text["spec"] == from_form["spec"]


@pytest.mark.parametrize("preset", run_presets(), ids=lambda preset: preset["key"])
def test_the_python_makes_the_same_spec(preset: dict[str, Any]) -> None:
    program = judge(preset["spec"])["python"]
    names: dict[str, Any] = {}
    exec(program[: program.index("\nfor ")], names)
    assert names["spec"] == RunSpec.model_validate(preset["spec"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("batch: 1\nseed: 1\nbatch: 2", "line 3: the key 'batch' stands twice, first in line 1"),
        ("batch: 2026-02-31", "line 1: '2026-02-31' is no date"),
        ("seed: 1\nbatch: " + "9" * 5000, "line 2: a number of 5,000 digits"),
        ("a: &a {b: *a}", "line 1: *a holds itself"),
        ("a: !!int abc", "line 1: 'abc' is no whole number"),
        ("\tbatch: 1", "line 1: YAML indents with spaces"),
        ("a: 1\n---\na: 2", "line 2: a second document"),
        ("batch: 1\0", "line 1: the character U+0000"),
        ("a: &a [1, 1]\nb: &b [*a, *a]\nc: [" + "*b, " * 20_000 + "*b]", "line 3: the text holds more than 50,000"),
    ],
)
def test_a_slip_names_its_line(text: str, said: str) -> None:
    (problem,) = check_draft({"view": "yaml", "text": text})["problems"]
    assert said in problem["message"]


@pytest.mark.parametrize("text", ["x: .nan", "batch: .inf", "x: 1e999", "{1: 2, true: x}", "net: 2026-02-28"])
def test_what_no_spec_holds_still_travels_as_json(text: str) -> None:
    answer = check_draft({"view": "yaml", "text": text})
    assert not answer["ok"]
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


@pytest.mark.parametrize("text", ["batch: [", "- 1", "just words"])
def test_text_that_is_no_mapping_is_told_as_such(text: str) -> None:
    answer = check_draft({"view": "yaml", "text": text})
    assert answer["spec"] is None
    assert answer["problems"][0]["path"] == ""
    assert answer["problems"][0]["message"]


def test_an_empty_text_is_the_default_run() -> None:
    assert check_draft({"view": "yaml", "text": ""})["spec"] == RunSpec().model_dump(mode="json")


def test_the_estimate_counts_what_will_be_done() -> None:
    digits = judge(run_presets()[1]["spec"])["estimate"]
    assert (digits["train"], digits["test"], digits["updates"]) == (1437, 360, 100 * 45)
    moons = judge(run_presets()[2]["spec"])["estimate"]
    assert moons["births"] == 5
    assert moons["seconds"] == 15


DEAR = [{"kind": "density", "every": 1, "runs": 10}]


def test_measuring_that_costs_more_than_training_is_said_and_asked() -> None:
    long = {"data": {"kind": "digits"}, "net": {"hidden": [100]}, "queue": "batch", "stop": {"epochs": 500}}
    dear = judge({**long, "probes": DEAR})["estimate"]
    assert dear["probe_share"] > 0.9
    assert dear["ask"].startswith("Measuring would take")
    assert "probes take about" in dear["line"]
    seldom = judge({**long, "probes": [{**DEAR[0], "every": 100_000}]})["estimate"]
    assert seldom["ask"] == ""
    assert seldom["probe_share"] < 0.05


def test_nobody_is_asked_for_seconds_or_for_the_ordinary_live_run() -> None:
    assert judge({})["estimate"]["ask"] == ""
    assert judge({"speed": 20})["estimate"]["ask"] == ""
    assert judge({"probes": DEAR, "queue": "batch", "stop": {"epochs": 20}})["estimate"]["ask"] == ""


def test_a_paced_run_shares_its_second_between_frames() -> None:
    one = judge({"speed": 20, "probes": [{"kind": "curvature", "every": 1}]})["estimate"]
    half = judge({"speed": 20, "probes": [{"kind": "curvature", "every": 2}]})["estimate"]
    assert one["probe_share"] == pytest.approx(2 * half["probe_share"])


def test_what_workers_have_timed_corrects_what_measuring_is_foreseen_to_cost():
    spec = RunSpec.model_validate({"queue": "batch"})
    took = {probe.kind: 4e3 * probe.work.on(Size.of((2, 1, 2), 225)) for probe in spec.probes}
    timed = TimedRun(spec, took | {"gone": 1.0})
    foreseen, corrected = estimate_run(spec), estimate_run(spec, [timed])
    assert corrected["probe_seconds"] == pytest.approx(4 * foreseen["probe_seconds"])
    assert corrected["probe_share"] == pytest.approx(foreseen["probe_share"])


def test_the_answer_holds_the_rate_over_the_run():
    answer = judge({"lr_schedule": {"kind": "sgdr"}, "stop": {"epochs": 90}})
    assert answer["schedule"] == RunSpec.model_validate(answer["spec"]).foreseen_rates().model_dump(mode="json")
    assert answer["schedule"]["restart_epochs"] == [10, 30, 70]
    (problem,) = judge({"lr_schedule": {"kind": "sgdr", "cycle": 3000}})["problems"]
    assert problem["path"] == "lr_schedule.cycle"


def test_the_estimate_says_when_epochs_become_shorter():
    line = estimate_run(
        RunSpec.model_validate({"batch_schedule": {"kind": "step", "every": 10}, "stop": {"epochs": 30}})
    )["line"]
    assert line.startswith("140 updates (30 epochs of 8, at last 2)")


def test_the_parameters_of_a_module_of_one_s_own_are_not_known_before_it_runs():
    spec = {"net": {"wiring": "module", "factory": "nobodys.nets:build", "options": {"width": 3}}}
    answer = check_draft({"view": "form", "spec": spec})
    assert answer["ok"], answer["problems"]
    assert answer["estimate"]["seconds"] is None
    assert "are known once the run has made its net" in answer["estimate"]["line"]
    with confined(Allowed.of("", loads=False)):
        answer = check_draft({"view": "form", "spec": spec})
    [problem] = answer["problems"]
    assert problem["path"] == "net.factory"
    assert "nobodys.nets:build is not allowed here" in problem["message"]
