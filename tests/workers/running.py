"""Runs advanced inside the test, and what their logs say."""

import asyncio
import threading
import time

from foldscape.commands import Scheduled
from foldscape.spec import RunSpec
from foldscape.wire import unpack
from tests.workers.heard import heard, timeless
from workers.advance import advance, open_loop
from workers.checkpoints import Store
from workers.keys import FIRST, RunKeys, id_pair
from workers.live import LiveController
from workers.process import WorkerProcess
from workers.run_log.lease import Lease


def small(**changes):
    """A run of 6 updates an epoch that is over quickly and measures frames and curvature."""
    plain = {
        "data": {"kind": "rings", "n": 64, "test_share": 0.25},
        "net": {"hidden": [3, 3]},
        "batch": 8,
        "stop": {"epochs": 30},
        "probes": [{"kind": "frame"}, {"kind": "curvature", "every": 8}],
    }
    return RunSpec.model_validate(plain | changes)


class Advancing:
    """One run advanced by a thread of this process, without Celery."""

    def __init__(self, settings, run_id):
        self.life = WorkerProcess(settings)
        self.life.start()
        self.thread = threading.Thread(target=advance, args=(self.life, run_id), daemon=True)
        self.thread.start()

    def join(self, seconds=60):
        self.thread.join(seconds)
        assert not self.thread.is_alive()
        self.life.stop()

    def drain(self):
        self.life.drain()
        self.join()


class Abandoned:
    """A worker that dies at a step: what it published stands, its checkpoint lies behind, its lease runs out.

    Args:
        settings: Settings of the worker.
        client: Connection to the run log.
        run_id: The run.
        step: Updates after which it dies.
    """

    def __init__(self, settings, client, run_id, step):
        lease = Lease(client, run_id, settings.lease_ms)
        found = lease.acquire("dead", settings.worker_queue, settings.max_attempts)
        store = Store(settings)
        controller = LiveController(lease, found, RunSpec.model_validate_json(found.spec), settings, store)
        controller.loop = loop = open_loop(RunSpec.model_validate_json(found.spec), found, store)
        for event in loop.events(controller):
            controller.emit(event)
            if loop.position.step >= step:
                break
        client.delete(lease.run.lease)
        self.published = max(id_pair(last) for last in self._last(client, lease.run))

    def _last(self, client, run):
        for stream in (run.metrics, run.frames, run.events):
            for entry, _ in client.xrevrange(stream, count=1):
                yield entry.decode()


async def until(condition, seconds=60, every=0.005):
    """Wait until an async condition gives something true, and give it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := await condition():
            return found
        await asyncio.sleep(every)
    raise TimeoutError(condition)


async def state_is(log, run_id, *states, seconds=60):
    async def reached():
        summary = await log.summary(run_id)
        return summary if summary["state"] in states else None

    return await until(reached, seconds)


async def step_is(log, run_id, step, seconds=60):
    async def reached():
        summary = await log.summary(run_id)
        return summary if (summary["step"] or 0) >= step else None

    return await until(reached, seconds)


def told(client, run_id):
    """All that a run's log says: metrics rows by step, frames and events by id."""
    run = RunKeys(run_id)
    rows = []
    for _, fields in client.xrange(run.metrics):
        arrays = unpack(fields[b"h"], fields[b"b"])[1]
        rows += [(int(step), row.tobytes()) for step, row in zip(arrays["steps"], arrays["values"], strict=True)]
    return {
        "metrics": rows,
        "frames": [(entry.decode(), fields[b"h"], fields[b"b"]) for entry, fields in client.xrange(run.frames)],
        "events": [(entry.decode(), fields[b"h"], fields[b"b"]) for entry, fields in client.xrange(run.events)],
    }


def record(client, run_id):
    """The recorded commands: id, source, JSON."""
    return [
        (entry.decode(), fields[b"src"].decode(), fields[b"c"])
        for entry, fields in client.xrange(RunKeys(run_id).applied, FIRST)
    ]


def undisturbed(client, run_id):
    """What the library says for the same spec with the recorded commands, without any worker."""
    return heard(commanded(client, run_id))


def commanded(client, run_id):
    """The spec of a run with the commands that it has got."""
    spec = RunSpec.model_validate_json(client.hget(RunKeys(run_id).hash, "spec"))
    commands = [
        Scheduled.model_validate_json(b'{"step": %d, "command": %s}' % (int(entry.split("-")[0]), raw))
        for entry, _, raw in record(client, run_id)
    ]
    every = sorted((*spec.commands, *commands), key=lambda scheduled: scheduled.step)
    return spec.model_copy(update={"commands": tuple(every)})


def assert_same(one, other):
    """Compare two logs, naming the first difference; how long a growth took is the clock's."""
    one, other = timeless(one), timeless(other)
    for part in one:
        ids = [entry[0] for entry in one[part]], [entry[0] for entry in other[part]]
        assert ids[0] == ids[1], (part, sorted(set(ids[0]) ^ set(ids[1])), ids)
        for left, right in zip(one[part], other[part], strict=True):
            assert left == right, (part, left[0])
