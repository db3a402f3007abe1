import pytest

from tests.backend.stream_writer import Writer


def test_a_run_is_made_with_the_defaults(client):
    answer = client.post("/api/runs?name=mine&tags=a&tags=b&notes=hello&origin=launch", json={"seed": 3})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], made["state"], made["place"]) == ("mine", "queued", 0)
    assert answer.headers["location"] == f"/api/runs/{made['id']}"
    detail = client.get(f"/api/runs/{made['id']}").json()
    assert (detail["tags"], detail["notes"], detail["origin"]) == (["a", "b"], "hello", "launch")
    assert detail["spec"]["seed"] == detail["seed"] == 3
    assert "seed: 3" in detail["again"]["yaml"]
    assert detail["again"]["command"].startswith("foldscape run")


def test_a_run_without_a_name_gets_one(client):
    name = client.post("/api/runs", json={}).json()["name"]
    assert len(name.split("-")) == 3


def test_the_list_gives_flat_summaries(client):
    spec = {"net": {"hidden": [8]}, "optimizer": {"kind": "adam"}, "data": {"kind": "moons"}, "stop": {"epochs": 9}}
    client.post("/api/runs", json=spec)
    run = client.get("/api/runs").json()["runs"][0]
    shown = {key: run[key] for key in ("data", "net", "growth", "batch", "lr", "optimizer", "epochs", "place")}
    assert shown == {
        "data": "moons",
        "net": "2-8-2",
        "growth": "by hand",
        "batch": 32,
        "lr": 0.01,
        "optimizer": "adam",
        "epochs": 9,
        "place": 0,
    }
    empty = ("test_accuracy", "lambda_max", "flatness", "started", "ended", "rate", "time_left_s", "heartbeat_age_s")
    assert [run[key] for key in empty] == [None] * len(empty)


def test_runs_that_differ_in_their_seed_only_share_the_group_that_comparisons_offer(client):
    spec = {"data": {"kind": "moons"}, "stop": {"epochs": 9}}
    for change in ({"seed": 1}, {"seed": 2}, {"seed": 2, "batch": 64}, {"seed": 1, "queue": "batch", "speed": 20}):
        client.post("/api/runs", json={**spec, **change})
    runs = client.get("/api/runs").json()["runs"]
    by_batch = {batch: {run["group"] for run in runs if run["batch"] == batch} for batch in (32, 64)}
    assert [len(groups) for groups in by_batch.values()] == [1, 1]
    offered = {group["key"] for group in client.get("/api/comparisons/groups").json()["groups"]}
    assert offered == by_batch[32] | by_batch[64]


def test_a_birth_by_hand_moves_a_run_to_the_grown_ones(client, redis):
    client.post("/api/runs", json={"net": {"hidden": [8]}})
    before = client.get("/api/runs").json()["runs"][0]
    redis.hset(f"fs:run:{before['id']}", "neurons", 9)
    after = client.get("/api/runs").json()["runs"][0]
    assert (before["method"], before["net"]) == ("fixed", "2-8-2")
    assert (after["method"], after["net"]) == ("grown", "2-9-2")
    assert after["group"] != before["group"]


@pytest.mark.parametrize(
    ("hidden", "neurons", "net"), [([], 0, "2-2 · dag"), ([], 3, "2-2 · dag +3"), ([4], 5, "2-4-2 · dag +1")]
)
def test_a_graph_is_named_as_one(client, redis, hidden, neurons, net):
    client.post("/api/runs", json={"net": {"hidden": hidden, "wiring": "dag"}})
    run = client.get("/api/runs").json()["runs"][0]["id"]
    redis.hset(f"fs:run:{run}", "neurons", neurons)
    assert client.get(f"/api/runs/{run}").json()["net"] == net


def test_the_list_goes_on_from_its_cursor(client, run):
    first = client.get("/api/runs").json()
    assert first["all"]
    assert [one["id"] for one in first["runs"]] == [run]
    nothing = client.get("/api/runs", params={"after": first["cursor"]}).json()
    assert (nothing["runs"], nothing["deleted"], nothing["all"]) == ([], [], False)
    other = client.post("/api/runs", json={}).json()["id"]
    client.delete(f"/api/runs/{run}")
    then = client.get("/api/runs", params={"after": first["cursor"]}).json()
    assert [one["id"] for one in then["runs"]] == [other]
    assert then["deleted"] == [run]


def test_what_people_write_can_be_changed(client, run):
    changed = client.patch(f"/api/runs/{run}", json={"name": "second", "tags": ["x"]})
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["tags"], changed.json()["notes"]) == ("second", ["x"], "")
    assert client.get(f"/api/runs/{run}").json()["name"] == "second"


def test_a_deleted_run_is_gone(client, run):
    assert client.delete(f"/api/runs/{run}").status_code == 204
    assert client.get(f"/api/runs/{run}").status_code == 404
    assert client.delete(f"/api/runs/{run}").status_code == 404


def test_a_command_reaches_the_runs_stream(client, run, redis):
    answer = client.post(f"/api/runs/{run}/commands", json={"kind": "speed", "epochs_per_second": 2})
    assert answer.status_code == 202
    [(entry, fields)] = redis.xrange(f"fs:run:{run}:commands")
    assert entry.decode() == answer.json()["id"]
    assert b'"speed"' in fields[b"c"]


def test_a_run_that_is_over_takes_no_commands(client, run):
    assert client.post(f"/api/runs/{run}/commands", json={"kind": "stop"}).status_code == 202
    answer = client.post(f"/api/runs/{run}/commands", json={"kind": "play"})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "run_is_over"
    assert "stopped" in answer.json()["error"]["message"]


def test_a_stopped_run_goes_on(client, run):
    client.post(f"/api/runs/{run}/commands", json={"kind": "stop"})
    assert client.post(f"/api/runs/{run}/resume").json() == {"id": run, "state": "queued"}
    assert client.get(f"/api/runs/{run}").json()["state"] == "queued"
    assert client.post(f"/api/runs/{run}/resume").status_code == 409


def test_a_run_is_forked_from_a_frame(client, run, writer):
    writer.metrics(0, 5, 10)
    writer.frame(10)
    answer = client.post(f"/api/runs/{run}/fork", json={"step": 12, "name": "branch", "speed": None})
    assert answer.status_code == 201
    forked = client.get(f"/api/runs/{answer.json()['id']}").json()
    assert (forked["name"], forked["parent"], forked["parent_step"]) == ("branch", run, 10)


def test_a_fork_before_the_first_frame_says_so(client, run):
    answer = client.post(f"/api/runs/{run}/fork", json={"step": 3})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "frame_not_found")


def test_time_left_follows_from_the_rate(client, run, writer):
    writer.set(state="running", step=16, rate=8, heartbeat=1)
    summary = client.get(f"/api/runs/{run}").json()
    assert summary["time_left_s"] == (2000 * 8 - 16) / 8
    assert summary["heartbeat_age_s"] > 0


@pytest.mark.parametrize(
    ("hidden", "neurons", "net"), [([1], 4, "2-4-2"), ([3, 3], 8, "2-3-3-2 +2"), ([3, 3], 6, "2-3-3-2"), ([], 0, "2-2")]
)
def test_the_net_is_shown_as_it_has_grown(client, redis, hidden, neurons, net):
    run = client.post("/api/runs", json={"net": {"hidden": hidden}}).json()["id"]
    assert client.get(f"/api/runs/{run}").json()["net"] == "-".join(str(width) for width in (2, *hidden, 2))
    Writer(redis, run).set(neurons=neurons)
    assert client.get(f"/api/runs/{run}").json()["net"] == net


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("delete", ""), ("post", "/resume"), ("get", "/metrics")])
def test_an_unknown_run_is_named(client, method, path):
    answer = getattr(client, method)(f"/api/runs/nobody{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "run_not_found"
    assert "nobody" in answer.json()["error"]["message"]


def test_the_schemas_are_those_of_the_models(client):
    schemas = client.get("/api/schema").json()
    assert "optimizer" in schemas["RunSpec"]["properties"]
    assert "grow" in schemas["Command"]["discriminator"]["mapping"]


def test_health_tells_of_each_part(client):
    health = client.get("/api/health").json()
    assert health["redis"]["ok"]
    assert set(health["queues"]) == {"interactive", "batch", "gpu"}
    assert not health["ok"]
    [said] = health["troubles"]
    assert said == "No interactive worker shows a sign of life; what it had goes on as soon as one is there."
    assert health["web"]["ok"]
    assert {"python", "fastapi", "celery"} <= set(health["versions"])


def test_every_route_is_documented(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert all(path.startswith("/api/") for path in paths)
    for path, methods in paths.items():
        for method, told in methods.items():
            assert told["description"].endswith("."), (method, path)
            assert "4XX" in told["responses"], (method, path)
            good = next(answer for code, answer in told["responses"].items() if code.startswith("2"))
            assert "content" in good or method == "delete", (method, path)
