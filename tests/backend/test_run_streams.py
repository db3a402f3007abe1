import base64
import csv
import io

import numpy as np
import pytest

from backend.binary import MessageKind, PackedEntry, join_events, read_message
from backend.history import thin
from foldscape.events import COLUMNS, Validation
from foldscape.spec import RunSpec
from foldscape.wire import from_base64, pack, read_array
from tests.backend.stream_writer import Writer, frame_at


def numbers(typed):
    shape = [int(size) for size in typed["shape"].split(", ")]
    return np.frombuffer(base64.b64decode(typed["bdata"]), "<" + typed["dtype"]).reshape(shape)


def test_metrics_come_as_typed_arrays(client, run, writer):
    writer.metrics(0, 1, 2)
    writer.metrics(3)
    table = client.get(f"/api/runs/{run}/metrics").json()
    assert table["columns"] == list(COLUMNS)
    assert numbers(table["steps"]).tolist() == [0, 1, 2, 3]
    values = numbers(table["values"])
    assert values.shape == (4, len(COLUMNS))
    np.testing.assert_array_equal(values[:, 1], [0, 0.25, 0.5, 0.75])
    writer.metrics(4)
    more = client.get(f"/api/runs/{run}/metrics", params={"after": table["cursor"]}).json()
    assert numbers(more["steps"]).tolist() == [4]


def test_a_run_without_metrics_gives_an_empty_table(client, run):
    table = client.get(f"/api/runs/{run}/metrics").json()
    assert numbers(table["steps"]).shape == (0,)
    assert numbers(table["values"]).shape == (0, len(COLUMNS))
    assert client.get(f"/api/runs/{run}/metrics?format=csv").text == ",".join(("step", *COLUMNS)) + "\n"


def test_metrics_come_as_csv(client, run, writer):
    for last in range(2, 1602, 2):
        writer.metrics(last - 1, last)
    answer = client.get(f"/api/runs/{run}/metrics?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [int(row["step"]) for row in rows] == list(range(1, 1601))
    assert (rows[1]["train_loss"], rows[1]["test_loss"]) == ("0.5", "")


def test_a_run_with_a_validation_part_has_its_columns_in_table_and_csv(client, redis):
    run = client.post("/api/runs", json={"validation_share": 0.2}).json()["id"]
    writer = Writer(redis, run)
    writer.metrics(0, 1, 2)
    writer.event(Validation(step=0, seq=1, epoch=0.0, loss=0.5, accuracy=0.75))
    writer.event(Validation(step=2, seq=1, epoch=0.2, loss=None, accuracy=0.25))
    table = client.get(f"/api/runs/{run}/metrics").json()
    held = ["validation_loss", "validation_accuracy", "validation_matthews"]
    assert table["columns"] == [*COLUMNS, *held]
    np.testing.assert_array_equal(
        numbers(table["values"])[:, -3:], [[0.5, 0.75, np.nan], [np.nan] * 3, [np.nan, 0.25, np.nan]]
    )
    rows = list(csv.DictReader(io.StringIO(client.get(f"/api/runs/{run}/metrics?format=csv").text)))
    assert [[row[name] for name in held] for row in rows] == [["0.5", "0.75", ""], ["", "", ""], ["", "0.25", ""]]


def test_the_points_of_a_run_come_in_its_three_parts(client):
    run = client.post("/api/runs", json={"validation_share": 0.2}).json()["id"]
    _, head, body = read_message(client.get(f"/api/runs/{run}/data").content)
    assert (head["train_size"], head["validation_size"], head["test_size"]) == (180, 45, 75)
    split = RunSpec(validation_share=0.2).load()
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(read_array(head["arrays"][f"{part}_x"], body), getattr(split, f"{part}_x"))
    labels = client.get(f"/api/runs/{run}/examples?part=validation&index=0&index=44").json()["labels"]
    assert labels == split.validation_y[[0, 44]].tolist()


def test_corrupted_points_come_with_their_truth(client):
    corrupt = {"labels": 0.5, "inputs": 0.25}
    run = client.post("/api/runs", json={"corrupt": corrupt}).json()["id"]
    _, head, body = read_message(client.get(f"/api/runs/{run}/data").content)
    split = RunSpec(corrupt=corrupt).load()
    for name in ("train_x", "train_y", "true_y", "noise"):
        np.testing.assert_array_equal(read_array(head["arrays"][name], body), getattr(split, name))
    at = np.flatnonzero(split.mislabelled)[:2].tolist()
    told = client.get(f"/api/runs/{run}/examples", params={"part": "train", "index": at}).json()
    assert told["labels"] == split.train_y[at].tolist()
    assert told["true_labels"] == split.true_y[at].tolist()
    assert told["noise"] == split.noise[at].tolist()
    plain = client.post("/api/runs", json={}).json()["id"]
    assert "true_y" not in read_message(client.get(f"/api/runs/{plain}/data").content)[1]["arrays"]
    assert client.get(f"/api/runs/{plain}/examples?index=0").json()["true_labels"] is None


def test_frames_come_in_the_binary_form_of_the_live_socket(client, run, writer):
    for step in (5, 10, 15):
        writer.frame(step)
    kind, head, body = read_message(client.get(f"/api/runs/{run}/frames").content)
    assert (kind, head["run"], head["cursors"]) == (MessageKind.BATCH, run, {"frames": "15-2"})
    assert [event["step"] for event in head["events"]] == [5, 10, 15]
    for event in head["events"]:
        told = frame_at(event["step"])
        np.testing.assert_array_equal(read_array(event["arrays"]["folds"], body), told.folds)
        np.testing.assert_array_equal(read_array(event["arrays"]["weights"], body)[1], told.weights[1])
    part = client.get(f"/api/runs/{run}/frames", params={"after": "5-2", "before": "10-2"})
    assert [event["step"] for event in read_message(part.content)[1]["events"]] == [10]


def test_a_long_run_gives_few_frames_with_births_and_ends(client, run, writer):
    for step in range(1, 301):
        writer.frame(step, keep=step == 77)
    frames = read_message(client.get(f"/api/runs/{run}/frames?most=10").content)[1]["events"]
    steps = [event["step"] for event in frames]
    assert {1, 77, 300} <= set(steps)
    assert len(steps) <= 12
    assert max(np.diff(steps)) <= 35


@pytest.mark.parametrize("most", [1, 2, 7, 500])
def test_thinning_keeps_order_ends_and_births(most):
    ids = [f"{step}-1" for step in (1, 2, 3, 50, 51, 52, 53, 900, 1000)]
    chosen = thin(ids, {"51-1"}, "1-1", "1000-1", most)
    assert chosen == [one for one in ids[1:] if one in chosen]
    assert {"2-1", "1000-1", "51-1"} <= set(chosen)
    assert thin(ids, set(), "1000-1", "+", most) == []
    assert thin([], set(), "0-0", "+", most) == []


def test_the_points_of_a_plane_run_are_those_of_its_spec(client):
    run = client.post("/api/runs", json={"data": {"kind": "rings"}, "seed": 11}).json()["id"]
    answer = client.get(f"/api/runs/{run}/data")
    assert "immutable" in answer.headers["cache-control"]
    _, head, body = read_message(answer.content)
    split = RunSpec.model_validate({"data": {"kind": "rings"}}).data.load(11)
    assert (head["classes"], head["image_shape"], head["train_size"], head["test_size"]) == (2, None, 225, 75)
    np.testing.assert_array_equal(read_array(head["arrays"]["train_x"], body), split.train_x)
    np.testing.assert_array_equal(read_array(head["arrays"]["train_y"], body), split.train_y)


def test_of_pictures_only_those_asked_for_are_sent(client):
    run = client.post("/api/runs", json={"data": {"kind": "digits"}}).json()["id"]
    _, head, _ = read_message(client.get(f"/api/runs/{run}/data").content)
    assert (head["classes"], head["image_shape"], head["train_size"], head["arrays"]) == (10, [8, 8], 1437, {})
    assert head["ink"] is True
    found = client.get(f"/api/runs/{run}/examples?part=train&index=3&index=0").json()
    split = RunSpec.model_validate({"data": {"kind": "digits"}}).data.load(0)
    assert found["labels"] == split.train_y[[3, 0]].tolist()
    np.testing.assert_array_equal(from_base64(found["inputs"]), split.train_x[[3, 0]])


def test_of_texts_the_sentences_are_sent(client):
    run = client.post("/api/runs", json={"data": {"kind": "cola_lite"}, "queue": "batch"}).json()["id"]
    _, head, _ = read_message(client.get(f"/api/runs/{run}/data").content)
    assert head["names"] == ["not acceptable", "acceptable"]
    found = client.get(f"/api/runs/{run}/examples?index=1042&index=7")
    assert found.status_code == 422
    assert "There is no point 1042 among 1000" in found.json()["error"]["message"]
    found = client.get(f"/api/runs/{run}/examples?index=7").json()
    assert found["inputs"] is None
    assert len(found["sentences"][0].split()) >= 2


def test_joined_events_keep_their_arrays_aligned():
    packed = [pack({"kind": "frame"}, {"a": np.arange(n, dtype="u1"), "b": (np.arange(3.0),)}) for n in (1, 5, 9)]
    heads, body = join_events([PackedEntry(f"{n}-1", *one) for n, one in enumerate(packed)])
    for head, count in zip(heads, (1, 5, 9), strict=True):
        assert head["arrays"]["a"][2] % 8 == 0
        assert read_array(head["arrays"]["a"], body).tolist() == list(range(count))
        assert read_array(head["arrays"]["b"], body)[0].tolist() == [0, 1, 2]
