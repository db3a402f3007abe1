import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnect

from backend.app import create_app
from backend.settings import WebSettings

TOKEN = "a-token+with/odd=characters"


@pytest.fixture(scope="module")
def behind_a_token(settings):
    web = WebSettings(host="0.0.0.0", token=TOKEN, hosts="Fold.example, other.example")
    with TestClient(
        create_app(settings, web, pages=False, reaper=False), base_url="http://localhost", follow_redirects=False
    ) as client:
        yield client


@pytest.fixture
def guarded(redis, behind_a_token):
    behind_a_token.cookies.clear()
    return behind_a_token


@pytest.mark.parametrize("host", ["localhost", "localhost:8050", "127.0.0.1:1", "[::1]:8050", "LOCALHOST", "127.8.8.8"])
def test_names_of_this_machine_are_known(client, host):
    assert client.get("/api/schema", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "10.0.0.1", "", "a@localhost:x", "[::1"])
def test_other_names_are_refused(client, host):
    answer = client.get("/api/schema", headers={"host": host})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "foreign_host")


@pytest.mark.parametrize("host", ["fold.example:8050", "10.0.0.7:8050", "[fe80::1]"])
def test_configured_names_and_addresses_are_known_behind_a_token(guarded, host):
    answer = guarded.get("/api/schema", headers={"host": host, "authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:1", "file://localhost", "http://localhost@evil.example"]
)
def test_pages_of_other_origins_change_nothing(client, method, origin):
    answer = client.request(method, "/api/runs", headers={"origin": origin})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_origin")


def test_our_own_pages_may_change_things(client):
    assert client.post("/api/runs", json={}, headers={"origin": "http://localhost"}).status_code == 201
    assert client.get("/api/schema", headers={"origin": "http://evil.example"}).status_code == 200


def test_answers_may_not_be_framed_or_guessed(client):
    headers = client.get("/api/schema").headers
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "SAMEORIGIN")


def test_preflights_allow_nothing(client):
    headers = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    answer = client.options("/api/runs", headers=headers)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer "},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": "Bearer \u00e9".encode("latin-1")},
        {"cookie": "foldscape=x; foldscape_00000000=" + TOKEN},
    ],
)
def test_without_the_token_nothing_answers(guarded, headers):
    for path in ("/api/runs", "/docs", "/openapi.json", "/?token=wrong", "/?token="):
        answer = guarded.get(path, headers=headers)
        assert answer.status_code == 401, path
        assert answer.json()["error"]["code"] == "token_needed"
    with pytest.raises(WebSocketDisconnect), guarded.websocket_connect("ws://localhost/api/live", headers=headers):
        pass


def test_the_bearer_is_let_in(guarded):
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert guarded.get("/api/runs", headers=headers).status_code == 200
    with guarded.websocket_connect("ws://localhost/api/live", headers=headers):
        pass


def test_the_token_in_the_address_becomes_a_cookie(guarded):
    answer = guarded.get("/runs", params={"sort": "a b", "token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs?sort=a+b")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert guarded.get("/api/runs").status_code == 200
    again = guarded.get("/", params={"token": TOKEN})
    assert (again.status_code, again.headers["location"]) == (303, "/")
    assert guarded.post("/api/runs", json={}, headers={"origin": "http://evil.example"}).status_code == 403


def test_the_redirect_stays_on_this_host(guarded):
    answer = guarded.get("http://localhost//evil.example/", params={"token": TOKEN})
    assert answer.headers["location"].startswith("/evil.example")


def test_a_page_without_the_token_is_told_in_words(guarded):
    answer = guarded.get("/runs", headers={"accept": "text/html"})
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/plain")
    assert "?token=" in answer.text


def test_a_host_that_others_reach_needs_a_token():
    with pytest.raises(ValidationError, match="FOLDSCAPE_TOKEN"):
        WebSettings(host="0.0.0.0")
    for host in ("127.0.0.1", "localhost", "::1"):
        WebSettings(host=host)
