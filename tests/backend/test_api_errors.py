import json
import re

import pytest
from fastapi.testclient import TestClient

from backend.app import create_app
from backend.settings import WebSettings
from foldscape.spec import RunSpec
from workers.settings import Settings

NAN = float("nan")


def error_of(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    answer = json.loads(answer.content, parse_constant=lambda word: pytest.fail(f"{word} travels bare"))
    assert set(answer) == {"error"}
    error = answer["error"]
    assert set(error) == {"code", "message", "hint", "fields"}
    assert re.fullmatch(r"[a-z_0-9]+", error["code"])
    assert error["message"]
    for field in error["fields"]:
        assert set(field) == {"path", "message", "given", "allowed"}
        assert field["message"]
        assert len(json.dumps(field)) < 3000
    return error


def launch(client, spec):
    text = spec if isinstance(spec, str) else json.dumps(spec)
    return client.post("/api/runs", content=text, headers={"content-type": "application/json"})


@pytest.mark.parametrize(
    ("spec", "path", "given", "allowed"),
    [
        ({"optimizer": {"kind": "sgd", "lr": -1}}, "optimizer.lr", -1, "greater than 0 and at most 100"),
        ({"optimizer": {"kind": "sgd", "lr": NAN}}, "optimizer.lr", "NaN", "a finite number"),
        ('{"optimizer": {"kind": "sgd", "lr": 1e999}}', "optimizer.lr", "Infinity", "a finite number"),
        ({"optimizer": {"kind": "sgdd"}}, "optimizer.kind", "sgdd", "adam, momentum, nudged or sgd"),
        ({"optimizer": {}}, "optimizer.kind", None, "adam, momentum, nudged or sgd"),
        ({"optimizer": {"kind": "sgd", "learning": 1}}, "optimizer.learning", 1, "kind"),
        ({"optimizer": {"kind": "momentum", "momentum": 2}}, "optimizer.momentum", 2, "at least 0 and less than 1"),
        ({"net": {"hidden": [10**9]}}, "net.hidden.0", 10**9, "at most 1024"),
        ({"net": {"hidden": [1] * 9}}, "net.hidden", [1] * 9, "at most 4 entries"),
        ({"net": {"activation": "sine"}}, "net.activation", "sine", "relu, leaky_relu or tanh"),
        ({"net": "8"}, "net", "8", "an object"),
        ({"seed": 1.5}, "seed", 1.5, "a whole number, at least 0"),
        ({"speed": "fast"}, "speed", "fast", "a number, greater than 0"),
        ({"batch": 4000}, "batch", 4000, "use 225 or less"),
        ({"commands": [{"step": 0}]}, "commands.0.command", None, ""),
        (
            {"commands": [{"step": 0, "command": {"kind": "speed", "epochs_per_second": 0}}]},
            "commands.0.command.epochs_per_second",
            0,
            "greater than 0",
        ),
        ([], "", [], ""),
    ],
)
def test_the_field_is_named_with_what_was_given_and_what_is_allowed(client, spec, path, given, allowed):
    error = error_of(launch(client, spec), 422)
    assert error["code"] == "invalid_input"
    [field] = error["fields"]
    assert (field["path"], field["given"]) == (path, given)
    assert allowed in field["allowed"]
    assert (path or "the body") in field["message"]
    assert error["message"] == field["message"]


def test_an_unknown_key_is_named_with_its_nearest_neighbour(client):
    [field] = error_of(launch(client, {"optimiser": {}}), 422)["fields"]
    assert field["path"] == "optimiser"
    assert "did you mean optimizer?" in field["message"]
    assert "batch" in field["allowed"]
    assert set(re.split(", | or ", field["allowed"])) == set(RunSpec.model_fields)


def test_many_wrong_values_are_all_named_up_to_a_limit(client):
    fields = error_of(launch(client, {"seed": -1, "batch": 0, "speed": 0}), 422)["fields"]
    assert [field["path"] for field in fields] == ["batch", "seed", "speed"]
    many = {"commands": [{"step": -1, "command": {"kind": "play"}}] * 300}
    assert len(error_of(launch(client, many), 422)["fields"]) == 50


@pytest.mark.parametrize("value", ["x" * 100_000, "\ud800", 10**400, [[["x" * 500]]], {"a": NAN}, {"x" * 999: 1}])
def test_strange_values_are_shown_short_and_safe(client, value):
    [field] = error_of(launch(client, {"seed": value}), 422)["fields"]
    assert field["path"] == "seed"
    [field] = error_of(launch(client, {json.dumps(value)[:5000]: value}), 422)["fields"]
    assert len(field["path"]) < 300


@pytest.mark.parametrize("text", ["{", "", "nope", "[1,", "\x00", '{"a": ' * 30_000, "1" * 5000])
def test_what_is_no_json_is_said_so(client, text):
    answer = launch(client, text)
    error = error_of(answer, 422 if text == "" else 400)
    assert error["code"] in ("bad_json", "bad_request", "invalid_input")


def test_json_sent_as_text_is_refused(client):
    answer = client.post("/api/runs", content="{}", headers={"content-type": "text/plain"})
    assert error_of(answer, 415)["code"] == "unsupported_media_type"


def test_wrong_query_parameters_are_named(client, run):
    assert error_of(client.get("/api/runs?after=soon"), 422)["fields"][0]["path"] == "after"
    assert error_of(client.post("/api/runs?origin=me", json={}), 422)["fields"][0]["path"] == "origin"
    assert error_of(client.get(f"/api/runs/{run}/frames?most=0"), 422)["fields"][0]["given"] == "0"


@pytest.mark.parametrize("size", [2**20 + 1, 3 * 2**20])
def test_a_body_that_is_too_large_is_refused(client, size):
    assert error_of(launch(client, " " * size), 413)["code"] == "too_large"

    def chunks():
        for _ in range(size // 2**16 + 1):
            yield b" " * 2**16

    answer = client.post("/api/runs", content=chunks(), headers={"content-type": "application/json"})
    assert error_of(answer, 413)["code"] == "too_large"


def test_a_body_in_chunks_below_the_limit_is_taken(client):
    answer = client.post("/api/runs", content=iter([b'{"se', b'ed": 5}']), headers={"content-type": "application/json"})
    assert answer.status_code == 201


def routes_of(client):
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method in methods:
            yield method, path


def named(path, thing):
    return re.sub(r"{\w+}", thing, path)


def test_every_route_answers_errors_in_the_one_shape(client):
    routes = list(routes_of(client))
    assert len(routes) >= 14
    for method, path in routes:
        there = {name for name, other in routes if re.fullmatch(named(other, "[^/]+"), path)}
        for wrong in {"get", "post", "put", "patch", "delete"} - there:
            error = error_of(client.request(wrong, named(path, "x")), 405)
            assert error["code"] == "method_not_allowed"
        if "{" in path:
            body = {"kind": "play"} if path.endswith("commands") else {"step": 0}
            options = {"json": {} if method == "patch" else body} if method in ("post", "patch") else {}
            error = error_of(client.request(method, named(path, "nobody"), **options), 404)
            [thing] = re.findall(r"{(\w+)}", path)
            assert error["code"] == f"{thing}_not_found"
            error_of(client.request(method, named(path, "no.such-id"), **options), 422)
    error_of(client.get("/api"), 404)
    error_of(client.get("/api/nothing/here"), 404)
    error_of(client.post("/api/nothing"), 404)


def test_every_write_says_when_redis_is_full_and_deleting_makes_room(client, redis, run):
    sweep = {"question": "?", "base": {"stop": {"epochs": 2}}, "vary": {"lr": [0.1, 0.2]}, "seeds": [0]}
    writes = [
        ("post", "/api/runs", {}),
        ("post", f"/api/runs/{run}/commands", {"kind": "play"}),
        ("patch", f"/api/runs/{run}", {"name": "other"}),
        ("post", "/api/studies", {"kind": "utilisation"}),
        ("post", "/api/sweeps", sweep),
    ]
    redis.config_set("maxmemory", 1_000_000)
    try:
        for method, path, body in writes:
            error = error_of(client.request(method, path, json=body), 507)
            assert error["code"] == "redis_is_full"
            assert error["message"].startswith("Redis is full")
            assert "Delete" in error["hint"]
        assert client.get(f"/api/runs/{run}").json()["state"] == "queued"
        health = client.get("/api/health").json()
        assert not health["ok"]
        assert health["troubles"][0].startswith("Redis is full")
        assert client.delete(f"/api/runs/{run}").status_code == 204
        redis.config_set("maxmemory", int(1.1 * redis.info("memory")["used_memory"]))
        assert client.get("/api/health").json()["troubles"][0].startswith("Redis is nearly full: ")
    finally:
        redis.config_set("maxmemory", 0)


NEEDS_NO_REDIS = (
    "/api/health",
    "/api/nets/plan",
    "/api/schema",
    "/api/schedule",
    "/api/study-kinds",
    "/api/sweep-presets",
)


def test_every_route_says_when_redis_is_away(tmp_path):
    away = Settings(redis=f"unix://{tmp_path}/nothing.sock?db=0")
    with TestClient(create_app(away, WebSettings(), pages=False, reaper=False), base_url="http://localhost") as client:
        assert client.get("/api/health").json()["ok"] is False
        for method, path in routes_of(client):
            if path in NEEDS_NO_REDIS:
                continue
            bodies = {"commands": {"kind": "play"}, "fork": {"step": 0}, "studies": {"kind": "utilisation"}}
            bodies |= {
                "landscapes": {"view": "slice", "run": "x"},
                "comparisons": {"runs": ["x"]},
                "ensembles": {"members": [{"run": "x"}, {"run": "y"}]},
            }
            last = path.removesuffix("/export").rpartition("/")[2]
            body = bodies.get(last, {})
            options = {"json": body} if method in ("post", "patch") else {}
            error = error_of(client.request(method, named(path, "x"), **options), 503)
            assert error["code"] == "redis_is_away"


def test_an_unforeseen_error_has_the_shape_too(settings, redis, caplog):
    api = create_app(settings, WebSettings(), pages=False, reaper=False)
    with TestClient(api, base_url="http://localhost", raise_server_exceptions=False) as client:

        async def broken(after=""):
            raise ZeroDivisionError

        api.state.parts.board.summaries = broken
        assert error_of(client.get("/api/runs"), 500)["code"] == "server_error"
    assert "GET /api/runs failed" in caplog.text


@pytest.mark.parametrize(
    "text", ['{"batch": 16, "batch": 32}', '{"optimizer": {"kind": "sgd", "batch": 1, "batch": 2}}']
)
def test_a_key_that_stands_twice_is_named_before_one_of_its_values_is_lost(client, text):
    error = error_of(launch(client, text), 400)
    assert error["code"] == "bad_json"
    assert "'batch' stands twice" in error["message"]
