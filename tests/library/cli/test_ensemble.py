"""``foldscape ensemble``: what the library measures, and one clear sentence a fault."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

import foldscape
from foldscape import RunSpec
from foldscape.cli import build_cli
from foldscape.landscape.recorded import record

SPEC = {"net": {"hidden": [3]}, "lr_schedule": {"kind": "snapshot", "cycles": 2}, "stop": {"epochs": 4}}


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text(json.dumps(SPEC))
    return str(path)


def call(*words):
    return CliRunner().invoke(build_cli(), ["ensemble", *words])


def test_the_table_is_that_of_the_library(spec):
    done = call(f"{spec}@cycles", "--table", "-")
    assert done.exit_code == 0
    own = foldscape.ensemble([(record(RunSpec.model_validate(SPEC), name="run"), "cycles")])
    lines = [["" if value is None else str(value) for value in line] for line in own.lines()]
    assert list(csv.reader(io.StringIO(done.stdout))) == lines


def test_a_run_is_trained_many_times_as_members_of_its_seed(spec):
    done = call(spec, "--times", "3", "--json", "-")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert [one["run"] for one in told["spec"]["members"]] == ["run-0", "run-1", "run-2"]
    members = next(row for row in told["rows"] if row["key"] == "members")["members"]
    specs = [RunSpec.model_validate(SPEC | {"member": member}) for member in range(3)]
    own = foldscape.ensemble([record(given, name=f"run-{n}") for n, given in enumerate(specs)])
    assert [one["nll"] for one in members] == [one["nll"] for one in own.members]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("@7",), "Run run keeps no net of step 7; the nearest kept: 0 and 8"),
        (("@soon",), "step"),
    ],
)
def test_one_sentence_a_fault(spec, words, said):
    done = call(spec + words[0])
    assert done.exit_code != 0
    assert said in done.output
    assert "Traceback" not in done.output


def test_weights_that_are_none_are_refused(spec):
    done = call(spec, "--weights", "mine")
    assert done.exit_code != 0
    assert "weights" in done.output
