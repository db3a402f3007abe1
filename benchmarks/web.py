"""What the API answers while much is stored: time of each route, its size, and how long all others wait meanwhile.

Run with ``python -m benchmarks.web``; starts a Redis of its own in a temporary folder, with 2,000 runs in 1,000 groups.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time

import httpx
import redis

from backend.app import create_app
from backend.settings import WebSettings
from benchmarks.machine import describe
from benchmarks.private_redis import private_redis
from foldscape.spec import RunSpec
from workers import keys
from workers.keys import RunKeys

RUNS = 2000
ROUTES = (
    "/api/comparisons/groups",
    "/api/runs",
    "/api/runs?most=500",
    "/api/studies",
    "/api/sweeps",
    "/api/landscapes",
)
TIMES = 5


def varied():
    """Give specs that differ in up to seven settings, two seeds of each."""
    axes = (
        (8, 16, 32, 64, 128),
        (0.01, 0.02, 0.03, 0.05, 0.1),
        (2, 4, 8, 16, 32),
        (100, 200, 400, 800),
        ("relu", "tanh"),
    )
    for batch, lr, width, epochs, activation in itertools.product(*axes):
        plain = {"batch": batch, "optimizer": {"kind": "adam", "lr": lr}, "stop": {"epochs": epochs}}
        plain["net"] = {"hidden": [width], "activation": activation}
        for seed in (0, 1):
            yield RunSpec.model_validate(plain | {"seed": seed})


def store(client):
    with client.pipeline(transaction=False) as pipe:
        for number, spec in enumerate(itertools.islice(varied(), RUNS)):
            run, made = f"{number:010x}", 1_700_000_000_000 + number
            told = {
                "state": "done",
                "name": f"run-{number}",
                "tags": json.dumps(["many"]),
                "origin": "api",
                "queue": "batch",
            }
            told |= {"step": 1000, "train_loss": 0.1, "created": made, "neurons": spec.net.hidden[0], "version": 3}
            pipe.hset(RunKeys(run).hash, mapping=told | {"spec": spec.model_dump_json()})
            pipe.zadd(keys.RUNS, {run: made})
        pipe.xadd(keys.CHANGES, {"id": run})
        pipe.execute()


class Stall:
    """The longest time in which the event loop served nobody."""

    def __init__(self):
        self.longest = 0.0
        self._task = asyncio.create_task(self._watch())

    async def _watch(self):
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            self.longest, last = max(self.longest, now - last), now

    def end(self):
        """Stop watching; gives it in milliseconds."""
        self._task.cancel()
        return self.longest * 1e3


async def ask(client, path):
    stall, began = Stall(), time.perf_counter()
    await asyncio.sleep(0)
    answer = await client.get(path)
    taken = (time.perf_counter() - began) * 1e3
    answer.raise_for_status()
    return taken, len(answer.content), stall.end()


async def measure(app):
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=600) as client:
        for path in ROUTES:
            first, size, waited = await ask(client, path)
            later = [await ask(client, path) for _ in range(TIMES)]
            best, stalled = min(one[0] for one in later), min(one[2] for one in later)
            print(
                f"{path:26} {best:7.1f} ms ({size / 1e3:6.0f} kB, others wait up to {stalled:5.1f} ms)"
                f"   the first time {first:7.1f} ms (others {waited:5.1f} ms)"
            )


async def main():
    print(describe())
    with private_redis() as settings:
        store(redis.Redis.from_url(settings.redis))
        print(f"{RUNS} runs")
        app = create_app(settings, WebSettings(), pages=False, reaper=False)
        async with app.router.lifespan_context(app):
            await measure(app)


if __name__ == "__main__":
    asyncio.run(main())
