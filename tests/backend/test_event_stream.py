import asyncio
import contextlib
import json

import httpx
import pytest

from backend.binary import PackedEntry
from backend.sse import merge
from tests.backend.stream_writer import curvature_at, grown_at

pytestmark = pytest.mark.anyio


class Reader:
    """Reads server-sent events as a script would."""

    def __init__(self, answer, lines):
        self.answer, self.lines = answer, lines
        self.comments = 0

    async def next(self):
        event = {}
        while True:
            line = await asyncio.wait_for(anext(self.lines), 10)
            if line.startswith(":"):
                self.comments += 1
                return None
            if not line and "data" in event:
                return event
            name, _, value = line.partition(": ")
            if name:
                event[name] = json.loads(value) if name == "data" else value


@contextlib.asynccontextmanager
async def follow(served, run, **options):
    async with (
        httpx.AsyncClient(base_url=f"http://{served.address}", timeout=10) as client,
        client.stream("GET", f"/api/runs/{run}/events", **options) as answer,
        contextlib.aclosing(answer.aiter_lines()) as lines,
    ):
        yield Reader(answer, lines)


def rows(event):
    return [row["step"] for row in event["data"]["rows"]]


async def test_events_come_in_order_of_their_ids_and_go_on_from_the_last(served):
    writer = await served.make()
    writer.metrics(0, 1)
    writer.event(grown_at(1))
    writer.event(curvature_at(1))
    async with follow(served, writer.run) as reader:
        assert reader.answer.headers["content-type"].startswith("text/event-stream")
        block, grown, curvature = [await reader.next() for _ in range(3)]
        assert (block["event"], rows(block), block.get("id")) == ("metrics", [0, 1], None)
        assert (grown["event"], grown["id"], grown["data"]["unit"]) == ("grown", "1-1", 2)
        assert (curvature["event"], curvature["id"]) == ("curvature", "1-3")
        assert block["data"]["rows"][1]["test_loss"] is None
        writer.metrics(2)
        assert rows(await reader.next()) == [2]
    writer.metrics(3)
    async with follow(served, writer.run, headers={"Last-Event-ID": "2-1"}) as reader:
        assert rows(await reader.next()) == [3]


async def test_frames_come_when_asked_for(served):
    writer = await served.make()
    writer.metrics(5)
    writer.frame(5)
    async with follow(served, writer.run, params={"kinds": "frames"}) as reader:
        frame = await reader.next()
    assert (frame["event"], frame["id"], frame["data"]["folds"]["dtype"]) == ("frame", "5-2", "f4")


async def test_a_quiet_stream_shows_that_it_lives(served):
    writer = await served.make()
    async with follow(served, writer.run) as reader:
        await reader.next()
    assert reader.comments == 1


async def test_the_stream_of_a_run_that_is_over_ends(served):
    writer = await served.make()
    writer.metrics(1)
    async with follow(served, writer.run) as reader:
        assert rows(await reader.next()) == [1]
        writer.metrics(2)
        writer.set(state="done")
        assert rows(await reader.next()) == [2]
        end = await reader.next()
        assert (end["event"], end["data"]) == ("end", {"state": "done"})
        with pytest.raises(StopAsyncIteration):
            await reader.next()
    async with follow(served, writer.run, headers={"Last-Event-ID": "2-1"}) as reader:
        assert reader.answer.status_code == 204
    async with follow(served, writer.run, headers={"Last-Event-ID": "1-1"}) as reader:
        assert rows(await reader.next()) == [2]


async def test_streams_end_with_their_readers(served):
    writer = await served.make()
    async with follow(served, writer.run) as reader:
        await anext(reader.lines)
        assert served.parts.streams == 1
    while served.parts.streams:
        await asyncio.sleep(0.01)


def entries(*ids):
    return [PackedEntry(one, b"", b"") for one in ids]


def test_nothing_is_given_beyond_what_may_be_incomplete():
    streams = {"metrics": entries("1-1", "2-1"), "events": entries("1-2", "9-1")}
    page = merge(streams, "0-0", 2)
    assert [entry.id for _, entry in page.rows] == ["1-1", "1-2", "2-1"]
    assert page.cursor == "2-1"
    page = merge(streams, "0-0", 3)
    assert page.cursor == "9-1"
    assert merge({}, "7-1", 3) == ([], "7-1")
