"""Sweeps over HTTP: drafts, quota, rows as they come, curves, one stream that resumes."""

import json

import pytest

from foldscape.sweep import SweepSpec, run
from workers.job_lease import SweepLease
from workers.states import State

SMALL = {
    "question": "Which learns faster?",
    "base": {"data": {"kind": "rings", "n": 80}, "net": {"hidden": [3]}, "stop": {"epochs": 4}},
    "vary": {"lr": [0.01, 0.03]},
    "seeds": "0-1",
    "measure": {"every": 2, "flatness": ["layer"]},
}


@pytest.fixture(scope="module")
def rows():
    return run(SweepSpec.model_validate(SMALL), threads=1).rows


@pytest.fixture
def sweep(client):
    return client.post("/api/sweeps?name=mine", json=SMALL).json()["id"]


@pytest.fixture
def lease(redis, sweep):
    lease = SweepLease(redis, sweep, 60_000)
    lease.take("worker-1", 5)
    return lease


def say(lease, row, share):
    text = row.model_dump_json()
    lease.tell(f'{{"share":{share},"rows":[{text}]}}', {"share": share}, {row.key: text})


def test_a_draft_is_judged_as_it_is_written(client):
    found = client.post("/api/sweeps/estimate", json={"spec": SMALL}).json()
    assert not found["problems"]
    assert (found["estimate"]["runs"], found["estimate"]["pairs"], found["estimate"]["floor"]) == (4, 2, 0.5)
    assert "lr: [0.01, 0.03]" in found["yaml"]
    assert "from foldscape.sweep import run" in found["python"]
    again = client.post("/api/sweeps/estimate", json={"text": found["yaml"]}).json()
    assert again == found


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"vary": {"batch": [10, 256]}}, "vary.batch.256", "batch 256 is larger than the 60 training points"),
        ({"seeds": "x"}, "seeds", "write a list"),
        ({"quest": 1}, "quest", "did you mean question?"),
    ],
)
def test_what_is_wrong_with_a_draft_names_its_field(client, change, path, words):
    for answer in (
        client.post("/api/sweeps/estimate", json={"spec": SMALL | change}).json()["problems"],
        client.post("/api/sweeps", json=SMALL | change).json()["error"]["fields"],
    ):
        assert [problem["path"] for problem in answer] == [path]
        assert words in answer[0]["message"]


def test_broken_yaml_is_a_problem_of_the_draft(client):
    (problem,) = client.post("/api/sweeps/estimate", json={"text": "a: [1"}).json()["problems"]
    assert problem["message"].startswith("this is no YAML")


BOMB = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("question: a\nseeds: 0-1\nquestion: b", "line 3: the key 'question' stands twice"),
        ("seeds: 2026-02-31", "line 1: '2026-02-31' is no date"),
        ("question: " + "9" * 5000, "line 1: a number of 5,000 digits"),
        ("a: &a {b: *a}", "line 1: *a holds itself"),
        ("seeds: !!int abc", "line 1: 'abc' is no whole number"),
        ("a: 1\nb: \0", "line 2: the character U+0000"),
        ("- 1", "the text is a list"),
        (BOMB, "line 5: the text holds more than 50,000 values"),
    ],
)
def test_a_slip_in_a_draft_names_its_line(client, text, said):
    answer = client.post("/api/sweeps/estimate", json={"text": text})
    (problem,) = answer.json()["problems"]
    assert said in problem["message"]


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"seeds": "0-9999," * 9000 + "1"}, "seeds", "more than 10,000"),
        ({"seeds": "²"}, "seeds", "cannot be read"),
        ({"question": "which\u202e?"}, "question", "U+202E"),
        ({"vary": {"lr\0": {"a": {"batch": 4}, "b": {"batch": 5}}}}, "vary", "U+0000"),
        ({"seeds": "0-" + "9" * 6000}, "seeds", "cannot be read"),
        (
            {
                "base": SMALL["base"] | {"commands": [{"step": 0, "command": {"kind": "play"}}] * 9000},
                "vary": {"lr": [1 / n for n in range(1, 71)], "batch": list(range(1, 61))},
            },
            "vary",
            "the specs of all combinations take",
        ),
    ],
)
def test_a_draft_that_cannot_be_seen_or_would_take_for_ever_to_judge_is_refused(client, change, path, words):
    (problem,) = client.post("/api/sweeps/estimate", json={"spec": SMALL | change}).json()["problems"]
    assert problem["path"] == path
    assert words in problem["message"]
    assert len(problem["message"]) < 300


def test_ten_thousand_runs_are_refused_with_the_way_out(client):
    large = SMALL | {"vary": {}, "seeds": "0-9999", "limits": {"runs": 100_000}}
    foreseen = client.post("/api/sweeps/estimate", json={"spec": large}).json()["estimate"]
    assert foreseen["runs"] == 10_000
    assert foreseen["refused"].startswith("10,000 runs (about ")
    answer = client.post("/api/sweeps", json=large)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "too_large_a_sweep")
    assert "FOLDSCAPE_SWEEP_RUNS" in answer.json()["error"]["hint"]


def test_presets_can_be_launched_as_they_are(client):
    for preset in client.get("/api/sweep-presets").json().values():
        found = client.post("/api/sweeps/estimate", json={"text": preset["text"]}).json()
        if found["spec"]["base"]["device"] == "cuda":  # and no worker here has a card
            assert [problem["path"] for problem in found["problems"]] == ["base.device"]
            continue
        assert not found["problems"]
        assert client.post("/api/sweeps", json=found["spec"]).status_code == 201


def test_a_sweep_is_made_waits_and_is_listed(client, sweep):
    found = client.get(f"/api/sweeps/{sweep}").json()
    assert (found["state"], found["place"], found["name"], found["cells"]) == ("queued", 0, "mine", 4)
    assert (found["rows"], found["kind"], found["spec"]["question"]) == ([], "sweep", "Which learns faster?")
    assert found["estimate_s"] > 0
    assert [each["id"] for each in client.get("/api/sweeps").json()["sweeps"]] == [sweep]
    manifest = client.get(f"/api/sweeps/{sweep}/manifest").json()
    assert len(manifest["cells"]) == 4


def test_one_pair_is_tried_first(client):
    made = client.post("/api/sweeps?kind=try", json=SMALL).json()
    assert (made["kind"], made["cells"], made["spec"]["seeds"]) == ("try", 2, [0])


def test_rows_come_one_by_one_and_the_stream_resumes(client, sweep, lease, rows):
    say(lease, rows[1], 0.25)
    say(lease, rows[0], 0.5)
    found = client.get(f"/api/sweeps/{sweep}").json()
    assert [row["name"] for row in found["rows"]] == ["lr 0.01 · seed 0", "lr 0.01 · seed 1"]
    assert found["rows"][0]["curve"]["columns"]["epoch"] == [0, 2, 4]
    for row in rows[2:]:
        say(lease, row, 0.9)
    lease.leave(State.DONE)
    text = client.get(f"/api/sweeps/{sweep}/events", headers={"Last-Event-ID": "1-2"}).text
    told = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert [one["rows"][0]["name"] for one in told if "rows" in one] == ["lr 0.03 · seed 0", "lr 0.03 · seed 1"]
    assert client.get(f"/api/sweeps/{sweep}/events", headers={"Last-Event-ID": found["last"] or "1-4"}).status_code in (
        200,
        204,
    )
    curves = client.get(f"/api/sweeps/{sweep}/curves").json()["curves"]
    assert (curves[0]["name"], curves[0]["settings"]["method"]) == ("lr 0.01 · seed 0", "fixed")
    assert len(curves) == 4


def test_a_sweep_is_stopped_goes_on_and_is_forgotten(client, sweep):
    assert client.post(f"/api/sweeps/{sweep}/resume").json()["error"]["code"] == "cannot_resume"
    assert client.post(f"/api/sweeps/{sweep}/stop").json() == {"id": sweep, "state": "stopped"}
    assert client.post(f"/api/sweeps/{sweep}/resume").status_code == 202
    assert client.get(f"/api/sweeps/{sweep}").json()["state"] == "queued"
    assert client.delete(f"/api/sweeps/{sweep}").status_code == 204
    for answer in (client.get(f"/api/sweeps/{sweep}"), client.post(f"/api/sweeps/{sweep}/stop")):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "sweep_not_found")


def test_a_sweep_can_be_compared(client, sweep, lease, rows):
    for row in rows:
        say(lease, row, 0.9)
    asked = {"sweep": sweep, "by": "updates", "contrast": "optimizer.lr", "measure": "lambda_layer"}
    found = client.post("/api/comparisons", json=asked).json()
    assert (len(found["groups"]), len(found["runs"])) == (2, 4)
    assert {verdict["n"] for verdict in found["verdicts"]} == {2}
    assert found["comparable"]["ok"]
    assert found["answer"].startswith("Undecided: ")
    assert {verdict["measure"] for verdict in found["verdicts"] if verdict["decides"]} == {"lambda_layer"}
    assert client.post("/api/comparisons", json={"sweep": "nobody"}).json()["error"]["code"] == "sweep_not_found"
