"""What a job, a study, a landscape or a sweep, says as server-sent events, resumed by ``Last-Event-ID``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
from fastapi import Response

from backend.event_stream import streamed
from backend.live.feed import survive
from backend.parts import WebParts
from backend.sse import MOST_BLOCK_SECONDS
from workers.keys import JobKeys
from workers.states import OVER

READ_COUNT = 100


async def answer_job(job: JobKeys, parts: WebParts, after: str, last_event_id: str | None) -> Response:
    """Answer with what a job says, or with 204 when it is over and the reader has everything.

    Args:
        job: Its keys.
        parts: The parts of this process.
        after: Id after which to begin.
        last_event_id: Id after which a reader goes on that was there before.

    Returns:
        The stream, or an empty answer.

    Raises:
        RequestError: When there are too many open streams.
    """
    cursor = last_event_id or after
    if last_event_id and await job_at_end(parts.redis, job, cursor):
        return Response(status_code=204)
    return streamed(follow_job(parts.redis, job, cursor, parts.settings.live_heartbeat_seconds), parts)


async def follow_job(redis: Any, job: JobKeys, cursor: str, heartbeat: float) -> AsyncIterator[bytes]:
    """Follow a job until it is over.

    Args:
        redis: Client for blocking reads.
        job: Its keys.
        cursor: Id after which to begin.
        heartbeat: Seconds between two comments while nothing happens.

    Yields:
        Text of the stream: events ``progress``, an event ``state`` whenever the state changes, at the end ``end``.
    """
    loop = asyncio.get_running_loop()
    patience = round(1000 * min(MOST_BLOCK_SECONDS, heartbeat, 0.5))
    last, known = loop.time(), ""
    yield b"retry: 2000\n\n"
    while True:
        state = await job_state(redis, job)
        over = state in OVER or state == "deleted"
        if state != known and not over:
            known = state
            yield b"event: state\ndata: " + orjson.dumps({"state": state}) + b"\n\n"
        found: list[Any] = []

        async def read(block: int | None = None if over else patience, into: Any = found, at: str = cursor) -> None:
            reply = await redis.xread({job.progress: at}, count=READ_COUNT, block=block)
            into[:] = reply[0][1] if reply else []

        await survive(read, f"stream of {job.sort} {job.id}")
        if found:
            cursor = found[-1][0].decode()
            yield b"".join(_event(name.decode(), fields[b"e"]) for name, fields in found)
            last = loop.time()
        elif over:
            yield b"event: end\ndata: " + orjson.dumps({"state": state}) + b"\n\n"
            return
        elif loop.time() - last >= heartbeat:
            yield b": alive\n\n"
            last = loop.time()


async def job_at_end(redis: Any, job: JobKeys, cursor: str) -> bool:
    """Whether a job is over and has nothing behind a cursor."""
    if await job_state(redis, job) not in OVER:
        return False
    return not await redis.xread({job.progress: cursor}, count=1)


async def job_state(redis: Any, job: JobKeys) -> str:
    """Give the state of a job, or ``deleted``."""
    raw = b""

    async def read() -> None:
        nonlocal raw
        raw = await redis.hget(job.hash, "state") or b"deleted"

    await survive(read, f"state of {job.sort} {job.id}")
    return raw.decode()


def _event(name: str, entry: bytes) -> bytes:
    return b"event: progress\nid: " + name.encode() + b"\ndata: " + entry + b"\n\n"
