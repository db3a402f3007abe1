"""A loss from outside the package, of one formula: through suite, run, sweep, comparison, schema and Launch form."""

import json
from pathlib import Path

import pytest

from tests.extras import install, said_with

CARRIED = """
import sys
import foldscape.spec
torch_loaded = "torch" in sys.modules
import asyncio, json, pytest
import foldscape, foldscape.sweep
from backend.routes.schema import read_schema
from foldscape.comparison import compare
from foldscape.explain import explain
from frontend.launch.check import check_draft
from frontend.launch.plan import form_plan

quiet = ["-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
suite = pytest.main([*quiet, "-k", "focal", sys.argv[1]])
base = {"data": {"kind": "moons", "n": 60}, "net": {"hidden": [3], "output_scale": 1}, "stop": {"epochs": 2}}
grow = [{"step": 2, "command": {"kind": "grow", "rule": {"kind": rule}}} for rule in ("gradmax", "folding")]
events = list(foldscape.run(foldscape.RunSpec.model_validate(base | {"loss": "focal", "commands": grow})))
sweep = {"base": base, "vary": {"loss": ["focal", "cross_entropy"]}, "seeds": "0-1", "measure": {"flatness": ["layer"]}}
done = foldscape.sweep.run(sweep, threads=1)
found = compare(done.curves(), by="epochs", contrast="loss", primary="lambda_layer")
alone = compare([curve for curve in done.curves() if curve.loss == "focal"], by="loss")
schema = asyncio.run(read_schema())
plan = form_plan(schema["RunSpec"], foldscape.RunSpec().model_dump(mode="json"))
(field,) = [field for field in plan["fields"] if field["key"] == "loss"]
launched = check_draft({"view": "form", "spec": base | {"loss": {"kind": "focal", "gamma": 1}}, "name": "x"})
wrong = check_draft({"view": "yaml", "text": "loss: {kind: focal, gamma: -1}"})
print("\\n@" + json.dumps({
    "suite": int(suite),
    "torch": torch_loaded,
    "losses": [float(event.values[1]) for event in events if event.kind == "metrics"],
    "kinds": sorted({event.kind for event in events}),
    "refused": [event.refused for event in events if event.kind == "command"],
    "curves": sorted({curve.loss for curve in done.curves()}),
    "differs": found.comparable.differs,
    "alone": alone.words,
    "schema": [one for one in schema["losses"] if one["kind"] == "focal"],
    "options": {one["kind"]: (one["title"], [each["key"] for each in one["fields"]]) for one in field["options"]},
    "yaml": launched["yaml"],
    "problems": wrong["problems"],
}))
"""


@pytest.fixture(scope="module")
def carried(tmp_path_factory):
    suite = str(Path(__file__).with_name("test_every_loss.py"))
    done = said_with(install(tmp_path_factory.mktemp("extras")), "-c", CARRIED, suite)
    said, _, told = done.stdout.rpartition("\n@")
    return json.loads(told), said


def test_one_formula_is_enough_for_the_whole_suite(carried):
    found, said = carried
    assert found["suite"] == 0, said
    assert "no tests ran" not in said
    assert not found["torch"]  # a spec that may name it loads no torch


def test_it_is_trained_measured_and_grown_on(carried):
    found, _ = carried
    assert found["losses"][-1] < found["losses"][0]
    assert {"curvature", "slice", "grown"} <= set(found["kinds"])
    assert found["refused"][0] == ""
    assert "trains on focal; this rule is worked out for the plain cross-entropy only" in found["refused"][1]


def test_it_varies_in_a_sweep_and_gets_no_verdict_against_another(carried):
    found, _ = carried
    assert found["curves"] == ["cross_entropy", "focal"]
    assert found["differs"] == ["loss"]
    assert found["alone"].endswith(" of focal loss")


def test_pages_and_scripts_find_it_with_its_words(carried):
    found, _ = carried
    (words,) = found["schema"]
    assert (words["name"], words["unit"], words["axis"]) == ("focal loss", "of focal loss", "loss, of focal loss")
    assert words["about"].startswith("Cross-entropy that counts what is right already for less")
    assert found["options"]["focal"] == ["focal loss", ["gamma"]]
    assert "loss:\n  kind: focal\n  gamma: 1" in found["yaml"]
    (problem,) = found["problems"]
    assert (problem["path"], problem["allowed"]) == ("loss.gamma", "at least 0 and at most 10")
