"""What is known of the workers and the queues."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import Any

import redis.exceptions

from workers import keys
from workers.broker import QUEUES
from workers.run_log.connect import Client

WHOLE = ("pid", "runs", "heartbeat", "threads", "slots", "ready")


async def workers(client: Client) -> list[dict[str, Any]]:
    """Give the workers whose sign of life has not run out, those that warm up included; forgets the others."""
    names = sorted(raw.decode() for raw in await client.smembers(keys.WORKERS))
    async with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hgetall(keys.worker(name))
        rows = await pipe.execute() if names else []
    gone = [name for name, row in zip(names, rows, strict=True) if not row]
    if gone:
        await client.srem(keys.WORKERS, *gone)
    return [_plain(name, row) for name, row in zip(names, rows, strict=True) if row]


def _plain(name: str, row: dict[bytes, bytes]) -> dict[str, Any]:
    text = {key.decode(): value.decode() for key, value in row.items()}
    return {"id": name, **{key: int(value) if key in WHOLE else value for key, value in text.items()}}


async def health(client: Client) -> dict[str, Any]:
    """Tell whether Redis answers, who works, and how many wait.

    Returns:
        ``{"ok", "redis": {"ok", "version", "ping_ms", "memory"}, "queues": {name: {"workers", "warming", "waiting"}},
        "workers", "versions"}``; ok means that Redis answers and that the interactive queue has a worker.
    """
    versions = {name: version(name) for name in ("foldscape", "celery", "redis")}
    began = time.perf_counter()
    try:
        await client.ping()
        ping = (time.perf_counter() - began) * 1000
        info = await client.info()
        everyone = await workers(client)
        waiting = {name: int(await client.zcard(keys.queue(name))) for name in QUEUES}
    except (redis.exceptions.RedisError, OSError) as error:
        state: dict[str, Any] = {"ok": False, "error": str(error)}
        return {"ok": False, "redis": state, "queues": {}, "workers": [], "versions": versions}
    present = [worker for worker in everyone if worker.get("ready", 1)]
    counts = {name: sum(worker["queue"] == name for worker in present) for name in QUEUES}
    warming = {name: sum(worker["queue"] == name for worker in everyone) - counts[name] for name in QUEUES}
    return {
        "ok": counts["interactive"] > 0,
        "redis": {
            "ok": True,
            "version": info["redis_version"],
            "ping_ms": round(ping, 2),
            "memory": info["used_memory"],
        },
        "queues": {
            name: {"workers": counts[name], "warming": warming[name], "waiting": waiting[name]} for name in QUEUES
        },
        "workers": present,
        "versions": versions,
    }
