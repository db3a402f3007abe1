"""The web process's side of jobs of every sort: make, list, read, stop, forget, look after."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

import orjson

from foldscape.device import Device
from foldscape.errors import FoldscapeError
from workers import keys
from workers.broker import JOB_QUEUES, Sender, queue_of
from workers.errors import CannotResume
from workers.keys import JobKeys
from workers.run_log import fleet
from workers.run_log.connect import Client
from workers.run_log.lease import OVER_LIST
from workers.run_log.scripts import script

LISTED = 200
GOES_ON = "stopped,failed"
ESTIMATE = "estimate_s"
WORDS = ("state", "reason", "message", "name", "doing", "verdict", "worker", "last", "log")
NUMBERS = ("created", "started", "ended", "heartbeat", "attempt", "deaths")


class JobLog:
    """All that the web process does with jobs of one sort.

    Args:
        client: Connection to the run log, with replies as bytes.
        sender: Brings jobs to the workers.
    """

    keys_of: ClassVar[type[JobKeys]]
    task: ClassVar[str]
    begins_again: ClassVar[str]
    """What is said of a job whose worker died or ended."""

    def __init__(self, client: Client, sender: Sender) -> None:
        self._client = client
        self._sender = sender

    async def _make(self, job: JobKeys, fields: dict[str, Any], rows: dict[str, str], device: Device = "cpu") -> None:
        """Write a job down and put it into the queue of its device.

        Raises:
            NoDevice: When nobody computes on that device.
        """
        await fleet.must_have(self._client, device)
        made, queue = time.time_ns() // 1_000_000, JOB_QUEUES[device]
        start = {**fields, "state": "queued", "created": made, "sent": made, "share": 0}
        start |= {"device": device, "queue": queue}
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.hset(job.hash, mapping=start)
            if rows:
                pipe.hset(job.rows, mapping=rows)
            pipe.zadd(job.every, {job.id: made})
            pipe.sadd(job.active, job.id)
            pipe.zadd(keys.queue(queue), {job.id: made})
            await pipe.execute()
        await self._sender.send_job(self.task, job.id, queue)

    async def _make_once(
        self, text: str, fields: dict[str, Any], *, most: int, device: Device = "cpu",
        allowed: Callable[[], Awaitable[None]] | None = None,
    ) -> tuple[dict[str, Any], bool]:  # fmt: skip
        """Make the job of a spec unless it is there: the same spec asked for twice is the same job.

        Args:
            text: The spec as JSON.
            fields: What is told of it at first besides.
            most: Jobs that are kept; the oldest that are over are forgotten.
            device: Where it is computed.
            allowed: Refuses a new one.

        Returns:
            Its summary, and whether it is new.
        """
        job = self.keys_of(hashlib.sha256(text.encode()).hexdigest()[:16])
        if await self._client.exists(job.hash):
            return await self.summary(job.id), False
        if allowed is not None:
            await allowed()
        await self._forget_old(most)
        await self._make(job, {"spec": text, **fields}, {}, device)
        return await self.summary(job.id), True

    async def summary(self, job_id: str) -> dict[str, Any]:
        """Give a job with its spec, without its rows.

        Returns:
            Plain JSON.

        Raises:
            FoldscapeError: When there is no such job.
        """
        raw = await self._client.hgetall(self.keys_of(job_id).hash)
        if not raw:
            raise self._unknown(job_id)
        found = read_hash(job_id, raw)
        rank = await self._client.zrank(keys.queue(found["queue"]), job_id) if found["state"] == "queued" else None
        return {**found, "place": rank}

    async def rows(self, job_id: str) -> list[dict[str, Any]]:
        """Give the rows of a job as they stand, in any order."""
        raws = await self._client.hvals(self.keys_of(job_id).rows)
        return await asyncio.to_thread(lambda: [orjson.loads(raw) for raw in raws])

    async def left_out(self) -> int:
        """Give how many jobs ``summaries`` leaves out, the oldest."""
        return max(0, int(await self._client.zcard(self.keys_of.every)) - LISTED)

    async def summaries(self) -> list[dict[str, Any]]:
        """Give the newest jobs, the newest first."""
        ids = [raw.decode() for raw in await self._client.zrevrange(self.keys_of.every, 0, LISTED - 1)]
        async with self._client.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.hgetall(self.keys_of(job_id).hash)
            raws = await pipe.execute() if ids else []
        return [read_hash(job_id, raw) for job_id, raw in zip(ids, raws, strict=True) if raw]

    async def stop(self, job_id: str) -> str:
        """Ask a job to stop; gives its state after that, which is still ``running`` until its worker heard it.

        Returns:
            Its state.

        Raises:
            FoldscapeError: When there is no such job.
        """
        job = self.keys_of(job_id)
        names = [job.hash, job.lease, job.active, keys.queue(await self._queue(job))]
        answer = await self._eval("job_stop", names, [job_id, OVER_LIST])
        if answer[0] == b"gone":
            raise self._unknown(job_id)
        return str(answer[0].decode())

    async def resume(self, job_id: str) -> None:
        """Queue a job again that was stopped or has failed; what it has done stands.

        Raises:
            FoldscapeError: When there is no such job.
            CannotResume: When it is running or done.
            NoDevice: When nobody computes on its device now.
        """
        job = self.keys_of(job_id)
        queue = await self._queue(job)
        await fleet.must_have(self._client, "cuda" if queue == JOB_QUEUES["cuda"] else "cpu")
        answer = await self._eval("job_resume", [job.hash, job.active, keys.queue(queue)], [job.id, GOES_ON])
        if answer[0] == b"gone":
            raise self._unknown(job_id)
        if answer[0] == b"no":
            raise CannotResume(
                f"A {job.sort} that is {answer[1].decode()} cannot go on.", hint="Only a stopped or failed one can."
            )
        await self._sender.send_job(self.task, job.id, queue)

    async def delete(self, job_id: str) -> None:
        """Stop and forget a job.

        Raises:
            FoldscapeError: When there is no such job.
        """
        job = self.keys_of(job_id)
        names = [job.every, job.active, keys.queue(await self._queue(job)), *job.all]
        if not await self._eval("job_remove", names, [job_id]):
            raise self._unknown(job_id)

    async def look_after(self, waiting: Mapping[str, int], lease_ms: int) -> None:
        """Bring back every job whose worker died or whose message got lost.

        Args:
            waiting: Messages in each queue; as long as there are some, none of it is taken for lost.
            lease_ms: Time in which a worker would have taken a message.
        """
        for raw in await self._client.smembers(self.keys_of.active):
            job = self.keys_of(raw.decode())
            queue = await self._queue(job)
            names = [job.hash, job.lease, job.active, keys.queue(queue)]
            answer = await self._eval("job_settle", names, [job.id, OVER_LIST, f"Its worker died; {self.begins_again}"])
            if answer[0] == b"idle" and (answer[2] or (int(answer[1]) >= lease_ms and not waiting[queue])):
                await self._client.hset(job.hash, "sent", time.time_ns() // 1_000_000)
                await self._sender.send_job(self.task, job.id, queue)

    async def _forget_old(self, most: int) -> None:
        """Forget the oldest jobs that are over when there are more than so many."""
        for raw in await self._client.zrange(self.keys_of.every, 0, -most - 1):
            if not await self._client.sismember(self.keys_of.active, raw):
                await self.delete(raw.decode())

    async def _queue(self, job: JobKeys) -> str:
        return queue_of(await self._client.hget(job.hash, "queue"))

    async def _eval(self, name: str, names: list[str], values: list[Any]) -> Any:
        return await self._client.register_script(script(name))(keys=names, args=values)

    def _unknown(self, job_id: str) -> FoldscapeError:
        raise NotImplementedError


def read_hash(job_id: str, raw: dict[bytes, bytes]) -> dict[str, Any]:
    """Read the hash of a job.

    Args:
        job_id: The job.
        raw: Its fields.

    Returns:
        Its fields with their types.
    """
    text = {key.decode(): value.decode() for key, value in raw.items()}
    return {
        "id": job_id,
        "cells": int(text.get("cells") or 0),
        "kind": text.get("kind", ""),
        "device": text.get("device", "cpu"),
        "queue": queue_of(text.get("queue")),
        "spec": orjson.loads(text["spec"]),
        **{name: text.get(name, "") for name in WORDS},
        **{name: int(text[name]) if text.get(name) else None for name in NUMBERS},
        "share": float(text.get("share") or 0),
        "left_s": float(text["left_s"]) if text.get("left_s") else None,
        ESTIMATE: float(text[ESTIMATE]) if text.get(ESTIMATE) else None,
        "stopping": "stop" in text and text.get("state") == "running",
        "findings": orjson.loads(text.get("findings") or "[]"),
    }
