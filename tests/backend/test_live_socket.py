import asyncio
import contextlib
import json

import numpy as np
import pytest
import redis as redis_py
import websockets

from backend.app import create_app
from backend.binary import MessageKind, read_message
from backend.live import tail
from backend.settings import WebSettings
from foldscape.wire import read_array
from tests.backend.running import RedisServer, serving
from tests.backend.stream_writer import curvature_at, frame_at
from workers.settings import Settings

pytestmark = pytest.mark.anyio
STEPS = range(10, 400, 10)


class Watcher:
    """A viewer that keeps everything it was sent."""

    def __init__(self, socket, acknowledges=True):
        self.socket, self.acknowledges = socket, acknowledges
        self.batches, self.steps, self.frames, self.events, self.states = [], [], [], [], []
        self.cursors, self.errors, self.heartbeats, self.tables = {}, [], 0, []

    async def say(self, wish):
        await self.socket.send(json.dumps(wish))

    async def take(self):
        kind, head, body = read_message(await asyncio.wait_for(self.socket.recv(), 10))
        if kind is MessageKind.HEARTBEAT:
            self.heartbeats += 1
        elif kind is MessageKind.ERROR:
            self.errors.append(head)
        elif head["run"] is None:
            self.tables.append(head)
        else:
            self._keep(head, body)
        if kind is MessageKind.BATCH and self.acknowledges:
            await self.socket.send("a")
        return kind

    def _keep(self, head, body):
        self.batches.append(head)
        self.cursors = head["cursors"]
        if head["state"]:
            self.states.append(head["state"])
        for event in head["events"]:
            if event["kind"] == "metrics":
                self.steps += read_array(event["arrays"]["steps"], body).tolist()
            elif event["kind"] == "frame":
                folds = read_array(event["arrays"]["folds"], body)
                self.frames.append((event["step"], folds))
            else:
                self.events.append((event["kind"], event["step"]))

    async def until(self, done):
        while not done():
            await self.take()


@contextlib.asynccontextmanager
async def watching(served, wish=None, **options):
    async with websockets.connect(f"ws://{served.address}/api/live", compression=None, max_size=None) as socket:
        watcher = Watcher(socket, **options)
        if wish is not None:
            await watcher.say(wish)
        yield watcher


async def test_what_a_run_says_arrives_once_and_in_order(served):
    writer = await served.make()
    writer.metrics(1, 2)
    writer.frame(2)
    async with watching(served, {"watch": {writer.run: {}}}) as viewer:
        await viewer.until(lambda: viewer.frames and viewer.states)
        for step in STEPS:
            writer.metrics(step - 1, step)
            writer.frame(step)
        writer.event(curvature_at(STEPS[-1]))
        await viewer.until(lambda: viewer.frames[-1][0] == STEPS[-1] and viewer.events and len(viewer.steps) > 79)
    assert viewer.steps == [1, 2] + [step for last in STEPS for step in (last - 1, last)]
    assert viewer.events == [("curvature", STEPS[-1])]
    assert viewer.states[0]["id"] == writer.run
    step, folds = viewer.frames[-1]
    np.testing.assert_array_equal(folds, frame_at(step).folds)


async def test_a_viewer_never_has_more_than_two_batches_open(served):
    writer = await served.make()
    async with watching(served, {"watch": {writer.run: {}}}, acknowledges=False) as viewer:
        await viewer.until(lambda: viewer.batches)
        writer.metrics(10)
        await viewer.until(lambda: len(viewer.batches) == 2)
        for step in range(20, 200, 10):
            writer.metrics(step)
            writer.frame(step)
        await viewer.until(lambda: viewer.heartbeats == 2)
        assert len(viewer.batches) == 2
        viewer.acknowledges = True
        await viewer.socket.send("a")
        await viewer.until(lambda: len(viewer.steps) == 19)
    assert viewer.steps == list(range(10, 200, 10))
    assert [step for step, _ in viewer.frames] == [190]


async def test_a_viewer_that_comes_back_misses_nothing_and_gets_nothing_twice(served):
    writer = await served.make()
    seen, cursors = [], {}
    for part in range(4):
        for step in range(part * 100 + 1, part * 100 + 51):
            writer.metrics(step)
        async with watching(served, {"watch": {writer.run: cursors}}) as viewer:
            await viewer.until(lambda viewer=viewer, part=part: part * 100 + 50 in viewer.steps)
            for step in range(part * 100 + 51, part * 100 + 101):
                writer.metrics(step)
            await viewer.take()
        seen, cursors = seen + viewer.steps, viewer.cursors
    async with watching(served, {"watch": {writer.run: cursors}}) as viewer:
        await viewer.until(lambda: 400 in seen + viewer.steps)
    assert seen + viewer.steps == list(range(1, 401))


async def test_a_long_history_comes_in_bounded_batches(served):
    writer = await served.make()
    pipe = served.redis.pipeline(transaction=False)
    writer.client, client = pipe, writer.client
    for step in range(1, 2501):
        writer.metrics(step)
    pipe.execute()
    writer.client = client
    async with watching(served, {"watch": {writer.run: {}}}) as viewer:
        await viewer.until(lambda: len(viewer.steps) == 2500)
        assert viewer.steps == list(range(1, 2501))
        assert len(viewer.batches) == 3


async def test_a_viewer_that_lags_behind_the_memory_reads_on_from_redis(served, monkeypatch):
    monkeypatch.setattr(tail, "MAX_ENTRIES", 10)
    writer = await served.make()
    async with watching(served, {"watch": {writer.run: {}}}, acknowledges=False) as viewer:
        await viewer.until(lambda: viewer.states)
        writer.metrics(1)
        await viewer.until(lambda: viewer.steps)
        for step in range(2, 101):
            writer.metrics(step)
            writer.event(curvature_at(step))
        feed = served.parts.hub.feeds[writer.run]
        while not feed._metrics.end.startswith("100-"):
            await asyncio.sleep(0.01)
        assert not feed._metrics.covers(viewer.cursors["metrics"])
        viewer.acknowledges = True
        await viewer.socket.send("a")
        await viewer.until(lambda: len(viewer.steps) == 100 and len(viewer.events) == 99)
    assert viewer.steps == list(range(1, 101))
    assert viewer.events == [("curvature", step) for step in range(2, 101)]


async def test_one_reader_serves_all_viewers_and_ends_with_them(served):
    writer = await served.make()
    async with contextlib.AsyncExitStack() as stack:
        viewers = [await stack.enter_async_context(watching(served, {"watch": {writer.run: {}}})) for _ in range(5)]
        for viewer in viewers:
            await viewer.until(lambda viewer=viewer: viewer.states)
        blocked = [one for one in served.redis.client_list() if "b" in one["flags"]]
        reading = [one for one in blocked if one["cmd"] == "xread"]
        assert len(reading) == 2  # the run and the changes
        assert len(served.parts.hub.feeds) == 1
        writer.metrics(1)
        for viewer in viewers:
            await viewer.until(lambda viewer=viewer: viewer.steps)
        packed = {id(batch.data) for batch in served.parts.hub.feeds[writer.run]._packed.values()}
        assert len(packed) <= 2
    while served.parts.viewers:
        await asyncio.sleep(0.01)
    assert not served.parts.hub.feeds
    assert not served.parts.hub._tasks


async def test_a_change_of_state_reaches_the_viewers(served):
    writer = await served.make()
    async with watching(served, {"watch": {writer.run: {}}}) as viewer:
        await viewer.until(lambda: viewer.states)
        writer.set(state="paused", step=12)
        await viewer.until(lambda: viewer.states[-1]["state"] == "paused")
        assert viewer.states[-1]["step"] == 12
        assert viewer.states[-1]["net"] == "2-1-2"


async def test_the_table_of_runs_is_followed(served):
    first = await served.make()
    async with watching(served, {"watch_runs": True}) as viewer:
        await viewer.until(lambda: viewer.tables)
        assert viewer.tables[0]["all"]
        assert [run["id"] for run in viewer.tables[0]["runs"]] == [first.run]
        second = await served.make()
        await viewer.until(lambda: second.run in {run["id"] for run in viewer.tables[-1]["runs"]})
        await served.parts.log.delete(first.run)
        await viewer.until(lambda: first.run in viewer.tables[-1]["deleted"])
        cursor = viewer.tables[-1]["cursor"]
    second.set(step=5)
    async with watching(served, {"watch_runs": cursor}) as viewer:
        await viewer.until(lambda: viewer.tables)
        assert [(run["id"], run["step"]) for run in viewer.tables[0]["runs"]] == [(second.run, 5)]


async def test_unknown_and_deleted_runs_are_told(served):
    writer = await served.make()
    async with watching(served, {"watch": {writer.run: {}, "nobody": {}}}) as viewer:
        await viewer.until(lambda: viewer.errors and viewer.states)
        assert (viewer.errors[0]["run"], viewer.errors[0]["error"]["code"]) == ("nobody", "run_not_found")
        await served.parts.log.delete(writer.run)
        await viewer.until(lambda: len(viewer.errors) == 2)
        assert viewer.errors[1]["run"] == writer.run
    assert list(served.parts.hub.feeds) == []


@pytest.mark.parametrize(
    "wish", ["nonsense", "[]", '{"watch": {"x": {"metrics": "$"}}}', '{"other": 1}', '{"watch": 3}', "A" * 70_000]
)
async def test_a_wish_that_makes_no_sense_is_answered_and_the_socket_stays(served, wish):
    writer = await served.make()
    async with watching(served) as viewer:
        await viewer.socket.send(wish)
        await viewer.until(lambda: viewer.errors)
        assert viewer.errors[0]["error"]["code"] in ("bad_json", "invalid_input")
        await viewer.say({"watch": {writer.run: {}}})
        await viewer.until(lambda: viewer.states)


async def test_a_run_can_be_left_and_another_taken(served):
    first, second = await served.make(), await served.make()
    async with watching(served, {"watch": {first.run: {}}}) as viewer:
        await viewer.until(lambda: viewer.states)
        await viewer.say({"watch": {second.run: {}}})
        await viewer.until(lambda: viewer.states[-1]["id"] == second.run)
        assert list(served.parts.hub.feeds) == [second.run]


@pytest.mark.parametrize("stall_seconds", [0.5])
async def test_a_viewer_that_never_reads_is_dropped(served, stall_seconds):
    writer = await served.make()
    async with watching(served, {"watch": {writer.run: {}}}, acknowledges=False) as viewer:
        await viewer.until(lambda: viewer.batches)
        writer.metrics(1)
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            await viewer.until(lambda: False)
        assert closed.value.rcvd.code == 4408


async def test_pages_of_other_origins_get_no_socket(served):
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}):
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(f"ws://{served.address}/api/live", additional_headers=headers)
        assert refused.value.response.status_code == 403
    async with websockets.connect(
        f"ws://{served.address}/api/live", additional_headers={"Origin": f"http://{served.address}"}
    ):
        pass


async def test_feeds_outlive_a_restart_of_redis():
    server = RedisServer()
    server.start()
    try:
        app = create_app(Settings(redis=server.url), WebSettings(), pages=False, reaper=False)
        with redis_py.Redis.from_url(server.url) as client:
            async with serving(app, client) as served:
                writer = await served.make()
                async with watching(served, {"watch": {writer.run: {}}}) as viewer:
                    writer.metrics(1)
                    await viewer.until(lambda: viewer.steps == [1])
                    server.kill()
                    server.start()
                    writer.metrics(2)
                    writer.set(state="paused")
                    await viewer.until(lambda: viewer.steps == [1, 2] and viewer.states[-1]["state"] == "paused")
    finally:
        server.kill()
