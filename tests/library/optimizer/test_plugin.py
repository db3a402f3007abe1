"""An optimiser and a term from outside the package, carried through run, sweep, comparison, schema and form."""

import json

import pytest

from tests.extras import install, said_with

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
    return json.loads(said_with(install(tmp_path_factory.mktemp("extras")), "-c", CARRIED).stdout)


def test_they_train_a_run_that_grows_and_tell_their_values(carried):
    assert carried["states"] == ["done"]
    assert all(values["term_lasso"] > 0 and values["term_weight_decay"] == 0 for values in carried["run"])
    assert len(carried["run"]) >= 3
    assert carried["log"][-1] == carried["run"][-1]["term_lasso"]
    assert all(edge is None and "No stability edge of Lion" in note for edge, note in carried["edge"])


def test_sweeps_and_comparisons_have_the_column_whether_it_was_asked_for_or_not(carried):
    assert [len(column) for column in carried["sweep"]] == [3] * 12
    assert all(value > 0 for column in carried["sweep"] for value in column)
    assert carried["asked"] == carried["sweep"]
    assert ["term_lasso", True] in carried["verdicts"]


def test_schema_and_launch_form_list_them(carried):
    assert carried["measures"] == ["term_hills", "term_lasso", "term_weight_decay"]
    assert carried["optimizers"] == {
        "adam": "Adam",
        "lion": "Lion",
        "momentum": "momentum",
        "nudged": "nudged SGD",
        "sgd": "SGD",
    }
    assert carried["terms"] == ["hills", "lasso", "weight_decay"]


def test_compiled_code_refuses_them_beside_the_field(carried):
    (refused,) = carried["refused"]
    assert "does not know the optimizer lion; set engine to auto or torch" in refused["message"]
