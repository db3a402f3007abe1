"""What the run log costs: updates a second with and without it, latency of commands, bytes a frame, runs at a time.

Run with ``python -m benchmarks.runlog``; starts a Redis of its own in a temporary folder.
"""

from __future__ import annotations

import asyncio
import statistics
import threading
import time

from benchmarks.private_redis import private_redis
from foldscape.commands import Pause, Play, Stop
from foldscape.spec import RunSpec
from foldscape.training import Loop, warm
from workers.advance import advance
from workers.keys import RunKeys
from workers.process import WorkerProcess
from workers.run_log.connect import connect
from workers.run_log.web import RunLog


def spec_of(**changes):
    plain = {"net": {"hidden": [8, 8]}, "batch": 10, "stop": {"epochs": 150}, "queue": "batch"}
    return RunSpec.model_validate(plain | changes)


def advanced(life, run_id):
    thread = threading.Thread(target=advance, args=(life, run_id))
    thread.start()
    return thread


async def overhead(log, life):
    spec = spec_of(probes=[{"kind": "frame"}])
    began = time.perf_counter()
    for _ in Loop(spec).events():
        pass
    bare = time.perf_counter() - began
    made = await log.create(spec)
    began = time.perf_counter()
    advanced(life, made["id"]).join()
    live = time.perf_counter() - began
    more = live / bare - 1
    print(f"150 epochs with a frame each: {bare:.2f} s in the library, {live:.2f} s with the log ({more:+.0%})")
    with connect(life.settings) as client:
        run = RunKeys(made["id"])
        frames = client.xlen(run.frames)
        size = client.memory_usage(run.frames, samples=0) / frames
        print(f"a frame with its snapshot takes {size / 1e3:.1f} kB in Redis")


async def latency(log, life):
    made = await log.create(spec_of(speed=10, stop={"epochs": 100_000}))
    thread = advanced(life, made["id"])
    found = {Pause: [], Play: []}
    for _ in range(30):
        for command, state in ((Pause, "paused"), (Play, "running")):
            await asyncio.sleep(0.1)
            began = time.perf_counter()
            await log.send_command(made["id"], command())
            while (await log.summary(made["id"]))["state"] != state:
                await asyncio.sleep(0.0005)
            found[command].append((time.perf_counter() - began) * 1e3)
    for command, times in found.items():
        ordered = sorted(times)
        print(f"{command.__name__.lower()}: p50 {statistics.median(times):.1f} ms, worst of 30 {ordered[-1]:.1f} ms")
    await log.send_command(made["id"], Stop())
    thread.join()


async def crowd(log, life, runs, speed):
    made = [await log.create(spec_of(speed=speed, stop={"epochs": 100_000}, probes=[])) for _ in range(runs)]
    threads = [advanced(life, run["id"]) for run in made]
    await asyncio.sleep(3)
    before = [(await log.summary(run["id"]))["step"] for run in made]
    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.sleep(5)
    after = [(await log.summary(run["id"]))["step"] for run in made]
    seconds = time.perf_counter() - began
    rates = [(b - a) / seconds / (speed * 24) for a, b in zip(before, after, strict=True)]
    busy = (time.process_time() - cpu) / seconds
    pace = f"pace {min(rates):.2f} to {max(rates):.2f} of what was asked"
    print(f"{runs} runs at {speed} epochs/s: {pace}, {busy:.0%} of a core")
    for run in made:
        await log.send_command(run["id"], Stop())
    for thread in threads:
        thread.join()


async def main():
    warm()
    with private_redis() as settings:
        life = WorkerProcess(settings)
        life.start()
        log = RunLog.open(settings)
        await overhead(log, life)
        await latency(log, life)
        await crowd(log, life, 10, 10)
        await crowd(log, life, 40, 2)
        await log.close()
        life.stop()


if __name__ == "__main__":
    asyncio.run(main())
