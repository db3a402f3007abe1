"""A run log that version 0.1.0 wrote opens, and one spec that cannot be read takes nothing else with it."""

import base64
import gzip
import json
from pathlib import Path

import pytest

from workers.keys import RunKeys

KEPT = Path(__file__).parent.parent / "stored" / "version_0_1_0" / "run_log.json.gz"
OLD = json.loads(gzip.decompress(KEPT.read_bytes()))
RINGS, REFUSED = OLD["runs"]["rings"], OLD["runs"]["compiled_cuda"]


def _bytes(fields):
    return {name: base64.b64decode(value) for name, value in fields.items()}


@pytest.fixture
def log(redis):
    """Redis as the earlier version left it."""
    for key, sort, value in OLD["keys"]:
        if sort == "hash":
            redis.hset(key, mapping=_bytes(value))
        elif sort == "stream":
            for entry, fields in value:
                redis.xadd(key, _bytes(fields), id=entry)
        elif sort == "list":
            redis.rpush(key, *value)
        elif sort == "set":
            redis.sadd(key, *value)
        else:
            redis.zadd(key, value)
    return redis


@pytest.fixture
def unreadable(log):
    """A run of a plugin that is gone; of a new name, because what is shown of a spec is kept by name."""
    for ours, its in zip(RunKeys(RINGS).all, RunKeys("weather").all, strict=True):
        log.copy(ours, its)
    spec = json.loads(log.hget(RunKeys(RINGS).hash, "spec")) | {"data": {"kind": "weather", "stations": 5}}
    log.hset(RunKeys("weather").hash, "spec", json.dumps(spec))
    log.zadd("fs:runs", {"weather": 1})
    return "weather"


def test_the_table_and_each_run_open(client, log):
    runs = {run["id"]: run for run in client.get("/api/runs").json()["runs"]}
    assert set(runs) == {RINGS, REFUSED}
    assert runs[RINGS]["net"] == "2-3-2"
    assert runs[REFUSED]["message"].startswith("The compiled engine trains on the processor, not on cuda.")
    for run in runs:
        found = client.get(f"/api/runs/{run}").json()
        assert found["spec"] == json.loads(log.hget(RunKeys(run).hash, "spec"))
        for part in ("metrics", "metrics?format=csv", "frames", "data"):
            assert client.get(f"/api/runs/{run}/{part}").status_code == 200, part
    assert client.get(f"/api/runs/{RINGS}/weights").status_code == 200
    assert client.get("/api/comparisons/groups").status_code == 200
    assert client.post("/api/comparisons", json={"runs": [RINGS]}).status_code == 200


def test_what_is_refused_today_does_not_go_on(client, log):
    for call in ("fork", "resume"):
        answer = client.post(f"/api/runs/{REFUSED}/{call}", json={"step": 0})
        assert answer.status_code == 422
        assert "accepted by an earlier version and is refused now" in answer.json()["error"]["message"]


def test_an_earlier_moment_can_be_forked(client, log):
    assert client.post(f"/api/runs/{RINGS}/fork", json={"step": 160}).status_code == 201


@pytest.mark.parametrize("view", OLD["landscapes"])
def test_landscapes_open_by_their_ids(client, log, view):
    kept = OLD["landscapes"][view]
    found = client.get(f"/api/landscapes/{kept['id']}").json()
    assert found["state"] == "done"
    assert {"ground"} < {row["key"] for row in found["rows"]}
    assert client.get(f"/api/landscapes/{kept['id']}/cells?format=csv").status_code == 200


def test_the_same_view_asked_for_again_is_the_stored_one(client, log):
    kept = OLD["landscapes"]["slice"]
    answer = client.post("/api/landscapes", json=kept["spec"])
    assert (answer.status_code, answer.json()["id"]) == (200, kept["id"])


def test_study_and_sweep_open(client, log):
    assert client.get(f"/api/studies/{OLD['study']}").json()["state"] == "done"
    found = client.get(f"/api/sweeps/{OLD['sweep']}").json()
    assert len(found["rows"]) == found["cells"] == 6
    for part in ("curves", "manifest", "published"):
        assert client.get(f"/api/sweeps/{OLD['sweep']}/{part}").status_code == 200, part


def test_a_run_whose_spec_cannot_be_read_is_shown_with_the_reason(client, log, unreadable):
    runs = {run["id"]: run for run in client.get("/api/runs").json()["runs"]}
    assert set(runs) == {RINGS, REFUSED, unreadable}
    assert (
        "60 epochs are done. Its spec cannot be read by this version: data.kind is weather"
        in runs[unreadable]["message"]
    )
    found = client.get(f"/api/runs/{unreadable}").json()
    assert found["spec"]["data"] == {"kind": "weather", "stations": 5}
    assert "kind: weather" in found["again"]["yaml"]
    for part in ("metrics", "metrics?format=csv", "frames"):
        assert client.get(f"/api/runs/{unreadable}/{part}").status_code == 200, part
    answer = client.get(f"/api/runs/{unreadable}/data")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "unreadable")
    assert client.get("/api/comparisons/groups").status_code == 200


def test_a_sweep_whose_spec_cannot_be_read_keeps_its_rows(client, log):
    key = f"fs:sweep:{OLD['sweep']}"
    spec = json.loads(log.hget(key, "spec"))
    log.hset(key, "spec", json.dumps({**spec, "base": {**spec["base"], "data": {"kind": "weather"}}}))
    found = client.get(f"/api/sweeps/{OLD['sweep']}").json()
    assert len(found["rows"]) == 6
    assert "base.data.kind is weather" in found["message"]
    assert client.get("/api/sweeps").status_code == 200
