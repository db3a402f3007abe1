"""What waits to be sent, and what is sent again."""

import numpy as np
import pytest

from foldscape.commands import Pause, Play
from foldscape.events import COLUMNS, Curvature, Frame, Metrics, Status
from foldscape.wire import Packed, unpack
from workers.headline import Headline
from workers.keys import entry_id, id_pair
from workers.replay import Replay
from workers.run_log.lease import AppliedCommand
from workers.run_log.outbox import Outbox


def row(step, **values):
    full = np.full(len(COLUMNS), np.nan, np.float32)
    for name, value in values.items():
        full[COLUMNS.index(name)] = value
    return Metrics(step=step, seq=0, values=full)


def status(step, seq=1):
    return Status(step=step, seq=seq, state="running")


def frame(step, seq=1):
    nothing = np.zeros((0, 2), np.float32)
    return Frame(
        step=step,
        seq=seq,
        epoch=step / 8,
        why_no_folds="",
        regions=1,
        weights=(),
        biases=(),
        units=(),
        folds=nothing,
        fold_unit=nothing,
        fold_normal=nothing,
        boundary=nothing,
        fold_points=np.zeros((3, 2), np.float32),
        fold_point_unit=nothing,
        active_share=(),
    )


def drained(outbox):
    sent = []
    for batch in outbox.all_but_last():
        sent.append(batch)
        outbox.done()
    if not outbox.first.is_empty:
        sent.append(outbox.first)
        outbox.done()
    return sent


def steps_of(batch):
    return [unpack(*packed)[1]["steps"].tolist() for _, packed in batch.metrics]


def test_rows_travel_in_blocks_named_by_their_last_step():
    outbox = Outbox()
    for step in (0, 8, 16):
        outbox.add(row(step))
    (batch,) = drained(outbox)
    assert [entry for entry, _ in batch.metrics] == [entry_id(16)]
    assert steps_of(batch) == [[0, 8, 16]]
    assert outbox.is_empty


def test_after_a_resume_a_block_is_cut_where_redis_ends():
    outbox = Outbox(last_metrics="16-1", last_frame="16-2", last_event="16-3")
    for step in (8, 16, 24):
        outbox.add(row(step))
        outbox.add(frame(step), Packed(b"sh", b"sb"))
        outbox.add(status(step, seq=2))
    (batch,) = drained(outbox)
    assert steps_of(batch) == [[24]]
    assert [entry for entry, _, _ in batch.frames] == ["24-2"]
    assert [entry for entry, _ in batch.events] == ["24-3"]


def test_what_could_not_be_sent_stays_as_it_was_and_comes_first():
    outbox = Outbox()
    outbox.add(row(0))
    assert list(outbox.all_but_last()) == []
    first = outbox.first
    outbox.add(row(8))
    sent = drained(outbox)
    assert sent[0] is first
    assert [steps_of(batch) for batch in sent] == [[[0]], [[8]]]


def test_after_an_outage_what_was_just_sent_is_sent_again():
    outbox = Outbox()
    for step in (0, 8):
        outbox.add(status(step))
        drained(outbox)
    outbox.add(status(16))
    outbox.again()
    assert [entry for batch in drained(outbox) for entry, _ in batch.events] == ["0-2", "8-2", "16-2"]
    brief = Outbox(memory=-1)
    brief.add(status(0))
    drained(brief)
    brief.again()
    assert brief.is_empty


def test_the_size_of_what_waits_is_known():
    outbox = Outbox()
    assert outbox.size == 0
    outbox.add(frame(0), Packed(b"s" * 1000, b""))
    assert outbox.size > 1000
    drained(outbox)
    assert outbox.size == 0


def test_the_headline_takes_the_latest_numbers_and_leaves_unknown_ones_empty():
    headline = Headline(best_accuracy=0.8)
    headline.add(row(8, epoch=1, train_loss=0.5, train_accuracy=0.7, neurons=6, parameters=40))
    headline.add(frame(8))
    headline.add(
        Curvature(
            step=8,
            seq=3,
            epoch=1,
            lambda_max=None,
            residual=0,
            edge=20,
            flatness={"element": 2.5},
            flatness_residual={"element": 0.1},
            iterations=3,
            method="dense",
            points=48,
            subset="whole",
            values=np.array([np.nan]),
            residuals=np.zeros(1),
            smallest=None,
            smallest_residual=None,
            flat_channels=[],
        )
    )
    found = headline.take()
    assert found == {
        "epoch": "1",
        "train_loss": "0.5",
        "train_accuracy": "0.7",
        "test_accuracy": "",
        "neurons": 6,
        "parameters": 40,
        "fold_points": 3,
        "lambda_max": "",
        "flatness": "2.5",
    }
    headline.add(row(16, test_accuracy=0.9))
    headline.give_back(found)
    assert headline.take()["best_accuracy"] == "0.9"
    assert headline.take() == {}


def test_the_record_is_said_again_in_its_groups_at_its_steps():
    record = [
        AppliedCommand("4-1", "a", Play(), 1),
        AppliedCommand("8-1", "b", Pause(), 1),
        AppliedCommand("8-2", "c", Play(), 1),
        AppliedCommand("8-3", "d", Pause(), 3),
    ]
    replay = Replay(record, "4-1")
    assert replay.at(6) == []
    assert replay.allowance(6, 100) == 2
    assert [command.kind for command in replay.at(8)] == ["pause", "play"]
    assert replay.effective == "8-2"
    assert [command.kind for command in replay.at(8)] == ["pause"]
    assert replay.is_over
    assert replay.allowance(8, 100) == 100
    with pytest.raises(RuntimeError, match="at step 4, but the run is at step 5"):
        Replay(record, "0-0").at(5)


def test_ids_compare_as_numbers():
    assert id_pair("10-2") > id_pair("9-11")
    assert id_pair("7") == (7, 0)
    assert entry_id(0, 0) == "0-1"
