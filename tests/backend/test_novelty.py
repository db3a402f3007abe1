"""What a run tells of new test points, over HTTP."""

import csv
import io

import numpy as np
import pytest

import foldscape
from foldscape.spec import RunSpec
from tests.backend.stream_writer import Writer

SPEC = {"data": {"kind": "digits"}, "net": {"hidden": [8]}, "stop": {"epochs": 1}, "probes": [{"kind": "novelty"}]}


@pytest.fixture
def digits(client):
    return client.post("/api/runs", json=SPEC).json()["id"]


def test_a_test_point_has_its_nearest_training_point(client, digits):
    found = client.get(f"/api/runs/{digits}/nearest", params={"index": [0, 7]}).json()
    split = RunSpec.model_validate(SPEC).load()
    distances = np.linalg.norm(split.train_x[None].astype(float) - split.test_x[[0, 7], None], axis=2)
    assert found["nearest"] == distances.argmin(axis=1).tolist()
    assert found["novelty"] == pytest.approx(distances.min(axis=1))
    assert found["labels"] == split.train_y[found["nearest"]].tolist()


def test_an_index_beyond_the_test_points_is_refused(client, digits):
    answer = client.get(f"/api/runs/{digits}/nearest", params={"index": [360]})
    assert answer.status_code == 422
    assert "There is no point 360 among 360" in answer.json()["error"]["message"]


def test_points_of_the_plane_have_none_that_says_anything(client, run):
    answer = client.get(f"/api/runs/{run}/nearest", params={"index": [0]})
    assert answer.status_code == 409
    assert "side by side" in answer.json()["error"]["message"]


def test_the_buckets_come_as_csv(client, redis, digits):
    empty = client.get(f"/api/runs/{digits}/novelty")
    assert list(csv.DictReader(io.StringIO(empty.text))) == []
    writer = Writer(redis, digits)
    told = [event for event in foldscape.run(RunSpec.model_validate(SPEC)) if event.kind == "novelty"]
    for event in told:
        writer.event(event)
    rows = list(csv.DictReader(io.StringIO(client.get(f"/api/runs/{digits}/novelty?format=csv").text)))
    assert len(rows) == 5 * len(told)
    np.testing.assert_allclose([float(row["accuracy"]) for row in rows[-5:]], told[-1].accuracy)
    assert {row["critical_sample_ratio"] for row in rows} == {""}
