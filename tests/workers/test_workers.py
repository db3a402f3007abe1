"""Real workers are killed, frozen, drained and lose their Redis: the log is that of an undisturbed run."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
import redis

from foldscape.commands import Grow, Hill, Play, SetOptimizer, Speed, Stop, UndoGrowth
from foldscape.growth.random_direction import RandomDirection
from tests.workers.conftest import Server, Worker
from tests.workers.running import assert_same, small, state_is, step_is, told, undisturbed, until
from workers.reaper import Reaper
from workers.run_log.away import Full
from workers.run_log.connect import connect
from workers.run_log.record import LoggedRun
from workers.run_log.web import RunLog
from workers.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]
BACK = 15
"""Seconds within which a run goes on after a fault."""


@pytest.fixture(scope="module")
def house():
    """A Redis with two interactive workers and a batch worker; whoever is killed is replaced at once."""
    folder = Path(tempfile.mkdtemp(prefix="fs-"))
    server = Server(folder)
    server.start()
    settings = Settings(
        redis=server.address,
        home=folder,
        lease_ms=1500,
        reaper_seconds=0.1,
        checkpoint_seconds=0.2,
        heartbeat_seconds=0.3,
    )
    one = House(server, settings)
    yield one
    for worker in one.workers:
        worker.end()
    server.kill()
    shutil.rmtree(folder)


class House:
    def __init__(self, server, settings):
        self.server, self.settings = server, settings
        self.workers = [Worker(settings), Worker(settings), Worker(settings, "batch")]

    def of(self, pid):
        """The worker whose process, or whose child, has a pid."""
        for worker in self.workers:
            if worker.process.pid in (pid, parent_of(pid)):
                return worker
        raise LookupError(pid)

    def replace(self, worker, queue="interactive"):
        worker.end()
        self.workers[self.workers.index(worker)] = Worker(self.settings, queue)


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.fixture
async def run_log(anyio_backend, house):
    log = RunLog.open(house.settings)
    reaper = asyncio.create_task(Reaper(log, house.settings).run())
    yield log
    reaper.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reaper
    await log.close()


@pytest.fixture
def client(house):
    with connect(house.settings) as one:
        yield one


async def workers_of(log, queue, count):
    async def there():
        found = [worker for worker in await log.workers() if worker["queue"] == queue]
        return found if len(found) >= count else None

    return await until(there, 120)


def long_run(**changes):
    return small(**{"speed": 60, "stop": {"epochs": 150}} | changes)


COMBINED = {
    "data": {"kind": "moons", "n": 80, "noise": 0.4},
    "validation_share": 0.3,
    "lr_schedule": {"kind": "sgdr", "cycle": 20},
    "batch_schedule": {"kind": "step", "every": 60, "factor": 1.5},
    "stop": {"epochs": 150, "early_stop": {"patience": 1000}},
    "growth": {"rule": {"kind": "gradmax"}, "schedule": {"kind": "periodic", "every": 17, "births": 8}},
}
"""Schedules, growth and a net that comes back at the end, all at once."""

EVERYTHING = {
    "data": {"kind": "moons", "n": 80, "noise": 0.4},
    "validation_share": 0.2,
    "corrupt": {"labels": 0.2, "inputs": 0.1, "pixels": 0.1},
    "resample": {"kind": "bagging"},
    "member": 2,
    "adversarial": {"radius": 0.05},
    "optimizer": {"kind": "nudged", "lr": 0.1, "gamma": 0.3, "k": 2, "every": 17, "points": 40, "momentum": 0.8},
    "terms": [{"kind": "hills", "strength": 0.5, "every": 10, "most": 3}],
    "average": {"kind": "ema"},
    "lr_schedule": {"kind": "snapshot", "cycles": 4},
    "growth": {"rule": {"kind": "gradmax"}, "schedule": {"kind": "periodic", "every": 13, "births": 3}},
    "probes": [{"kind": "frame", "every": 30}, {"kind": "memorisation", "every": 20, "iterations": 3}],
    "stop": {"epochs": 60},
    "speed": 10,
    "commands": [
        {"step": 20, "command": {"kind": "hill", "sigma": 1.5}},
        {"step": 50, "command": {"kind": "grow", "rule": {"kind": "random_direction"}}},
        {"step": 65, "command": {"kind": "set_hills", "strength": 0.8}},
        {"step": 72, "command": {"kind": "undo_growth"}},
        {"step": 125, "command": {"kind": "hill"}},
    ],
}
"""All that a run remembers from update to update besides weights and momentum, all at once."""


async def pid_of(log, run_id):
    return int((await log.summary(run_id))["worker"].rpartition("-")[2])


async def back_at(log, run_id, step):
    """Wait until a run goes on behind a step, as it has to within seconds of a fault."""

    async def goes_on():
        summary = await log.summary(run_id)
        return summary if summary["state"] in ("running", "done") and summary["step"] > step else None

    return await until(goes_on, BACK)


async def finish(log, client, run_id, attempts, steps=900):
    summary = await state_is(log, run_id, "done", "failed")
    assert (summary["state"], summary["step"]) == ("done", steps)
    assert summary["attempt"] in attempts
    assert_same(told(client, run_id), undisturbed(client, run_id))


async def test_a_killed_worker_s_run_goes_on_bit_for_bit(house, run_log, client):
    """An interactive worker and the child of a batch worker, at once; commands come while nobody has the runs."""
    await workers_of(run_log, "interactive", 2)
    await workers_of(run_log, "batch", 1)
    specs = [long_run(**COMBINED, speed=10), long_run(queue="batch", stop={"epochs": 300}, speed=10)]
    made = [(await run_log.create(spec))["id"] for spec in specs]

    async def gets_far(run_id):
        await step_is(run_log, run_id, 120)
        await run_log.send_command(run_id, Grow(rule=RandomDirection()))
        await run_log.send_command(run_id, SetOptimizer(lr=0.02))
        await step_is(run_log, run_id, 240)

    await asyncio.gather(*map(gets_far, made))
    pids = [await pid_of(run_log, run_id) for run_id in made]
    victim = house.of(pids[0])
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for run_id in made:
        for command in (Grow(rule=RandomDirection()), Speed(epochs_per_second=None)):
            await run_log.send_command(run_id, command)
    house.replace(victim)
    for run_id, spec in zip(made, specs, strict=True):
        await back_at(run_log, run_id, (await run_log.summary(run_id))["step"])
        await finish(run_log, client, run_id, {2}, spec.updates)
    log = told(client, made[0])
    assert any(b'"restored"' in head for _, head, _ in log["events"])


async def test_a_killed_run_forgets_nothing_of_hills_nudges_averages_and_draws(house, run_log, client):
    """Each run dies between two searches for its directions; nobody has it when it is to grow and to put a hill."""
    await workers_of(run_log, "interactive", 2)
    await workers_of(run_log, "batch", 1)
    by_hand = [{"kind": "hills", "strength": 0.5, "kernel": "inverse", "most": 2}]
    others = {"average": {"kind": "swa", "begin": 0.2}, "terms": by_hand, "resample": {"kind": "k_fold"}}
    specs = [small(**EVERYTHING), small(**EVERYTHING | others | {"queue": "batch"})]
    made = [(await run_log.create(spec))["id"] for spec in specs]

    async def dies(run_id):
        await step_is(run_log, run_id, 150)
        pid = await pid_of(run_log, run_id)
        worker = house.of(pid)
        os.kill(pid, signal.SIGKILL)
        rule = RandomDirection()
        for command in (Grow(rule=rule), Hill(), UndoGrowth(), Speed(epochs_per_second=None)):
            await run_log.send_command(run_id, command)
        return worker

    victim, _ = await asyncio.gather(*map(dies, made))
    house.replace(victim)
    for run_id, spec in zip(made, specs, strict=True):
        await finish(run_log, client, run_id, {2, 3, 4, 5}, spec.updates)  # more where starting torch took a lease
        events = [head for _, head, _ in told(client, run_id)["events"]]
        assert sum(b'"hill_put"' in head for head in events) >= 3
        assert not any(b'"refused":"T' in head for head in events)
        assert {step for step, _ in LoggedRun(client, run_id).lasting_ids()} >= set(spec.cycle_ends)


async def test_a_frozen_worker_is_fenced_when_it_wakes(house, run_log, client):
    await workers_of(run_log, "interactive", 2)
    made = await run_log.create(long_run())
    await step_is(run_log, made["id"], 120)
    frozen = house.of(await pid_of(run_log, made["id"]))
    frozen.signal(signal.SIGSTOP)

    async def taken_over():
        summary = await run_log.summary(made["id"])
        return summary["attempt"] == 2 and summary["step"] >= 240

    await until(taken_over)
    await run_log.send_command(made["id"], Grow(rule=RandomDirection()))
    frozen.signal(signal.SIGCONT)
    await finish(run_log, client, made["id"], {2})
    assert frozen.process.poll() is None


async def test_a_redis_that_is_killed_frozen_or_full_loses_nothing(house, run_log, client):
    server = house.server
    await workers_of(run_log, "interactive", 2)
    await workers_of(run_log, "batch", 1)
    longer = long_run(stop={"epochs": 300})
    made = [
        (await run_log.create(longer.model_copy(update={"queue": queue})))["id"] for queue in ("interactive", "batch")
    ]

    async def go_on():
        for run_id in made:
            step = (await run_log.summary(run_id))["step"]
            await run_log.send_command(run_id, Grow(rule=RandomDirection()))
            summary = await back_at(run_log, run_id, step)
            assert (summary["reason"], summary["message"]) == ("", "")

    await go_on()
    server.kill()
    server.start()
    await until(lambda: takes_writes(run_log), BACK)
    await go_on()
    server.freeze()
    health = await run_log.health()  # it waits for longer than every lease lasts
    server.thaw()
    assert not health["ok"]
    assert "does not answer" in health["troubles"][0]
    await until(lambda: takes_writes(run_log), BACK)
    await go_on()
    server.fill_memory()
    for run_id in made:
        summary = await state_is(run_log, run_id, "paused", seconds=BACK)
        assert summary["reason"] == "redis_full"
        assert summary["message"].startswith("Redis is full: its memory limit is reached. The run waits")
    assert not (health := await run_log.health())["ok"]
    assert health["troubles"][0].startswith("Redis is full")
    for refused in (run_log.create(small()), run_log.send_command(made[0], Play()), run_log.patch(made[0], name="x")):
        with pytest.raises(Full):
            await refused
    server.make_room()
    await go_on()
    server.fill_disk()

    async def is_told():
        return "file cannot be written" in "".join((await run_log.health())["troubles"])

    await until(is_told, BACK)
    with pytest.raises(Full, match="file cannot be written"):
        await run_log.send_command(made[0], Play())
    server.make_room()
    await until(lambda: takes_writes(run_log), BACK)
    await go_on()
    for run_id in made:
        await run_log.send_command(run_id, Speed(epochs_per_second=None))
        await finish(run_log, client, run_id, {1, 2, 3, 4}, steps=1800)


async def takes_writes(log):
    with contextlib.suppress(redis.RedisError):
        return await log.client.incr("fs:test")


async def test_a_worker_that_is_told_to_end_hands_its_run_over(house, run_log, client):
    await workers_of(run_log, "interactive", 2)
    made = await run_log.create(long_run())
    await step_is(run_log, made["id"], 120)
    leaving = house.of(await pid_of(run_log, made["id"]))
    leaving.signal(signal.SIGTERM)
    assert await asyncio.to_thread(leaving.process.wait, 15) == 0
    await finish(run_log, client, made["id"], {2})
    house.replace(leaving)


async def test_a_batch_worker_spawns_and_drains_too(house, run_log, client):
    await workers_of(run_log, "batch", 1)
    made = await run_log.create(small(queue="batch", speed=60, stop={"epochs": 150}))
    waiting = await run_log.create(small(queue="batch"))
    await step_is(run_log, made["id"], 120)
    assert (await run_log.summary(waiting["id"]))["place"] == 0
    await run_log.send_command(waiting["id"], Stop())
    pid = await pid_of(run_log, made["id"])
    assert pid not in [worker.process.pid for worker in house.workers]
    leaving = house.of(pid)
    leaving.signal(signal.SIGTERM)
    assert await asyncio.to_thread(leaving.process.wait, 15) == 0
    assert not Path(f"/proc/{pid}").exists()
    house.replace(leaving, "batch")
    await finish(run_log, client, made["id"], {2})
    assert (await run_log.summary(waiting["id"]))["state"] == "stopped"


async def test_many_runs_play_at_once_and_a_parked_one_wakes(house, run_log, client):
    await workers_of(run_log, "interactive", 1)
    paused = small(speed=30, commands=[{"step": 6, "command": {"kind": "pause"}}])
    made = [await run_log.create(paused) for _ in range(12)]
    for run in made:
        await state_is(run_log, run["id"], "paused")
    await asyncio.gather(*(run_log.send_command(run["id"], Play()) for run in made))
    for run in made:
        await state_is(run_log, run["id"], "done")
    assert_same(told(client, made[0]["id"]), undisturbed(client, made[0]["id"]))
