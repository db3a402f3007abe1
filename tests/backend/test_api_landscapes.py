"""Landscapes over HTTP: one error shape, typed arrays, one stream that resumes, a file."""

import base64
import csv
import io
import json

import numpy as np
import pytest

from foldscape.events import Frame
from foldscape.landscape import FinishedCells
from foldscape.landscape.recorded.rows import block_row, row
from foldscape.landscape.spec import Plane
from foldscape.wire import from_base64, pack_event
from workers.job_lease import LandscapeLease
from workers.keys import LandscapeKeys, RunKeys
from workers.states import State

NOTHING = np.zeros((0, 2, 2), np.float32)


@pytest.fixture
def recorded(redis, run):
    """A run with one frame, at update 40."""
    frame = Frame(
        step=40, seq=0, epoch=4.0, why_no_folds="", regions=1,
        weights=(np.ones((1, 2), np.float32), np.ones((2, 1), np.float32)),
        biases=(np.zeros(1, np.float32), np.zeros(2, np.float32)),
        units=(np.zeros(1, np.int32),), folds=NOTHING, fold_unit=np.zeros((0, 2), np.int32),
        fold_normal=np.zeros((0, 2), np.float32), boundary=NOTHING, fold_points=np.zeros((0, 2), np.float32),
        fold_point_unit=np.zeros((0, 2), np.int32), active_share=(np.ones(1, np.float32),),
    )  # fmt: skip
    head, body = pack_event(frame)
    redis.xadd(RunKeys(run).frames, {"h": head, "b": body}, id="40-1")
    redis.rpush(RunKeys(run).frame_ids, "40-1")
    return run


@pytest.fixture
def landscape(client, recorded):
    spec = {"view": "plane", "run": recorded, "plane": {"resolution": 3, "stages": []}}
    return client.post("/api/landscapes", json=spec).json()["id"]


@pytest.fixture
def lease(redis, landscape):
    lease = LandscapeLease(redis, landscape, 60_000)
    lease.take("worker-1", 5)
    return lease


def ground():
    axis = np.linspace(-1, 1, 3)
    return row("ground", {"sizes": [2, 1, 2]}, {"axis_x": axis, "axis_y": axis, "theta": np.arange(7.0)})


def block(places, value=lambda cell: cell / 10, done=None):
    values = np.array([value(cell) for cell in places], float)
    rows, columns = np.divmod(np.array(places), 3)
    parts = dict.fromkeys(("train_loss", "train_accuracy", "test_loss", "test_accuracy"), values)
    return block_row(
        [FinishedCells(rows=rows, columns=columns, **parts, done=done or len(places), total=9, stage=3)], 3
    )


def say(lease, share, *rows):
    flat = {one.key: one.as_json() for one in rows}
    entry = f'{{"share":{share},"rows":[{",".join(flat.values())}]}}'
    return lease.tell(entry, {"share": share, "doing": "", "left_s": "", "estimate_s": "0.5"}, flat)


def events(text):
    parts = [part for part in text.split("\n\n") if part.startswith("event")]
    return [dict(line.split(": ", 1) for line in part.splitlines()) for part in parts]


def test_a_landscape_is_made_once_and_names_its_moment(client, recorded):
    spec = {"view": "slice", "run": recorded}
    made, again = (client.post("/api/landscapes", json=spec) for _ in range(2))
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.headers["Location"] == f"/api/landscapes/{made.json()['id']}"
    assert (made.json()["state"], made.json()["kind"], made.json()["cells"]) == ("queued", "slice", 201)
    assert made.json()["spec"]["step"] == 40
    assert again.json()["id"] == made.json()["id"]
    assert [each["id"] for each in client.get("/api/landscapes").json()["landscapes"]] == [made.json()["id"]]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"view": "cube"}, ""),
        ({"view": "slice", "slice": {"reach": [1, -1]}}, "slice"),
        ({"view": "plane", "plane": {"resolution": 5000}}, "plane.resolution"),
        ({"view": "plane", "plane": {"second": {"kind": "eigenvector", "index": 1}}}, "plane"),
        ({"view": "plane", "plane": {"first": {"kind": "random", "seed": -1}}}, "plane.first.seed"),
        ({"view": "connection"}, "to"),
        ({"view": "path", "colour": 1}, "colour"),
    ],
)
def test_a_bad_field_is_named(client, recorded, body, path):
    answer = client.post("/api/landscapes", json={"run": recorded, **body})
    assert answer.status_code == 422
    assert any(path in field["path"] for field in answer.json()["error"]["fields"])


def test_a_million_cells_are_refused_with_their_number(client, recorded):
    for body in ({"view": "plane", "plane": {"resolution": 1001}}, {"view": "path", "resolution": 1001}):
        answer = client.post("/api/landscapes", json={"run": recorded, **body})
        assert answer.status_code == 422
        assert "1,002,001 cells" in answer.json()["error"]["message"]


def test_runs_and_moments_that_are_not_there_are_404(client, run, recorded):
    for body, code in (
        ({"run": "nobody"}, "run_not_found"),
        ({"run": recorded, "step": 39}, "frame_not_found"),
        ({"run": recorded, "slice": {"direction": {"kind": "towards", "run": "nobody"}}}, "run_not_found"),
    ):
        answer = client.post("/api/landscapes", json={"view": "slice", **body})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)
    for method, path in (
        ("get", ""),
        ("get", "/cells"),
        ("get", "/topology"),
        ("get", "/events"),
        ("post", "/stop"),
        ("post", "/resume"),
        ("delete", ""),
    ):
        answer = getattr(client, method)(f"/api/landscapes/none{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "landscape_not_found")


def test_known_cells_stand_in_the_answer_as_one_block(client, landscape, lease):
    say(lease, 0.2, ground(), block([4, 5], done=2))
    say(lease, 0.4, block([0, 8], lambda cell: np.inf if cell else np.nan, done=4))
    found = client.get(f"/api/landscapes/{landscape}").json()
    assert (found["state"], found["share"], found["estimate_s"]) == ("running", 0.4, 0.5)
    rows = {each["key"]: each for each in found["rows"]}
    assert set(rows) == {"ground", "cells"}
    index, values = (from_base64(rows["cells"]["arrays"][name]) for name in ("index", "values"))
    order = np.argsort(index)
    assert list(index[order]) == [0, 4, 5, 8]
    assert values[0, order][1:] == pytest.approx([0.4, 0.5, np.inf])
    assert base64.b64decode(rows["ground"]["arrays"]["theta"]["bdata"]) == np.arange(7.0).tobytes()


def test_the_file_has_a_line_for_each_known_cell(client, landscape, lease):
    say(lease, 0.4, ground(), block([8, 0], lambda cell: np.inf if cell else 0.25))
    answer = client.get(f"/api/landscapes/{landscape}/cells?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(answer.text)))
    assert lines[0] == ["x", "y", "train_loss", "train_accuracy", "test_loss", "test_accuracy"]
    assert lines[1:] == [["-1", "-1", *["0.25"] * 4], ["1", "1", *["inf"] * 4]]


def test_a_landscape_that_was_kept_without_its_topology_is_told_with_it(client, landscape, lease):
    axis, plane = np.linspace(-1, 1, 3), Plane(resolution=3, stages=()).model_dump(mode="json")
    laid = row("ground", {"plane": plane}, {"axis_x": axis, "axis_y": axis, "theta": np.arange(7.0)})
    say(lease, 1, laid, block(range(9), lambda cell: {0: 0.0, 8: 0.25}.get(cell, 0.5)))
    rows = {each["key"]: each for each in client.get(f"/api/landscapes/{landscape}").json()["rows"]}
    assert set(rows) == {"ground", "cells", "topology.train", "topology.test"}
    told = rows["topology.train"]
    assert (told["side"], told["of"], told["basins"], told["roughness"], told["hills"]) == (3, 3, 2, 0.25, 0)
    answer = client.get(f"/api/landscapes/{landscape}/topology")
    assert answer.headers["content-type"].startswith("text/csv")
    head, first, second, *_ = csv.reader(io.StringIO(answer.text))
    assert head[1:8] == ["part", "side", "what", "number", "x", "y", "loss"]
    assert first == ["", "test", "3", "basin", "1", "-1", "-1", "0", "", "", "inf", "inf", "", "1"]
    assert second[:8] == ["", "test", "3", "basin", "2", "1", "1", "0.25"]
    assert second[10:] == ["0.5", "0.25", "1", "1"]


def test_ways_have_a_line_for_each_of_their_points(client, landscape, lease):
    t = np.linspace(0, 1, 3)
    say(lease, 0.5, row("way.linear", {}, {"t": t, "train_loss": t.astype(np.float32)}))
    lines = list(csv.reader(io.StringIO(client.get(f"/api/landscapes/{landscape}/cells").text)))
    assert lines[0][:3] == ["way", "t", "train_loss"]
    assert lines[2] == ["linear", "0.5", "0.5", "", "", ""]


def test_a_spectrum_has_its_eigenvalues_and_its_density_in_the_file(client, landscape, lease):
    pair = {"values": [4.0], "residuals": [0.5], "believed": np.zeros(1, np.uint8), "gauss_newton": [3.0]}
    curve = {"at": [0.0, 1.0], "density": [2.0, 1.0], "error": [np.nan, np.nan]}
    arrays = {name: np.asarray(values) for name, values in (pair | curve).items()}
    say(lease, 0.5, row("spectrum.test", {"runs": 1}, arrays))
    lines = list(csv.reader(io.StringIO(client.get(f"/api/landscapes/{landscape}/cells").text)))
    assert lines[0][:4] == ["points", "what", "eigenvalue", "density"]
    assert lines[1:] == [
        ["test", "eigenvalue", "4", "", "", "0.5", "0", "3"],
        ["test", "density", "0", "2", "", "", "", ""],
        ["test", "density", "1", "1", "", "", "", ""],
    ]


def test_the_stream_resumes_and_ends(client, landscape, lease):
    say(lease, 0.2, ground())
    say(lease, 0.6, block([1, 2]))
    lease.leave(State.DONE)
    told = events(client.get(f"/api/landscapes/{landscape}/events").text)
    assert [each["event"] for each in told] == ["progress", "progress", "end"]
    assert json.loads(told[1]["data"])["rows"][0]["key"] == "cells.2"
    after = told[0]["id"]
    rest = events(client.get(f"/api/landscapes/{landscape}/events", headers={"Last-Event-ID": after}).text)
    assert [each["event"] for each in rest] == ["progress", "end"]
    last = {"Last-Event-ID": told[1]["id"]}
    assert client.get(f"/api/landscapes/{landscape}/events", headers=last).status_code == 204


def test_stopped_it_keeps_its_cells_and_goes_on(client, redis, landscape, lease):
    say(lease, 0.5, ground(), block([1, 2]))
    assert client.post(f"/api/landscapes/{landscape}/resume").status_code == 409
    assert client.post(f"/api/landscapes/{landscape}/stop").json() == {"id": landscape, "state": "running"}
    assert client.get(f"/api/landscapes/{landscape}").json()["stopping"]
    lease.leave(State.STOPPED)
    assert client.post(f"/api/landscapes/{landscape}/resume").status_code == 202
    found = client.get(f"/api/landscapes/{landscape}").json()
    assert (found["state"], found["share"], len(found["rows"])) == ("queued", 0.5, 2)
    assert redis.sismember(LandscapeKeys.active, landscape)
    assert LandscapeLease(redis, landscape, 1000).take("worker-2", 5).attempt == 2


def test_a_deleted_landscape_is_gone_and_its_worker_fenced(client, redis, landscape, lease):
    assert client.delete(f"/api/landscapes/{landscape}").status_code == 204
    assert client.get(f"/api/landscapes/{landscape}").status_code == 404
    assert not lease.renew()
    assert redis.keys(f"fs:landscape:{landscape}*") == []


def test_the_schema_tells_what_can_be_asked(client):
    schema = client.get("/api/schema").json()["LandscapeSpec"]
    assert set(schema["discriminator"]["mapping"]) == {
        "slice",
        "plane",
        "planes",
        "path",
        "straight",
        "connection",
        "spectrum",
    }
