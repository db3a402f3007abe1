"""What a run tells of its residual blocks, over HTTP."""

import csv
import io

import numpy as np
import pytest

import foldscape
from foldscape.spec import RunSpec
from tests.backend.stream_writer import Writer

SPEC = {
    "data": {"kind": "digits"},
    "net": {"wiring": "res_mlp", "blocks": 2, "width": 8, "inner": 8},
    "stop": {"epochs": 1},
    "probes": [{"kind": "iterative", "every": 1, "gap": 0}],
}


@pytest.fixture(scope="module")
def told():
    return [event for event in foldscape.run(RunSpec.model_validate(SPEC)) if event.kind == "iterative"]


@pytest.fixture
def run(client, redis, told):
    run = client.post("/api/runs", json=SPEC).json()["id"]
    writer = Writer(redis, run)
    for event in told:
        writer.event(event)
    return run


def lines(answer):
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_blocks_come_as_csv_under_the_heads_of_the_command_line(client, run, told):
    rows = lines(client.get(f"/api/runs/{run}/iterative?format=csv"))
    assert [row["block"] for row in rows] == ["block1", "block2"] * len(told)
    last = told[-1]
    assert float(rows[-1]["cosine"]) == pytest.approx(last.cosine[0, 1])
    assert float(rows[-1]["cosine_error"]) == pytest.approx(last.cosine[1, 1])
    assert float(rows[-1]["accuracy_after"]) == pytest.approx(last.accuracy[0, 2])
    assert {row["corrected"] for row in rows} == {""}  # nothing is borderline
    spec = RunSpec.model_validate(SPEC)
    split = spec.load()
    net = spec.net.first_on(split.shape, split.classes, np.random.default_rng(0))
    heads = list(foldscape.iterative.block_by_block(net, split.test_x, split.test_y).rows()[0])
    assert list(rows[0]) == ["step", "epoch", *heads]


def test_unrolling_comes_as_csv(client, run, told):
    rows = lines(client.get(f"/api/runs/{run}/iterative/unrolled"))
    assert len(rows) == 10 * len(told)
    of_last = rows[-10:]
    found = [float(row["norm"]) for row in of_last]
    assert found == pytest.approx(told[-1].unrolled_norm[0].ravel())
    assert [row["way"] for row in of_last] == ["plain"] * 5 + ["scaled"] * 5


def test_a_run_without_the_probe_has_no_line(client):
    plain = client.post("/api/runs", json={"stop": {"epochs": 1}}).json()["id"]
    assert lines(client.get(f"/api/runs/{plain}/iterative")) == []
