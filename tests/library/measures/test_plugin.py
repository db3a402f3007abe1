"""A probe from outside the package, from the entry point to run, sweep, comparison, run log and schema."""

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
from foldscape.wire import pack_event, unpack_event

base = {"data": {"kind": "moons", "n": 60}, "net": {"hidden": [3], "output_scale": 1}, "stop": {"epochs": 2}}
probes = [{"kind": "path_norm"}]
events = list(foldscape.run(foldscape.RunSpec.model_validate(base | {"probes": probes})))
told = [event for event in events if event.kind == "scalars"]
heads = [json.loads(pack_event(event)[0]) for event in told]
columns = _columns((np.array([], float), np.zeros((0, 9))), heads)
sweep = {
    "base": base, "vary": {"lr": [0.01, 0.1]}, "seeds": "0-5",
    "primary": {"measure": "path_norm", "align": "epochs"},
    "measure": {"flatness": [], "probes": probes, "every": 1},
}
done = foldscape.sweep.run(sweep, threads=1)
found = compare(done.curves(), by="epochs", contrast="optimizer.lr", primary="path_norm")
schema = asyncio.run(read_schema())
print(json.dumps({
    "again": [unpack_event(*pack_event(event)).values for event in told] == [event.values for event in told],
    "run": [event.values["path_norm"] for event in told],
    "log": columns["path_norm"].tolist(),
    "sweep": [row.curve.columns["path_norm"] for row in done.rows],
    "verdicts": [[row.measure.name, row.reading, row.decides] for row in found.verdicts],
    "measures": [row for row in schema["measures"] if row["probe"] == "path_norm"],
    "probes": json.dumps(schema["RunSpec"]["properties"]["probes"]),
    "primary": schema["SweepSpec"]["$defs"]["Primary"]["properties"]["measure"]["enum"],
}))
"""


@pytest.fixture(scope="module")
def carried(tmp_path_factory):
    return json.loads(said_with(install(tmp_path_factory.mktemp("extras")), "-c", CARRIED).stdout)


def test_it_is_measured_in_runs_and_their_log_and_in_sweeps(carried):
    assert carried["again"]
    assert len(carried["run"]) == 3
    assert all(value > 0 for value in carried["run"])
    assert carried["log"] == carried["run"]
    assert [len(column) for column in carried["sweep"]] == [3] * 12
    assert all(value > 0 for column in carried["sweep"] for value in column)


def test_it_decides_a_sweep_and_stands_in_the_schema(carried):
    assert carried["verdicts"] == [["path_norm", "sharper", True]]
    (row,) = carried["measures"]
    assert (row["name"], row["label"], row["flatness"], row["aggregation"]) == (
        "path_norm", "path norm", True, "geometric",
    )  # fmt: skip
    assert "PathNorm" in carried["probes"]
    assert "path_norm" in carried["primary"]
