"""The package of docs/extending.md through run, sweep, comparison, schema and command line."""

import json
import os
import subprocess
import sys

import pytest

from tests.extras import files, install

CARRIED = """
import asyncio, json, sys
import foldscape, foldscape.sweep
from backend.routes.schema import read_schema
from foldscape.comparison import compare
from foldscape.reading import read_mapping

plain = read_mapping(open("extras.yaml").read())
spec = foldscape.RunSpec.model_validate(plain["base"])
events = list(foldscape.run(spec))
again = list(foldscape.run(foldscape.RunSpec.model_validate_json(spec.model_dump_json())))
done = foldscape.sweep.run(plain, threads=1)
found = compare(done.curves(), by="epochs", contrast="optimizer.lr", primary="path_norm")
schema = asyncio.run(read_schema())
properties = schema["RunSpec"]["properties"]
print(json.dumps({
    "kinds": [type(part).__module__ for part in (spec.loss, spec.optimizer, spec.data, *spec.probes)],
    "run": [event.values["path_norm"] for event in events if event.kind == "scalars"],
    "same": [event.values["path_norm"] for event in again if event.kind == "scalars"],
    "losses": sorted({curve.loss for curve in done.curves()}),
    "sweep": [len(row.curve.columns["path_norm"]) for row in done.rows],
    "verdicts": [[row.measure.name, row.decides] for row in found.verdicts],
    "schema": {name: json.dumps(properties[name]) for name in ("loss", "optimizer", "data", "probes")},
    "measures": [row["name"] for row in schema["measures"]],
}))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("extras")


@pytest.fixture(scope="module")
def environment(place):
    return os.environ | {"PYTHONPATH": install(place)}


def ran(place, environment, *words):
    done = subprocess.run([sys.executable, *words], cwd=place, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


def test_the_page_names_its_files():
    assert set(files()) == {
        "pyproject.toml",
        "extras.yaml",
        *(f"foldscape_extras/{name}.py" for name in ("focal", "lion", "pinwheel", "path_norm")),
    }


@pytest.fixture(scope="module")
def carried(place, environment):
    return json.loads(ran(place, environment, "-c", CARRIED).stdout)


def test_a_run_takes_all_of_it_and_repeats_its_bits(carried):
    names = ("focal", "lion", "pinwheel", "path_norm")
    assert carried["kinds"] == [f"foldscape_extras.{name}" for name in names]
    assert len(carried["run"]) == 11
    assert carried["run"] == carried["same"]
    assert carried["run"][0] == 0  # the output layer begins at 0
    assert all(value > 0 for value in carried["run"][1:])


def test_a_sweep_takes_all_of_it_and_its_measure_decides(carried):
    assert carried["sweep"] == [11] * 12
    assert carried["losses"] == ["focal(gamma=1.0)"]
    assert carried["verdicts"] == [["path_norm", True]]


def test_the_schema_lists_all_of_it(carried):
    for name, kind in (("loss", "Focal"), ("optimizer", "Lion"), ("data", "Pinwheel"), ("probes", "PathNorm")):
        assert kind in carried["schema"][name]
    assert "path_norm" in carried["measures"]


def test_the_command_line_carries_the_sweep_out(place, environment):
    said = ran(place, environment, "-m", "foldscape", "sweep", "extras.yaml").stdout
    assert "path norm" in said


def test_bad_settings_are_named_like_all_others(place, environment):
    code = (
        "import foldscape\n"
        "try: foldscape.RunSpec.model_validate({'loss': {'kind': 'focal', 'gamma': -1}})\n"
        "except ValueError as error: print(error)"
    )
    assert "gamma" in ran(place, environment, "-c", code).stdout
