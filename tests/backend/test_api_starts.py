"""Runs that begin with the weights of another, over HTTP: refusals beside their field, and the weights as files."""

import urllib.request

import pytest
from typer.testing import CliRunner

from foldscape.cli import build_cli
from foldscape.spec import RunSpec
from foldscape.start import StartNet
from foldscape.training import Loop
from foldscape.wire import pack_event
from workers.keys import RunKeys, entry_id

SMALL = {"data": {"kind": "rings", "n": 64}, "net": {"hidden": [3]}, "batch": 8, "stop": {"epochs": 2}}


@pytest.fixture
def other(client, redis):
    """A run whose frames are in the log."""
    run_id = client.post("/api/runs", json=SMALL).json()["id"]
    run = RunKeys(run_id)
    for event in Loop(RunSpec.model_validate(SMALL)).events():
        if event.kind == "frame":
            head, body = pack_event(event)
            redis.xadd(run.frames, {"h": head, "b": body}, id=entry_id(event.step, event.seq))
            redis.rpush(run.frame_ids, entry_id(event.step, event.seq))
    return run_id


def begun(client, **changes):
    return client.post("/api/runs", json=SMALL | changes)


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"start": {"run": "nobody"}}, "start.run", "start.run nobody is no run of this server; choose one"),
        ({"start": {"run": "OTHER", "step": 7}}, "start.step", "is not kept; the nearest kept: 6 and 12; choose 6 or"),
        ({"data": {"kind": "digits"}, "start": {"run": "OTHER"}}, "start.run", "its net has inputs 2, this run 64"),
    ],
)
def test_what_cannot_be_taken_is_told_beside_its_field(client, other, changes, path, words):
    changes["start"] = changes["start"] | {"run": changes["start"]["run"].replace("OTHER", other)}
    answer = begun(client, **changes)
    assert answer.status_code == 422, answer.text
    (field,) = answer.json()["error"]["fields"]
    assert field["path"] == path
    assert words in field["message"]
    sweep = client.post("/api/sweeps", json={"base": SMALL | changes, "seeds": [0]})
    assert [one["path"] for one in sweep.json()["error"]["fields"]] == [f"base.{path}"]


def test_the_weights_are_named_in_the_spec_and_come_as_a_file(client, other):
    made = begun(client, start={"run": other})
    assert made.status_code == 201
    start = made.json()["run"]["spec"]["start"]
    assert (start["run"], start["step"]) == (other, 12)
    kept = client.get(f"/api/runs/{other}/weights?step=12")
    assert StartNet.unpack(kept.content).digest == start["digest"]
    assert client.delete(f"/api/runs/{other}").status_code == 204
    mine = client.get(f"/api/runs/{made.json()['id']}/start")
    assert mine.headers["content-disposition"] == f'attachment; filename="{made.json()["id"]}-start.npz"'
    assert StartNet.unpack(mine.content).digest == start["digest"]
    read = client.get(f"/api/runs/{made.json()['id']}").json()
    assert read["again"]["command"].endswith("--source start.npz")


def test_weights_that_are_not_kept_are_not_found(client, other):
    for address in (f"{other}/weights?step=7", f"{other}/start"):
        answer = client.get(f"/api/runs/{address}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "frame_not_found")
    assert client.get("/api/runs/nobody/weights").json()["error"]["code"] == "run_not_found"


def test_the_command_line_takes_them_from_a_server(client, other, tmp_path, monkeypatch):
    class Answer:
        def __init__(self, request, timeout):
            self.content = client.get(request.full_url.removeprefix("http://server")).content

        def read(self):
            return self.content

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    monkeypatch.setattr(urllib.request, "urlopen", Answer)
    spec = tmp_path / "new.yaml"
    spec.write_text(RunSpec.model_validate(SMALL | {"start": {"run": other, "step": 6}}).model_dump_json())
    done = CliRunner().invoke(build_cli(), ["run", str(spec), "--source", "http://server"])
    assert done.exit_code == 0, done.output


def test_a_server_that_is_not_there_is_told_by_the_command_line(tmp_path):
    spec = tmp_path / "new.yaml"
    spec.write_text('{"start": {"run": "other"}}')
    done = CliRunner().invoke(build_cli(), ["run", str(spec), "--source", "http://127.0.0.1:9"])
    assert done.exit_code == 2
    assert "does not answer" in done.output
