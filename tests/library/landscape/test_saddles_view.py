"""The view of the saddle index along a run's kept nets: what ``saddle_path`` gives, over rows, files and moments."""

import csv

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

import foldscape
from foldscape.cli import build_cli
from foldscape.landscape import saddle_path
from foldscape.landscape.recorded import of_run, record
from foldscape.landscape.recorded.spec import SaddlesOf

SPEC = foldscape.RunSpec.model_validate(
    {
        "data": {"kind": "moons", "n": 80},
        "net": {"hidden": [6], "activation": "tanh"},
        "stop": {"epochs": 8},
        "probes": [{"kind": "frame"}],
    }
)


def test_T_H_11_the_view_tells_the_nets_of_the_path():
    run = record(SPEC)
    found = of_run(run, {"view": "saddles", "moments": 5}).arrays("saddles")
    path = saddle_path(run, moments=5)
    assert found["epoch"].tolist() == [point.epoch for point in path] == [0, 2, 4, 6, 8]
    assert found["saddle_index"].tolist() == [point.index.share for point in path]
    assert found["train_loss"].tolist() == [point.index.loss for point in path]
    assert found["gradient_norm"].tolist() == [point.gradient_norm for point in path]
    assert (found["saddle_index"] > 0).any()


def test_the_path_ends_at_the_moment_that_is_asked_for():
    run = record(SPEC)
    steps = of_run(run, {"view": "saddles", "step": 12}).arrays("saddles")["step"]
    assert (steps[0], steps[-1]) == (0, 12)
    assert saddle_path(run)[-1].step > 12


def test_the_command_line_writes_the_nets_as_lines(tmp_path):
    spec, table = tmp_path / "run.yaml", tmp_path / "saddles.csv"
    spec.write_text(SPEC.model_dump_json())
    line = ["landscape", str(spec), "--view", "saddles", "--set", "moments=3", "--table", str(table)]
    done = CliRunner().invoke(build_cli(), line)
    assert done.exit_code == 0, done.output
    with table.open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["epoch"]) for row in rows] == [0, 4, 8]
    assert all(0 <= float(row["saddle_index"]) <= 1 and row["saddle_index_error"] == "0" for row in rows)


def test_a_path_of_one_net_is_refused():
    with pytest.raises(ValidationError, match="greater than or equal to 2"):
        SaddlesOf(run="run", moments=1)
