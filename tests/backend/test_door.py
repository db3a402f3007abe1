"""Dash's own addresses answer nonsense as the API does, and pages say what a browser may run."""

import base64
import hashlib
import json
import re
import shutil

import pytest
from fastapi.testclient import TestClient

from backend.app import create_app
from backend.settings import WebSettings
from tests.backend.running import RedisServer
from workers.settings import Settings

JUDGE = {
    "output": "launch-answer.data",
    "outputs": {"id": "launch-answer", "property": "data"},
    "inputs": [{"id": "launch-draft", "property": "data", "value": {"view": "yaml", "text": "batch: 8"}}],
    "changedPropIds": ["launch-draft.data"],
}


def with_value(value):
    return JUDGE | {"inputs": [JUDGE["inputs"][0] | {"value": value}]}


@pytest.fixture(scope="module")
def client():
    server = RedisServer()
    server.start()
    api = create_app(Settings(redis=server.url), WebSettings(), reaper=False)
    with TestClient(api, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client
    server.kill()
    shutil.rmtree(server.folder)


def send(client, body):
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post("/_dash-update-component", content=text, headers={"content-type": "application/json"})


def test_a_callback_is_run(client):
    answer = send(client, JUDGE)
    assert answer.status_code == 200
    assert answer.json()["response"]["launch-answer"]["data"]["spec"]["batch"] == 8


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 400, "bad_json"),
        ("{", 400, "bad_json"),
        ("9" * 5000, 400, "bad_json"),
        ("[" * 20_000, 400, "bad_json"),
        ({}, 422, "invalid_input"),
        ([], 422, "invalid_input"),
        ({"output": "x"}, 422, "invalid_input"),
        (JUDGE | {"output": "page.children"}, 422, "unknown_callback"),
        (JUDGE | {"output": "launch-heard.data"}, 422, "unknown_callback"),
        (JUDGE | {"inputs": []}, 422, "unknown_callback"),
        (JUDGE | {"state": JUDGE["inputs"]}, 422, "unknown_callback"),
        (JUDGE | {"changedPropIds": 3}, 422, "invalid_input"),
        (with_value(5), 422, "invalid_input"),
        (with_value({}), 422, "invalid_input"),
        (with_value({"view": "yaml", "text": 3}), 422, "invalid_input"),
        (with_value({"view": "form", "spec": {}, "timed": [{"probe_ms": {}}]}), 422, "invalid_input"),
    ],
)
def test_nonsense_is_answered_in_the_one_shape(client, body, status, code):
    answer = send(client, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_callback_takes_json_only(client):
    answer = client.post("/_dash-update-component", content="{}", headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "path", ["", "dash", "dash/x.js", "nobody/x.js", "os/path.py", "dash/%2e%2e/x.js", "dash/" + "a" * 300, "dash/a%00"]
)
def test_files_that_dash_does_not_have_are_not_found(client, path):
    answer = client.get(f"/_dash-component-suites/{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_every_file_of_a_page_is_there(client):
    files = set(re.findall(r'(?:src|href)="(/_dash-component-suites/[^"]+)"', client.get("/").text))
    assert len(files) > 5
    assert {client.get(file).status_code for file in files} == {200}


@pytest.mark.parametrize("path", ["/", "/launch", "/nowhere", "/docs"])
def test_a_page_runs_its_own_scripts_only(client, path):
    answer = client.get(path)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    scripts = policy["script-src"].split()
    assert "'unsafe-inline'" not in scripts
    assert "'unsafe-eval'" not in scripts
    for inline in re.findall(r"<script(?![^>]* src=)[^>]*>(.*?)</script>", answer.text, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in scripts
    assert policy["frame-ancestors"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == "'none'"


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/nothing", "/assets/mark.svg", "/assets/nothing"])
def test_every_answer_is_careful(client, path):
    for answer in (client.get(path), client.get(path, headers={"host": "elsewhere.example"})):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        if path != "/":
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
