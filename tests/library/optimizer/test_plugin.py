"""An optimiser and a term from outside the package, carried through run, sweep, comparison, schema and form."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MODULES = dict(re.findall(r"```text\n# mine/(\w+)\.py\n(.*?)```", (ROOT / "docs/optimizers.md").read_text(), re.DOTALL))
"""The examples of the page on optimisers, by name."""
ENTRIES = """[foldscape.plugins]
optimizer.lion = lion
terms.lasso = lasso
terms.broken = broken
"""
CARRIED = """
import asyncio, json
import numpy as np
import foldscape, foldscape.sweep
from backend.curves import _columns
from backend.routes.schema import read_schema
from foldscape.comparison import compare
from foldscape.explain import explain
from foldscape.wire import pack_event
from frontend.launch.plan import form_plan
from pydantic import ValidationError

base = {"data": {"kind": "moons", "n": 60}, "net": {"hidden": [3]}, "stop": {"epochs": 2}, "probes": []}
own = {"optimizer": {"kind": "lion", "lr": 0.01}, "terms": [{"kind": "lasso", "strength": 0.01}]}
grow = {"commands": [{"step": 2, "command": {"kind": "grow", "rule": {"kind": "folding"}}}]}
spec = foldscape.RunSpec.model_validate(base | own | grow | {"probes": [{"kind": "curvature"}]})
events = list(foldscape.run(spec))
told = [event for event in events if event.kind == "scalars"]
edges = [event for event in events if event.kind == "curvature"]
heads = [json.loads(pack_event(event)[0]) for event in told]
sweep = {
    "base": base | own, "vary": {"lr": [0.01, 0.1]}, "seeds": "0-5", "measure": {"flatness": [], "every": 1},
    "primary": {"measure": "term_lasso", "align": "epochs"},
}
done = foldscape.sweep.run(sweep, threads=1)
asked = sweep | {"measure": {"flatness": [], "every": 1, "probes": [{"kind": "terms"}]}}
found = compare(done.curves(), by="epochs", contrast="optimizer.lr", primary="term_lasso")
schema = asyncio.run(read_schema())
plan = {field["key"]: field for field in form_plan(schema["RunSpec"])["fields"]}
try:
    foldscape.RunSpec.model_validate(base | own | {"engine": "compiled"})
except ValidationError as error:
    refused = explain(error.errors(include_url=False))
print(json.dumps({
    "states": [event.state for event in events if event.kind == "status"],
    "run": [event.values for event in told],
    "log": _columns((np.array([], float), np.zeros((0, 9))), heads)["term_lasso"].tolist(),
    "edge": [[event.edge, event.edge_note] for event in edges],
    "sweep": [row.curve.columns["term_lasso"] for row in done.rows],
    "asked": [row.curve.columns["term_lasso"] for row in foldscape.sweep.run(asked, threads=1).rows],
    "verdicts": [[row.measure.name, row.decides] for row in found.verdicts],
    "measures": [row["name"] for row in schema["measures"] if row["probe"] == "terms"],
    "optimizers": {each["kind"]: each["title"] for each in plan["optimizer"]["options"]},
    "terms": [each["kind"] for each in plan["terms"]["item"]["options"]],
    "refused": refused,
}))
"""


@pytest.fixture(scope="module")
def carried(tmp_path_factory):
    place = tmp_path_factory.mktemp("plugin")
    for name, text in MODULES.items():
        (place / f"{name}.py").write_text(text)
    (place / "broken.py").write_text("raise OSError('no disk')\n")
    about = place / "lion-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: lion\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(ENTRIES)
    env = os.environ | {"PYTHONPATH": f"{place}{os.pathsep}{ROOT}"}
    done = subprocess.run([sys.executable, "-c", CARRIED], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_they_train_a_run_that_grows_and_tell_their_values(carried):
    found, _ = carried
    assert found["states"] == ["done"]
    assert all(values["term_lasso"] > 0 and values["term_weight_decay"] == 0 for values in found["run"])
    assert len(found["run"]) >= 3
    assert found["log"][-1] == found["run"][-1]["term_lasso"]
    assert all(edge is None and "No stability edge of Lion" in note for edge, note in found["edge"])


def test_sweeps_and_comparisons_have_the_column_whether_it_was_asked_for_or_not(carried):
    found, _ = carried
    assert [len(column) for column in found["sweep"]] == [3] * 12
    assert all(value > 0 for column in found["sweep"] for value in column)
    assert found["asked"] == found["sweep"]
    assert ["term_lasso", True] in found["verdicts"]


def test_schema_and_launch_form_list_them(carried):
    found, _ = carried
    assert found["measures"] == ["term_lasso", "term_weight_decay"]
    assert found["optimizers"] == {"adam": "Adam", "lion": "Lion", "momentum": "momentum", "sgd": "SGD"}
    assert found["terms"] == ["lasso", "weight_decay"]


def test_compiled_code_refuses_them_beside_the_field_and_a_broken_one_is_named(carried):
    found, said = carried
    (refused,) = found["refused"]
    assert "does not know the optimizer lion; set engine to auto or torch" in refused["message"]
    assert "The plugin terms.broken (broken) cannot be imported: OSError: no disk." in said
