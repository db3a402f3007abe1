"""The reaper of one of the web processes: brings back what has lost its worker, thins long runs, forgets old ones."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from typing import Any

import redis.exceptions

from foldscape.errors import RunNotFound
from workers import keys
from workers.broker import JOB_QUEUES
from workers.ensemble_log import EnsembleLog
from workers.keys import RunKeys
from workers.landscape_log import LandscapeLog
from workers.run_log.away import Full
from workers.run_log.connect import Client, broker_client
from workers.run_log.scripts import script
from workers.run_log.web import OVER_LIST, RunLog
from workers.settings import Settings
from workers.states import OVER
from workers.study_log import StudyLog
from workers.sweep_log import SweepLog
from workers.thinning import Thinner

log = logging.getLogger(__name__)

FORGET_SECONDS = 15.0


class Reaper:
    """Looks after the runs that should be advanced.

    Args:
        run_log: The run log.
        settings: The settings of this process.
    """

    def __init__(self, run_log: RunLog, settings: Settings) -> None:
        self._log, self._settings = run_log, settings
        self._client: Client = run_log.client
        self._broker: Client = broker_client(settings)
        self._jobs = [sort(run_log.client, run_log.sender) for sort in (StudyLog, LandscapeLog, EnsembleLog, SweepLog)]
        self._token = secrets.token_hex(8)
        self._scripts = {name: self._client.register_script(script(name)) for name in ("settle", "lead")}
        self.thinner = Thinner(self._client, settings)
        self._forget_at = 0.0

    async def run(self) -> None:
        """Do a round every second until cancelled; an outage of Redis only delays it."""
        task = asyncio.current_task()
        try:
            # redis-py may swallow a cancellation that meets it in mid-command; the task still knows of it.
            while task is None or not task.cancelling():
                try:
                    if await self._leads():
                        await self.round()
                except (redis.exceptions.RedisError, OSError) as error:
                    log.warning("the reaper could not reach Redis: %s", error)
                except Exception:
                    log.exception("a round of the reaper failed")
                await asyncio.sleep(self._settings.reaper_seconds)
        finally:
            await self.close()

    async def close(self) -> None:
        """Close the connection to the broker."""
        await self._broker.aclose()

    async def round(self) -> None:
        """Look after every run, every study, every landscape and every sweep once."""
        for raw in await self._client.smembers(keys.ACTIVE):
            with contextlib.suppress(Full):
                await self._look_after(raw.decode())
        for jobs in self._jobs:
            with contextlib.suppress(Full):
                waiting = {name: int(await self._broker.llen(name)) for name in JOB_QUEUES.values()}
                await jobs.look_after(waiting, self._settings.lease_ms)
        if time.monotonic() >= self._forget_at:
            self._forget_at = time.monotonic() + FORGET_SECONDS
            await self.forget_old_runs()

    async def _leads(self) -> bool:
        term = int(max(3 * self._settings.reaper_seconds, 1) * 1000)
        return bool(await self._scripts["lead"](keys=[keys.REAPER], args=[self._token, term]))

    async def _look_after(self, run_id: str) -> None:
        run, settings = RunKeys(run_id), self._settings
        answer = await self._scripts["settle"](
            keys=[run.hash, run.lease, run.commands, keys.ACTIVE, keys.CHANGES],
            args=[run_id, OVER_LIST, int(settings.lost_seconds * 1000)],
        )
        await self.thinner.look_after(run, is_over=answer[0] == b"over")
        if answer[0] == b"idle":  # last, for a full Redis refuses it
            await self._send_again(run, silent_ms=int(answer[1]), worker_died=bool(answer[2]))

    async def _send_again(self, run: RunKeys, *, silent_ms: int, worker_died: bool) -> None:
        """Send a run's message unless one is surely on its way.

        The message that a dead worker took is gone. Otherwise one may still wait behind others, so another is only sent
        when the queue is empty and a worker has had time to take the run.
        """
        queue = (await self._client.hget(run.hash, "queue") or b"").decode()
        if not worker_died and (silent_ms < self._settings.lease_ms or await self._broker.llen(queue)):
            return
        seconds, micros = await self._client.time()
        await self._client.hset(run.hash, "sent", seconds * 1000 + micros // 1000)
        await self._log.sender.send_async(run.id, queue)
        log.info("run %s was sent to the %s workers again", run.id, queue)

    async def forget_old_runs(self) -> int:
        """Forget the oldest runs from the Play page that nobody named, tagged or noted; gives how many."""
        most = self._settings.play_runs_kept
        with contextlib.suppress(Full):
            if await self._client.hget(keys.FORGOTTEN, "kept") != b"%d" % most:
                await self._client.hset(keys.FORGOTTEN, "kept", most)
        ids = [raw.decode() for raw in await self._client.zrange(keys.RUNS, 0, -1)]
        if len(ids) <= most:
            return 0
        async with self._client.pipeline(transaction=False) as pipe:
            for run_id in ids:
                pipe.hmget(RunKeys(run_id).hash, "origin", "state", "named", "tags", "notes")
                pipe.exists(RunKeys(run_id).lease)
            rows = await pipe.execute()
        loose = [
            (run_id, row[1])
            for run_id, row, leased in zip(ids, rows[::2], rows[1::2], strict=True)
            if row[0] == b"play" and not leased and not row[2] and row[3] in (None, b"", b"[]") and not row[4]
        ]
        surplus = loose[: max(0, len(loose) - most)]
        forgotten = [run_id for run_id, state in surplus if _may_go(state)]
        for run_id in forgotten:
            with contextlib.suppress(RunNotFound):
                await self._log.delete(run_id)
        if forgotten:
            with contextlib.suppress(Full):
                await self._client.hincrby(keys.FORGOTTEN, "forgotten", len(forgotten))
        return len(forgotten)


def _may_go(state: Any) -> bool:
    return state is not None and state.decode() in {*OVER, "paused"}
