"""The command line, as a person types it."""

import json

import pytest
from typer.testing import CliRunner

from foldscape.cli import build_cli

SPEC = "net: {hidden: [2]}\nstop: {epochs: 2}\nprobes: [{kind: frame}]\n"


@pytest.fixture
def typed(tmp_path):
    def call(*words, spec=SPEC):
        path = tmp_path / "spec.yaml"
        path.write_text(spec)
        return CliRunner().invoke(build_cli(), [word.replace("SPEC", str(path)) for word in words])

    return call


def test_run_trains_and_tells_the_last_values(typed):
    done = typed("run", "SPEC")
    assert done.exit_code == 0
    assert "training accuracy" in done.output
    assert "2 epochs are done" in done.output


def test_a_birth_that_cannot_be_is_told_with_the_way_out(typed):
    grow = "commands: [{step: 3, command: {kind: grow, rule: {kind: gradmax, layer: 3}}}]\n"
    done = typed("run", "SPEC", spec=SPEC + grow)
    assert done.exit_code == 0
    said = " ".join(done.output.split())
    assert "✗ step 3: GradMax had no effect. There is no hidden layer 4; this net has 1. Choose layer 1 to 1." in said


def test_events_on_stdout_are_json_lines_and_nothing_else(typed):
    done = typed("run", "SPEC", "--events", "-")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert {event["kind"] for event in events} == {"metrics", "frame", "status"}
    assert events[-1]["state"] == "done"
    frame = next(event for event in events if event["kind"] == "frame")
    assert set(frame["weights"][0]) == {"dtype", "shape", "bdata"}


def test_the_same_seed_gives_the_same_lines_and_another_seed_others(typed):
    one, same, other = (typed("run", "SPEC", "--seed", seed, "--events", "-").stdout for seed in ("1", "1", "2"))
    assert one == same != other


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("optimizer: {kind: sgd, lr: -1}", "optimizer.lr is -1; it has to be greater than 0"),
        ("colour: 1", "colour"),
        ("- 1", "not a mapping"),
        ("a: [", "is not a spec"),
        ("seed: 1\nbatch: 16\nseed: 2", "line 3: the key 'seed' stands twice, first in line 1"),
        ("batch: 2026-02-31", "line 1: '2026-02-31' is no date"),
        ("[red]: [/x]\n- 1", "line 1: a list or a mapping cannot be a key"),
    ],
)
def test_a_bad_spec_is_told_in_a_sentence(typed, spec, sentence):
    done = typed("run", "SPEC", spec=spec)
    assert done.exit_code == 2
    assert sentence in " ".join(done.output.split())
    assert "Traceback" not in done.output


def test_a_missing_file_is_told(typed):
    done = typed("run", "/nowhere.yaml")
    assert done.exit_code == 2
    assert "cannot be read" in done.output


def test_schema_is_json(typed):
    assert "optimizer" in json.loads(typed("schema").stdout)["properties"]
