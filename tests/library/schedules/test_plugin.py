"""A schedule from outside the package, from the entry point to every engine, sweep, form and page."""

import json

from tests.extras import install, said_with

CARRIED = """
import asyncio, json
import foldscape, foldscape.sweep
from backend.routes.schema import read_schema
from foldscape.engine.choose import engine_name
from frontend.launch.check import check_draft
from frontend.launch.plan import form_plan

own = {"kind": "one_over_time"}
base = {"data": {"kind": "moons", "n": 60}, "net": {"hidden": [3]}, "stop": {"epochs": 4}, "probes": []}
base["lr_schedule"] = own
lr = {}
for engine in ("auto", "torch"):
    spec = foldscape.RunSpec.model_validate(base | {"engine": engine})
    lr[engine_name(spec, 20)] = [float(e.values[6]) for e in foldscape.run(spec) if e.kind == "metrics"]
sweep = {"base": base, "vary": {"lr_schedule": [own, {"kind": "cosine"}]}, "seeds": "0-1",
         "measure": {"flatness": []}, "primary": {"measure": "test_accuracy"}}
rows = foldscape.sweep.run(sweep).rows
schema = asyncio.run(read_schema())["RunSpec"]
[field] = [node for node in form_plan(schema)["fields"] if node["key"] == "lr_schedule"]
warm = next(option for option in field["options"] if option["kind"] == "warm_up")
print(json.dumps({
    "lr": lr, "states": [row.state for row in rows], "default": field["default"],
    "form": "one_over_time" in [option["kind"] for option in field["options"]],
    "then": "one_over_time" in [option["kind"] for option in warm["fields"][-1]["options"]],
    "drawn": check_draft({"view": "form", "spec": base})["schedule"]["rates"][-1],
}))
"""


def test_a_schedule_from_outside_does_all_that_a_shipped_one_does(tmp_path):
    told = json.loads(said_with(install(tmp_path), "-c", CARRIED).stdout.splitlines()[-1])
    assert told["lr"]["compiled"] == told["lr"]["torch"]
    assert [round(0.03 / lr, 4) for lr in told["lr"]["torch"]] == [1, 2, 3, 4, 4.5]  # the last: of the last update
    assert told["states"] == ["done"] * 4
    assert told["default"] == {"kind": "constant"}
    assert told["form"]
    assert told["then"]
    assert round(0.03 / told["drawn"], 4) == 4.5
