"""What is known of the workers and the queues."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import redis.exceptions

from foldscape.device import NO_WORKER, Device, NoDevice
from workers import keys
from workers.broker import QUEUES
from workers.run_log.away import Full, full_disk, full_memory
from workers.run_log.connect import Client

SILENT = "The run log (Redis) does not answer; what runs have to say waits with their workers."
PATIENCE = 2.0
"""Seconds after which a silent Redis is told of."""
NEARLY = 0.85
"""Share of the memory limit from which it is warned."""

WHOLE = ("pid", "runs", "heartbeat", "threads", "slots", "ready")


async def workers(client: Client) -> list[dict[str, Any]]:
    """Give the workers whose sign of life has not run out, those that warm up included; forgets the others."""
    names = sorted(raw.decode() for raw in await client.smembers(keys.WORKERS))
    async with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hgetall(keys.worker_key(name))
        rows = await pipe.execute() if names else []
    gone = [name for name, row in zip(names, rows, strict=True) if not row]
    if gone:
        await client.srem(keys.WORKERS, *gone)
    return [_plain(name, row) for name, row in zip(names, rows, strict=True) if row]


async def has_gpu(client: Client) -> bool:
    """Whether a worker with a card shows a sign of life, here or on another host, one that warms up included."""
    return any(worker["queue"] == "gpu" for worker in await workers(client))


async def must_have(client: Client, device: Device) -> None:
    """Refuse what would wait in vain, before it is queued.

    Args:
        client: Connection to the run log.
        device: Where it asks to be computed.

    Raises:
        NoDevice: When no worker computes there.
    """
    if device == "cuda" and not await has_gpu(client):
        raise NoDevice(NO_WORKER)


def _plain(name: str, row: dict[bytes, bytes]) -> dict[str, Any]:
    text = {key.decode(): value.decode() for key, value in row.items()}
    return {"id": name, **{key: int(value) if key in WHOLE else value for key, value in text.items()}}


async def health(client: Client) -> dict[str, Any]:
    """Tell whether Redis answers and takes writes, who works, how many wait, and what is the matter, in words.

    Returns:
        ``{"ok", "troubles", "redis": {"ok", "version", "ping_ms", "memory", "memory_limit"}, "queues": {name:
        {"workers", "warming", "waiting"}}, "kept": {"play_runs", "forgotten"}, "workers", "versions"}``; ok means that
        Redis takes writes and that the interactive queue has a worker. Troubles are sentences, the gravest first.
    """
    versions = {name: version(name) for name in ("foldscape", "celery", "redis")}
    began = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            info = await client.info()
            ping = (time.perf_counter() - began) * 1000
            everyone = await workers(client)
            waiting = {name: int(await client.zcard(keys.queue(name))) for name in QUEUES}
            forgotten = await client.hgetall(keys.FORGOTTEN)
    except (redis.exceptions.RedisError, OSError, TimeoutError) as error:
        state: dict[str, Any] = {"ok": False, "error": str(error) or f"no answer within {PATIENCE:g} s"}
        told = {"ok": False, "troubles": [SILENT], "redis": state}
        return {**told, "queues": {}, "kept": {}, "workers": [], "versions": versions}
    present = [worker for worker in everyone if worker.get("ready", 1)]
    queues = {name: {**_staff(name, everyone), "waiting": waiting[name]} for name in QUEUES}
    full = is_full(info)
    return {
        "ok": full is None and queues["interactive"]["workers"] > 0,
        "troubles": [
            *([full.words + " Runs wait. " + full.hint] if full else nearly_full(info)),
            *queues_unserved(queues),
        ],
        "redis": {
            "ok": full is None,
            "version": info["redis_version"],
            "ping_ms": round(ping, 2),
            "memory": info["used_memory"],
            "memory_limit": info.get("maxmemory") or None,
        },
        "queues": queues,
        "kept": {
            "play_runs": int(forgotten.get(b"kept", 0)) or None,
            "forgotten": int(forgotten.get(b"forgotten", 0)),
        },
        "workers": present,
        "versions": versions,
    }


def is_full(info: Mapping[str, Any]) -> Full | None:
    """Give the refusal that a write would meet now, or ``None``."""
    limit = info.get("maxmemory") or 0
    if limit and info["used_memory"] >= limit:
        return full_memory()
    if info.get("aof_enabled") and info.get("aof_last_write_status") == "err":
        return full_disk("its last write failed")
    return None


def nearly_full(info: Mapping[str, Any]) -> list[str]:
    """Warn before the limit of memory is reached."""
    used, limit = info["used_memory"], info.get("maxmemory") or 0
    if not limit or used < NEARLY * limit:
        return []
    return [
        f"Redis is nearly full: {used / 1e6:,.0f} of {limit / 1e6:,.0f} MB. Then all runs wait. {full_memory().hint}"
    ]


def queues_unserved(queues: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Name the queues that nobody serves although somebody waits there, and always the interactive one."""
    return [
        f"The {name} worker is warming up; what waits begins by itself."
        if queue["warming"]
        else f"No {name} worker shows a sign of life; what it had goes on as soon as one is there."
        for name, queue in queues.items()
        if queue["workers"] == 0 and (name == "interactive" or queue["waiting"] > 0)
    ]


def _staff(name: str, everyone: list[dict[str, Any]]) -> dict[str, int]:
    """Count the workers of a queue that take work, and those that still warm up."""
    ready = [bool(worker.get("ready", 1)) for worker in everyone if worker["queue"] == name]
    return {"workers": sum(ready), "warming": len(ready) - sum(ready)}
