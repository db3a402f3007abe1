"""A probe from outside the package, from the entry point to run, sweep, comparison, run log and schema."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WEIGHING = '''
from typing import ClassVar, Literal

from foldscape.measures.column import Column
from foldscape.probes.base import Probe


class WeighingProbe(Probe):
    """Weigh the net."""

    columns: ClassVar[tuple[Column, ...]] = (Column("weight_norm", "weight norm", flatness=True),)
    kind: Literal["weighing"] = "weighing"

    def measure(self, subject):
        from foldscape.measurements import Scalars
        from foldscape.net.mlp import norm_of
        from foldscape.probes.measuring.moment import measured_on

        norm = norm_of(subject.net.flat())
        yield Scalars(**measured_on(subject, "closed form", 0), probe=self.kind, values={"weight_norm": norm})


class OwnFrame(Probe):
    """Take a kind that is there."""

    kind: Literal["frame"] = "frame"
'''
ENTRIES = """[foldscape.plugins]
probes.weighing = weighing
probes.broken = broken
growth.missing = not_there
"""
CARRIED = """
import asyncio, json
import numpy as np
import foldscape, foldscape.sweep
from backend.curves import _columns
from backend.routes.schema import read_schema
from foldscape.comparison import compare
from foldscape.wire import pack_event, unpack_event

base = {"data": {"kind": "moons", "n": 60}, "net": {"hidden": [3]}, "stop": {"epochs": 2}}
probes = [{"kind": "weighing"}]
events = list(foldscape.run(foldscape.RunSpec.model_validate(base | {"probes": probes})))
told = [event for event in events if event.kind == "scalars"]
heads = [json.loads(pack_event(event)[0]) for event in told]
columns = _columns((np.array([], float), np.zeros((0, 9))), heads)
sweep = {
    "base": base, "vary": {"lr": [0.01, 0.1]}, "seeds": "0-5",
    "primary": {"measure": "weight_norm", "align": "epochs"},
    "measure": {"flatness": [], "probes": probes, "every": 1},
}
done = foldscape.sweep.run(sweep, threads=1)
found = compare(done.curves(), by="epochs", contrast="optimizer.lr", primary="weight_norm")
schema = asyncio.run(read_schema())
print(json.dumps({
    "again": [unpack_event(*pack_event(event)).values for event in told] == [event.values for event in told],
    "run": [event.values["weight_norm"] for event in told],
    "log": columns["weight_norm"].tolist(),
    "sweep": [row.curve.columns["weight_norm"] for row in done.rows],
    "verdicts": [[row.measure.name, row.reading, row.decides] for row in found.verdicts],
    "measures": [row for row in schema["measures"] if row["probe"] == "weighing"],
    "probes": json.dumps(schema["RunSpec"]["properties"]["probes"]),
    "primary": schema["SweepSpec"]["$defs"]["Primary"]["properties"]["measure"]["enum"],
}))
"""


@pytest.fixture(scope="module")
def carried(tmp_path_factory):
    place = tmp_path_factory.mktemp("plugin")
    (place / "weighing.py").write_text(WEIGHING)
    (place / "broken.py").write_text("raise OSError('no disk')\n")
    about = place / "weighing-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: weighing\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(ENTRIES)
    env = os.environ | {"PYTHONPATH": f"{place}{os.pathsep}{ROOT}"}
    done = subprocess.run([sys.executable, "-c", CARRIED], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_it_is_measured_in_runs_and_their_log_and_in_sweeps(carried):
    found, _ = carried
    assert found["again"]
    assert len(found["run"]) == 3
    assert all(value > 0 for value in found["run"])
    assert found["log"] == found["run"]
    assert [len(column) for column in found["sweep"]] == [3] * 12
    assert all(value > 0 for column in found["sweep"] for value in column)


def test_it_decides_a_sweep_and_stands_in_the_schema(carried):
    found, _ = carried
    assert found["verdicts"] == [["weight_norm", "sharper", True]]
    (row,) = found["measures"]
    assert (row["name"], row["label"], row["flatness"], row["aggregation"]) == (
        "weight_norm", "weight norm", True, "geometric",
    )  # fmt: skip
    assert "WeighingProbe" in found["probes"]
    assert "weight_norm" in found["primary"]


def test_what_fails_or_comes_twice_is_named_and_the_rest_works(carried):
    _, said = carried
    assert "The plugin probes.broken (broken) cannot be imported: OSError: no disk." in said
    assert "weighing declares the kind frame, which foldscape.probes.frame has already" in said
    assert "growth.missing (not_there) cannot be imported: ModuleNotFoundError" in said
