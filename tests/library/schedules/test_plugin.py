"""A schedule from outside the package, from the entry point to every engine, sweep, form and page."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
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
    shown = (ROOT / "docs" / "schedules.md").read_text().rpartition("```python\n")[2].partition("```")[0]
    (tmp_path / "one_over_time.py").write_text(shown)
    info = tmp_path / "outside-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[foldscape.plugins]\nschedules.one_over_time = one_over_time\n")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    ran = subprocess.run(
        [sys.executable, "-c", CARRIED],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["lr"]["compiled"] == told["lr"]["torch"]
    assert [round(0.03 / lr, 4) for lr in told["lr"]["torch"]] == [
        1,
        2,
        3,
        4,
        4.5,
    ]  # the last is that of the last update
    assert told["states"] == ["done"] * 4
    assert told["default"] == {"kind": "constant"}
    assert told["form"]
    assert told["then"]
    assert round(0.03 / told["drawn"], 4) == 4.5
