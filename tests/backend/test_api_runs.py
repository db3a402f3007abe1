import pytest

from foldscape import registry
from foldscape.cost.rates import Rates
from foldscape.cost.run import foresee
from foldscape.spec import RunSpec
from tests.backend.stream_writer import Writer
from workers.keys import RunKeys


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


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("   ", "shows nothing"),
        ("a\0", "U+0000"),
        ("run\u202etxt", "U+202E (right-to-left override)"),
        ("a\u200bb", "U+200B"),
        ("n" * 81, "81 characters; allowed are at most 80"),
    ],
)
def test_a_name_that_cannot_be_seen_or_is_too_long_is_refused_everywhere(client, run, name, said):
    sweep = {"base": {"stop": {"epochs": 1}}, "vary": {"lr": [0.01, 0.02]}, "seeds": [0]}
    for answer in (
        client.post("/api/runs", params={"name": name}, json={}),
        client.post("/api/studies", params={"name": name}, json={"kind": "utilisation"}),
        client.post("/api/sweeps", params={"name": name}, json=sweep),
        client.post(f"/api/runs/{run}/fork", json={"step": 0, "name": name}),
        client.patch(f"/api/runs/{run}", json={"name": name}),
        client.patch(f"/api/runs/{run}", json={"tags": ["a", name]}),
        client.post("/api/runs", params={"tags": name}, json={}),
    ):
        assert answer.status_code == 422, answer.text
        [field] = answer.json()["error"]["fields"]
        assert field["path"] in ("name", "tags.1", "tags.0")
        assert field["path"] in field["message"]
        assert said.replace("80", "40" if "tags" in field["path"] else "80") in field["message"]


def test_a_schedule_is_foreseen_and_a_bad_one_refused_beside_its_field(client):
    spec = {"lr_schedule": {"kind": "sgdr"}, "batch_schedule": {"kind": "step"}, "stop": {"epochs": 90}}
    seen = client.post("/api/schedule", json=spec).json()
    assert (seen["restart_epochs"], seen["rates"][0]) == ([10, 30, 70], 0.03)
    assert [stretch["batch"] for stretch in seen["stretches"]] == [32, 64, 128]
    made = client.post("/api/runs", json=spec).json()["run"]
    assert (made["updates"], made["stretches"]) == (seen["updates"], seen["stretches"])
    spec["lr_schedule"]["cycle"] = 91
    answer = client.post("/api/schedule", json=spec)
    assert answer.status_code == 422
    [field] = answer.json()["error"]["fields"]
    assert field["path"] == "lr_schedule.cycle"
    assert "set cycle lower" in field["message"]


def test_words_are_trimmed(client, run):
    client.patch(f"/api/runs/{run}", json={"name": " mine ", "tags": [" a "], "notes": " two\r\nlines\n"})
    found = client.get(f"/api/runs/{run}").json()
    assert (found["name"], found["tags"], found["notes"]) == ("mine", ["a"], "two\nlines")
    for change in ({"name": ""}, {"tags": [""]}, {"notes": "a\u2066b"}):
        assert client.patch(f"/api/runs/{run}", json=change).status_code == 422
    assert client.post("/api/runs?name=%20mine%20", json={}).json()["name"] == "mine"


def test_a_run_without_a_name_gets_one(client):
    name = client.post("/api/runs", json={}).json()["name"]
    assert len(name.split("-")) == 3


def test_the_list_is_cut_where_it_is_asked_to_be_and_says_so(client):
    ids = [client.post("/api/runs", json={"seed": seed}).json()["id"] for seed in range(4)]
    found = client.get("/api/runs?most=3").json()
    assert ([run["id"] for run in found["runs"]], found["left_out"], found["all"]) == (ids[:0:-1], 1, True)
    assert client.get("/api/runs").json()["left_out"] == 0
    client.delete(f"/api/runs/{ids[3]}")
    client.patch(f"/api/runs/{ids[0]}", json={"name": "first"})
    found = client.get("/api/runs").json()
    assert [(run["id"], run["place"]) for run in found["runs"]] == [(ids[2], 2), (ids[1], 1), (ids[0], 0)]
    assert found["runs"][2]["name"] == "first"


def test_signs_of_life_are_told_although_nothing_else_changed(client, redis, run):
    client.get("/api/runs")
    redis.hset(RunKeys(run).hash, "heartbeat", 1000)
    assert client.get("/api/runs").json()["runs"][0]["heartbeat"] == 1000


def test_a_log_that_begins_anew_is_read_anew(client, redis, run):
    assert len(client.get("/api/runs").json()["runs"]) == 1
    redis.flushdb()
    assert client.get("/api/runs").json()["runs"] == []
    assert client.get("/api/comparisons/groups").json() == {"groups": [], "left_out": 0}


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


def test_what_a_queued_run_takes_is_foreseen_with_the_rates_of_the_workers(client, redis):
    plain = {"queue": "batch", "probes": [], "stop": {"epochs": 5000}}
    assert client.get("/api/rates").json() is None
    first = client.get(f"/api/runs/{client.post('/api/runs', json=plain).json()['id']}").json()
    assert first["foreseen_s"] == round(foresee(RunSpec.model_validate(plain)).seconds, 1)
    redis.set("fs:sweeps:rates", Rates().slower(10).model_dump_json())
    assert client.get("/api/rates").json()["training"] == 10
    later = client.get(f"/api/runs/{client.post('/api/runs', json=plain).json()['id']}").json()
    assert later["foreseen_s"] == pytest.approx(10 * first["foreseen_s"], rel=0.05)


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


def test_health_names_what_was_left_out_of_plugins(client, monkeypatch):
    monkeypatch.setattr(registry, "_LEFT_OUT", {"The plugin losses.mine is left out.": None})
    assert client.get("/api/health").json()["troubles"][1:] == ["The plugin losses.mine is left out."]


def test_every_route_is_documented(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert all(path.startswith("/api/") for path in paths)
    for path, methods in paths.items():
        for method, told in methods.items():
            assert told["description"].endswith("."), (method, path)
            assert "4XX" in told["responses"], (method, path)
            good = next(answer for code, answer in told["responses"].items() if code.startswith("2"))
            assert "content" in good or method == "delete", (method, path)
