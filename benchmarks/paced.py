"""Paced interactive runs on one machine, each watched: ``python -m benchmarks.paced [--runs 40] [--minutes 1]``.

Each run: 300 points, batch 32, 16 neurons, 20 epochs a second, frames at 20 a second, one viewer of its own on a live
socket. The age of a frame is the time from when a reader blocked on the run's stream in Redis gets it until it is with
the viewer. Goals: forty runs within 10 % of their pace, p95 age under 250 ms, memory flat over ten minutes. Viewers and
readers live in processes of their own on the same machine and cost it about as much as browsers elsewhere would not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import redis.asyncio
import websockets

from backend.binary import MessageKind, read_message
from benchmarks.machine import describe
from tests.product import call, running_product

PACE, SETTLE_S = 20.0, 8
SPEC = {"data": {"kind": "rings", "n": 300}, "net": {"hidden": [16]}, "batch": 32, "speed": PACE}


def main() -> None:
    """Print pace, age of frames, processor and memory."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=0.5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fs-", dir="/tmp") as folder, running_product(Path(folder)) as url:
        runs = [call(f"{url}/api/runs", SPEC | {"seed": seed})["id"] for seed in range(asked.runs)]
        context = multiprocessing.get_context("spawn")
        arrived, written = context.Queue(), context.Queue()
        seconds = 60 * asked.minutes
        until = time.time() + SETTLE_S + seconds
        socket = f"unix://{folder}/redis.sock?db=0"
        watchers = context.Process(target=watch, args=(url, runs, until, arrived))
        readers = context.Process(target=read, args=(socket, runs, until, written))
        watchers.start()
        readers.start()
        time.sleep(SETTLE_S)
        first, busy = stand(url, runs), processes(folder)
        begun, rss = time.perf_counter(), memory(busy)
        spent = {name: cpu(process) for name, process in busy.items()}
        peaks = []
        while time.time() < until:
            time.sleep(1)
            peaks.append(memory(busy))
        last = stand(url, runs)
        shares = {
            name: 100 * (cpu(process) - spent[name]) / (time.perf_counter() - begun) for name, process in busy.items()
        }
        seen, told = arrived.get(timeout=60), written.get(timeout=60)
        for run in runs:
            call(f"{url}/api/runs/{run}/commands", {"kind": "stop"})
        watchers.join()
        readers.join()
    show(asked, first, last, ages(seen, told), shares, (rss, peaks[-1]))


def stand(url: str, runs: list[str]) -> list[tuple[float, float]]:
    """Read (epoch, seconds) of every run, by the clock of its own last sign of life."""
    told = (call(f"{url}/api/runs/{run}") for run in runs)
    return [(summary["epoch"], summary["heartbeat"] / 1000) for summary in told]


def watch(url: str, runs: list[str], until: float, report: Any) -> None:
    """Be one viewer a run: acknowledge at once, note when each frame arrived."""

    async def view(run: str) -> dict[str, float]:
        seen: dict[str, float] = {}
        address = url.replace("http", "ws", 1) + "/api/live"
        async with websockets.connect(address, compression=None, max_size=None) as viewer:
            await viewer.send(json.dumps({"watch": {run: {}}}))
            while time.time() < until:
                kind, head, _ = read_message(await viewer.recv())
                if kind is MessageKind.BATCH:
                    seen[head["cursors"]["frames"]] = time.time()
                    await viewer.send("a")
        return seen

    async def all_of_them() -> list[dict[str, float]]:
        return await asyncio.gather(*(view(run) for run in runs))

    report.put(asyncio.run(all_of_them()))


def read(socket: str, runs: list[str], until: float, report: Any) -> None:
    """Note when each frame stood in Redis, by one reader blocked on all streams."""

    async def follow() -> list[dict[str, float]]:
        client = redis.asyncio.Redis.from_url(socket, socket_timeout=None)
        keys = {f"fs:run:{run}:frames".encode(): i for i, run in enumerate(runs)}
        cursors: dict[bytes, bytes] = dict.fromkeys(keys, b"0-0")
        written: list[dict[str, float]] = [{} for _ in runs]
        while time.time() < until:
            for key, entries in await client.xread(cursors, block=1000) or ():
                now = time.time()
                cursors[key] = entries[-1][0]
                written[keys[key]] |= {entry.decode(): now for entry, _ in entries}
        await client.aclose()
        return written

    report.put(asyncio.run(follow()))


def ages(seen: list[dict[str, float]], told: list[dict[str, float]]) -> np.ndarray:
    """Give the age in ms of every frame that arrived."""
    pairs = [
        (at, written[name])
        for mine, written in zip(seen, told, strict=True)
        for name, at in mine.items()
        if name in written
    ]
    return np.array([1000 * max(0.0, at - since) for at, since in pairs])


def processes(folder: str) -> dict[str, psutil.Process]:
    """Find the product's parts: those that know its folder."""
    found = {}
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        try:
            mine = folder in line or folder in process.environ().get("FOLDSCAPE_REDIS", "")
        except psutil.Error:
            continue
        names = {"redis-server": "redis", "backend.serve": "web", "interactive": "interactive worker"}
        for part, name in names.items():
            if mine and part in line and "spawn_main" not in line:
                found[name] = process
    return found


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def memory(parts: dict[str, psutil.Process]) -> dict[str, float]:
    return {name: process.memory_info().rss / 2**20 for name, process in parts.items()}


def show(asked: Any, first: Any, last: Any, age: np.ndarray, shares: Any, rss: Any) -> None:
    """Print all figures."""
    paces = sorted((b[0] - a[0]) / (b[1] - a[1]) for a, b in zip(first, last, strict=True))
    inside = sum(abs(pace / PACE - 1) <= 0.1 for pace in paces)
    print(f"# {describe()}; load {os.getloadavg()[0]:.1f}")
    print(
        f"{asked.runs} runs at {PACE:g} epochs/s, watched, {asked.minutes:g} min: {paces[0]:.2f} to {paces[-1]:.2f}; ",
        end="",
    )
    print(f"{inside} of {asked.runs} within 10 %")
    p50, p95, p99 = np.percentile(age, [50, 95, 99])
    rate = len(age) / asked.runs / (60 * asked.minutes + SETTLE_S)
    print(f"age of a frame   p50 {p50:.0f}, p95 {p95:.0f} (goal < 250), p99 {p99:.0f} ms; {rate:.1f} frames/s a viewer")
    for name, share in shares.items():
        print(f"{name:<20} {share:5.0f} % of a core, {rss[0][name]:.0f} MB, at the end {rss[1][name]:.0f} MB")


if __name__ == "__main__":
    main()
