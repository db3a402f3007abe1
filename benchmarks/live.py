"""The live path at class size: one run with 20 frames a second, 50 viewers.

``python -m benchmarks.live`` starts a private Redis, the web process and, in a process of their own, the viewers. It
prints what the web process costs and how long a frame takes from the writer to a viewer. Loopback only.
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
import redis
import websockets

from backend.binary import MessageKind, read_message
from foldscape.events import COLUMNS, Frame
from foldscape.spec import RunSpec
from foldscape.wire import pack, pack_event
from workers.keys import RunKeys, entry_id
from workers.run_log.web import RunLog
from workers.settings import Settings

GOAL_CPU, GOAL_P95 = 25.0, 30.0


def frame_at(step, rng, pieces=300):
    def points(*shape):
        return rng.normal(size=shape).astype(np.float32)

    return Frame(
        step=step,
        seq=1,
        epoch=step / 8,
        why_no_folds="",
        regions=40,
        weights=(points(8, 2), points(8, 8), points(2, 8)),
        biases=(points(8), points(8), points(2)),
        units=(np.arange(8, dtype=np.int32), np.arange(8, dtype=np.int32)),
        folds=points(pieces, 2, 2),
        fold_unit=np.zeros((pieces, 2), np.int32),
        fold_normal=points(pieces, 2),
        boundary=points(80, 2, 2),
        fold_points=points(12, 2),
        fold_point_unit=np.zeros((12, 2), np.int32),
        active_share=(),
    )


def write(url, run, rate, rows, seconds, report):
    """Publish frames and metrics rows at a steady rate, stamped with the clock."""
    client, keys, rng = redis.Redis.from_url(url), RunKeys(run), np.random.default_rng(0)
    report.put(("writing",))
    began, count = time.perf_counter(), round(rate * seconds)
    for number in range(1, count + 1):
        time.sleep(max(0.0, began + number / rate - time.perf_counter()))
        step = number * rows
        frame = pack_event(frame_at(step, rng))
        steps = np.arange(step - rows + 1, step + 1, dtype=np.float64)
        values = np.zeros((rows, len(COLUMNS)), np.float32)
        with client.pipeline(transaction=True) as pipe:
            block = pack({"columns": list(COLUMNS), "sent": time.time()}, {"steps": steps, "values": values})
            pipe.xadd(keys.metrics, {"h": block.head, "b": block.body}, id=entry_id(step))
            pipe.xadd(keys.frames, {"h": frame.head, "b": frame.body}, id=entry_id(step, 1))
            pipe.execute()
    report.put(("written", count * rows, len(frame.head) + len(frame.body)))


async def view(address, run, last, seen):
    """Be one viewer: read, acknowledge at once, note delays."""
    async with websockets.connect(f"ws://{address}/api/live", compression=None, max_size=None) as viewer:
        await viewer.send(json.dumps({"watch": {run: {}}}))
        while not seen["rows"] or seen["rows"][-1] < last:
            kind, head, _ = read_message(await viewer.recv())
            now = time.time()
            if kind is not MessageKind.BATCH:
                continue
            await viewer.send("a")
            for event in head["events"]:
                if event["kind"] == "metrics":
                    seen["delays"].append(now - event["sent"])
                    seen["rows"].append(int(head["cursors"]["metrics"].partition("-")[0]))
                    seen["count"] += event["arrays"]["steps"][1][0]
                seen["frames"] += event["kind"] == "frame"


def watch(address, run, viewers, last, limit, report):
    """Be all viewers, in one process."""
    late = []

    async def notice_lateness():
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.01)
            late.append(time.perf_counter() - began - 0.01)

    async def all_of_them():
        clock = asyncio.create_task(notice_lateness())
        seen = [{"delays": [], "rows": [], "count": 0, "frames": 0} for _ in range(viewers)]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await asyncio.gather(*(view(address, run, last, one) for one in seen))
        clock.cancel()
        return seen

    report.put(("seen", asyncio.run(all_of_them()), late))


def start_redis(folder):
    """Start a Redis on a private socket and wait until it answers."""
    beside = Path(sys.executable).parent / "redis-server"
    line = [str(beside) if beside.exists() else "redis-server", "--port", "0", "--save", "", "--dir", folder]
    process = subprocess.Popen([*line, "--unixsocket", f"{folder}/redis.sock"], stdout=subprocess.DEVNULL)
    url = f"unix://{folder}/redis.sock?db=0"
    wait_for(lambda: redis.Redis.from_url(url).ping(), redis.RedisError)
    return process, url


def start_web(url):
    """Start the web process on a free port and wait until it listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = [sys.executable, "-m", "backend.serve", "--fd", str(listener.fileno())]
        environment = {**os.environ, "FOLDSCAPE_REDIS": url}
        process = subprocess.Popen(line, pass_fds=(listener.fileno(),), env=environment)
        address = f"localhost:{listener.getsockname()[1]}"
    from urllib.request import urlopen

    wait_for(lambda: urlopen(f"http://{address}/api/schema", timeout=5).status == 200, OSError)
    return process, address


def wait_for(done, problem, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(problem):
            if done():
                return
        time.sleep(0.05)
    raise TimeoutError("a part did not start")


async def make_run(url):
    log = RunLog.open(Settings(redis=url))
    try:
        return (await log.create(RunSpec()))["id"]
    finally:
        await log.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--rate", type=float, default=20.0, help="frames a second")
    parser.add_argument("--rows", type=int, default=25, help="metrics rows with each frame")
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fs-", dir="/tmp") as folder, contextlib.ExitStack() as stack:
        server, url = start_redis(folder)
        stack.callback(end, server)
        web, address = start_web(url)
        stack.callback(end, web)
        run = asyncio.run(make_run(url))
        context = multiprocessing.get_context("spawn")
        report = context.Queue()
        last = round(options.rate * options.seconds) * options.rows
        limit = options.seconds + 15
        watchers = context.Process(target=watch, args=(address, run, options.viewers, last, limit, report))
        writer = context.Process(target=write, args=(url, run, options.rate, options.rows, options.seconds, report))
        watchers.start()
        health = f"http://{address}/api/health"
        wait_for(lambda: viewers_at(health) == options.viewers, OSError)
        writer.start()
        report.get(timeout=60)
        process, began = psutil.Process(web.pid), time.perf_counter()
        before = cpu_seconds(process)
        told = {name: rest for name, *rest in (report.get(timeout=limit + 10) for _ in range(2))}
        share = 100 * (cpu_seconds(process) - before) / (time.perf_counter() - began)
        memory = process.memory_info().rss / 2**20
        watchers.join()
        writer.join()
    show(options, told, share, memory)


def viewers_at(health):
    from urllib.request import urlopen

    with urlopen(health, timeout=5) as answer:
        return json.load(answer)["web"]["viewers"]


def cpu_seconds(process):
    times = process.cpu_times()
    return times.user + times.system


def end(process):
    process.terminate()
    process.wait(10)


def show(options, told, share, memory):
    rows, size = told["written"]
    seen, late = told["seen"]
    delays = np.sort(np.concatenate([one["delays"] for one in seen])) * 1000
    p50, p95, p99 = np.percentile(delays, [50, 95, 99])
    frames = sum(one["frames"] for one in seen) / len(seen) / options.seconds
    lost = sum(rows - one["count"] for one in seen)
    print(
        f"{options.viewers} viewers, {options.rate:g} frames/s of {size / 1000:.1f} kB, "
        f"{options.rate * options.rows:g} rows/s"
    )
    print(f"web process   {share:5.1f} % of one core (goal < {GOAL_CPU:g}), {memory:.0f} MB")
    print(
        f"delivery      p50 {p50:.1f} ms, p95 {p95:.1f} ms (goal < {GOAL_P95:g}), p99 {p99:.1f} ms, "
        f"max {delays[-1]:.0f} ms"
    )
    print(f"frames drawn  {frames:.1f} a second and viewer; metrics rows lost or doubled: {lost}")
    waited = 1000 * np.percentile(late, 95)
    print(
        f"this machine  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, "
        f"a timer of the viewers is late by p95 {waited:.1f} ms"
    )


if __name__ == "__main__":
    main()
