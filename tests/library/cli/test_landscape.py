"""``foldscape landscape``: what the library measures, and one clear sentence a fault."""

import csv
import io

import pytest
from typer.testing import CliRunner

from foldscape import RunSpec
from foldscape.cli import build_cli
from foldscape.landscape.recorded import of_run, record

SPEC = {"net": {"hidden": [2]}, "stop": {"epochs": 3}}


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("net: {hidden: [2]}\nstop: {epochs: 3}\n")
    return str(path)


def call(*words):
    return CliRunner().invoke(build_cli(), ["landscape", *words])


def test_the_table_is_that_of_the_library(spec):
    done = call(spec, "--set", "slice.resolution=5", "--table", "-")
    assert done.exit_code == 0
    own = of_run(record(RunSpec.model_validate(SPEC)), {"view": "slice", "slice": {"resolution": 5}})
    assert list(csv.reader(io.StringIO(done.stdout))) == [[str(value) for value in line] for line in own.lines()]


def test_a_figure_and_a_connection(spec, tmp_path):
    page = tmp_path / "plane.html"
    small = ("--set", "plane.resolution=3", "--set", "plane.stages=[]")
    assert call(spec, "--view", "plane", *small, "--figure", str(page)).exit_code == 0
    assert "plotly" in page.read_text()
    done = call(spec, "--view", "connection", "--to", spec, "--set", "updates=1", "--set", "points=3")
    assert "9 lines of way, t" in done.output


def test_basins_are_counted_and_written(spec):
    small = ("--set", "plane.resolution=7", "--set", "plane.stages=[]")
    done = call(spec, "--view", "plane", *small, "--basins", "-")
    assert done.exit_code == 0
    lines = list(csv.reader(io.StringIO(done.stdout)))
    own = of_run(record(RunSpec.model_validate(SPEC)), {"view": "plane", "plane": {"resolution": 7, "stages": []}})
    assert lines == [[str(value) for value in line] for line in own.topology_lines()]
    assert {line[1] for line in lines[1:]} == {"train", "test"}
    assert "Training loss: " in done.stderr
    assert "roughness" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--view", "hill"), "hill"),
        (("--view", "connection"), "to"),
        (("--set", "slice.resolution=0"), "slice.resolution"),
        (("--view", "spectrum", "--figure", "no.html"), "has no surface"),
    ],
)
def test_a_fault_is_said_in_one_sentence(spec, words, said):
    done = call(spec, *words)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output
