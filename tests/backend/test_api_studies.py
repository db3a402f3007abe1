"""Studies over HTTP: one error shape, one table, one stream that resumes."""

import csv
import io
import json

import pytest

from workers.job_lease import StudyLease
from workers.states import State

SMALL = {"kind": "utilisation", "nets": 20, "steps": 50, "draws": 1, "sets": ["sine"]}


@pytest.fixture
def study(client):
    return client.post("/api/studies", json=SMALL).json()["id"]


@pytest.fixture
def lease(redis, study):
    lease = StudyLease(redis, study, 60_000)
    lease.take("worker-1", 5)
    return lease


def say(lease, n, share=0.5, row=None):
    row = row or {"key": "sine.gradmax", "n": n}
    entry = json.dumps({"share": share, "rows": [row]})
    return lease.tell(entry, {"share": share, "doing": f"part {n}", "left_s": "3.0"}, {row["key"]: json.dumps(row)})


def events(text):
    parts = [part for part in text.split("\n\n") if part.startswith("event")]
    return [dict(line.split(": ", 1) for line in part.splitlines()) for part in parts]


def test_a_study_is_made_waits_and_is_listed(client, study):
    found = client.get(f"/api/studies/{study}").json()
    assert (found["state"], found["place"], found["spec"]["nets"]) == ("queued", 0, 20)
    assert [row["key"] for row in found["rows"]] == [
        "sine.random_init", "sine.never_grown", "sine.gradmax", "sine.newton",
    ]  # fmt: skip
    assert found["about"]["published"]["random_init"] == {"reached": 65, "of": 1000}
    assert found["about"]["published"]["gradmax"] == {"reached": 360, "of": 1000}
    assert [each["id"] for each in client.get("/api/studies").json()["studies"]] == [study]


def test_what_a_kind_computes_is_told_before_anybody_ran_it(client):
    kind = client.get("/api/study-kinds").json()["utilisation"]
    assert kind["spec"]["nets"] == 1000
    assert len(kind["rows"]) == 8
    assert kind["about"]["differs"]


def test_a_study_of_another_kind_has_its_formulas_before_it_runs(client):
    study = client.post("/api/studies", json={"kind": "sde", "lr": 0.08, "rows": ["hessian", "wells"]}).json()["id"]
    found = client.get(f"/api/studies/{study}").json()
    assert [row["key"] for row in found["rows"]] == ["hessian", "wells"]
    assert found["rows"][0]["naive"] == pytest.approx(0.08 / 16 * 26)
    assert found["about"]["meters"]["step"] == pytest.approx(0.8)
    table = list(csv.DictReader(io.StringIO(client.get(f"/api/studies/{study}/table?format=csv").text)))
    assert [(line["row"], line["measured"]) for line in table] == [("hessian", ""), ("wells", "")]


def test_chains_that_diverge_are_refused_beside_their_field(client):
    answer = client.post("/api/studies", json={"kind": "sde", "lr": 0.2})
    assert answer.status_code == 422
    field = answer.json()["error"]["fields"][0]
    assert (field["path"], field["given"]) == ("lr", 0.2)
    assert "has to be below 0.1" in field["message"]


@pytest.mark.parametrize(
    ("body", "path", "given"),
    [
        ({"nets": 5}, "nets", 5),
        ({"steps": 75}, "steps", 75),
        ({"rows": ["gradmx"]}, "rows.0", "gradmx"),
        ({"sets": []}, "sets", []),
        ({"colour": 1}, "colour", 1),
    ],
)
def test_a_bad_field_is_named_with_its_value(client, body, path, given):
    answer = client.post("/api/studies", json={**SMALL, **body})
    assert answer.status_code == 422
    field = answer.json()["error"]["fields"][0]
    assert (field["path"], field["given"]) == (path, given)


def test_rows_and_share_stand_in_the_answer_as_they_are_told(client, study, lease):
    say(lease, 1)
    found = client.get(f"/api/studies/{study}").json()
    assert (found["state"], found["share"], found["left_s"], found["doing"]) == ("running", 0.5, 3.0, "part 1")
    assert found["rows"][2] == {"key": "sine.gradmax", "n": 1}


def test_the_stream_resumes_and_ends(client, study, lease):
    say(lease, 1)
    say(lease, 2)
    lease.leave(State.DONE)
    whole = events(client.get(f"/api/studies/{study}/events").text)
    assert [event.get("id") for event in whole] == ["1-1", "1-2", None]
    assert json.loads(whole[-1]["data"]) == {"state": "done"}
    rest = events(client.get(f"/api/studies/{study}/events", headers={"Last-Event-ID": "1-1"}).text)
    assert [event.get("id") for event in rest] == ["1-2", None]
    assert client.get(f"/api/studies/{study}/events", headers={"Last-Event-ID": "1-2"}).status_code == 204


def test_a_waiting_study_stops_at_once_and_a_running_one_is_asked(client, redis, study):
    assert client.post(f"/api/studies/{study}/stop").json()["state"] == "stopped"
    other = client.post("/api/studies", json=SMALL).json()["id"]
    lease = StudyLease(redis, other, 60_000)
    lease.take("worker-1", 5)
    assert client.post(f"/api/studies/{other}/stop").json()["state"] == "running"
    assert client.get(f"/api/studies/{other}").json()["stopping"] is True
    assert say(lease, 1) is True


def test_a_deleted_study_is_gone_and_its_worker_fenced(client, redis, study, lease):
    assert client.delete(f"/api/studies/{study}").status_code == 204
    assert lease.renew() is False
    assert redis.keys("fs:study:*") == []
    for answer in (client.get(f"/api/studies/{study}"), client.delete(f"/api/studies/{study}")):
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "study_not_found"


def test_the_csv_has_the_published_counts_beside_its_own(client, study):
    answer = client.get(f"/api/studies/{study}/table?format=csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(line["method"], line["published"]) for line in lines] == [
        ("random_init", "65"), ("never_grown", ""), ("gradmax", "360"), ("newton", ""),
    ]  # fmt: skip
    assert lines[2]["perfect"] == ""
