"""Ensembles over HTTP: one error shape, members named by their moments, a file."""

import csv
import io

import pytest

from foldscape.ensembles.table import HEADING
from foldscape.landscape.recorded.rows import row
from foldscape.spec import RunSpec
from workers.job_lease import EnsembleLease
from workers.keys import RunKeys

SNAPSHOTS = {"stop": {"epochs": 20}, "lr_schedule": {"kind": "snapshot", "cycles": 4}}


@pytest.fixture
def cycling(client, redis):
    """A run of four cycles that keeps a frame at the end of each, and one besides."""
    run = client.post("/api/runs", json=SNAPSHOTS).json()["id"]
    ends = RunSpec.model_validate(SNAPSHOTS).cycle_ends
    for step in sorted({5, *ends}):
        redis.xadd(RunKeys(run).frames, {"h": '{"kind":"frame"}', "b": ""}, id=f"{step}-1")
        redis.rpush(RunKeys(run).frame_ids, f"{step}-1")
    return run, list(ends)


def test_an_ensemble_is_made_once_and_names_its_moments(client, cycling):
    run, ends = cycling
    made, again = (client.post("/api/ensembles", json={"members": [f"{run}@cycles", run]}) for _ in range(2))
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.headers["Location"] == f"/api/ensembles/{made.json()['id']}"
    assert [one["step"] for one in made.json()["spec"]["members"]] == [*ends, ends[-1]]
    assert (made.json()["state"], made.json()["cells"], made.json()["name"]) == ("queued", 5, "5 members")
    assert again.json()["id"] == made.json()["id"]
    assert [each["id"] for each in client.get("/api/ensembles").json()["ensembles"]] == [made.json()["id"]]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"members": []}, ""),
        ({}, "members"),
        ({"members": ["run@-3"]}, "members.0"),
        ({"members": ["run"], "weights": "mine"}, "weights"),
        ({"members": ["run"], "points": 2}, "points"),
        ({"members": ["run"] * 65}, "members"),
    ],
)
def test_a_bad_field_is_named(client, body, path):
    answer = client.post("/api/ensembles", json=body)
    assert answer.status_code == 422
    assert any(path in field["path"] for field in answer.json()["error"]["fields"])


def test_runs_moments_and_cycles_that_are_not_there_are_refused(client, cycling, run):
    own, _ = cycling
    for members, status, code in (
        (["nobody"], 404, "run_not_found"),
        ([f"{own}@7"], 404, "frame_not_found"),
        ([run], 404, "frame_not_found"),
        ([f"{run}@cycles"], 409, "not_possible"),
    ):
        answer = client.post("/api/ensembles", json={"members": members})
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), members
    assert "the nearest kept: 5 and 40" in client.post("/api/ensembles", json={"members": [f"{own}@7"]}).text
    for method, path in (("get", ""), ("get", "/table"), ("get", "/events"), ("post", "/stop"), ("delete", "")):
        answer = getattr(client, method)(f"/api/ensembles/none{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ensemble_not_found")


def kept(client, redis, **changes):
    """A run with one frame, of which only the spec counts."""
    made = client.post("/api/runs", json=SNAPSHOTS | changes).json()["id"]
    redis.xadd(RunKeys(made).frames, {"h": '{"kind":"frame"}', "b": ""}, id="5-1")
    redis.rpush(RunKeys(made).frame_ids, "5-1")
    return made


@pytest.mark.parametrize(
    ("changes", "weights", "path", "words"),
    [
        ({"data": {"kind": "xor"}}, "equal", "members", "have other training or test points"),
        ({"data": {"kind": "gaussian_blobs", "k": 4}}, "equal", "members", "2 classes apart"),
        ({"seed": 8}, "equal", "members", "have other training or test points"),
        ({"member": 1}, "validation_accuracy", "weights", "need a validation part"),
    ],
)
def test_members_that_do_not_go_together_are_refused_at_once_beside_their_field(
    client, redis, cycling, changes, weights, path, words
):
    first, other = cycling[0], kept(client, redis, **changes)
    answer = client.post("/api/ensembles", json={"members": [f"{first}@5", other], "weights": weights})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "invalid_input")
    assert [field["path"] for field in error["fields"]] == [path]
    assert words in error["message"]
    assert first in error["message"]
    assert path == "weights" or other in error["message"]
    assert client.get("/api/ensembles").json()["ensembles"] == []


def test_rows_stand_in_the_answer_and_in_the_file(client, redis, cycling):
    run, _ = cycling
    made = client.post("/api/ensembles", json={"members": [f"{run}@cycles"]}).json()["id"]
    lease = EnsembleLease(redis, made, 60_000)
    lease.take("worker-1", 5)
    score = {"accuracy": 0.5, "nll": None, "ece": 0.1}
    member = {"name": "=a@5", "weight": 1.0, **score}
    rows = [row("members", {"members": [member]}, {}), row("added.1", {"members": 1, **score}, {})]
    lease.tell("{}", {"share": 0.5, "doing": "", "left_s": ""}, {one.key: one.as_json() for one in rows})
    found = client.get(f"/api/ensembles/{made}").json()
    assert [one["key"] for one in found["rows"]] == ["added.1", "members"]
    lines = list(csv.reader(io.StringIO(client.get(f"/api/ensembles/{made}/table").text)))
    assert lines[0] == HEADING
    assert lines[1][:6] == ["member", "'=a@5", "", "1", "1.0", "0.5"]
    assert lines[2][0] == "ensemble"
