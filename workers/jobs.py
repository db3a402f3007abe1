"""Carry one job out: take it, compute, say what it says, give it back. Any sort of job, by the words it says."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from foldscape.errors import FoldscapeError
from foldscape.progress import Progress
from workers.advance import LOG_LINES
from workers.job_lease import AcquiredJob, JobLease
from workers.process import WorkerProcess
from workers.run_log.away import AWAY, Full
from workers.run_log.lease import Fenced
from workers.states import State

log = logging.getLogger(__name__)

SECONDS_BETWEEN = 0.1
"""Least time between two words of a job; a request to stop is heard as often."""
RETRY_SECONDS = 0.5


class AskedToStop(Exception):
    """Somebody asked the job to stop."""


class LeftAlone(Exception):
    """This worker ends; another takes the job."""


def carry(
    life: WorkerProcess, lease: JobLease, work: Callable[[AcquiredJob], Iterator[Progress]], stopped: str, left: str
) -> None:
    """Compute a job until it is over, stopped, taken by another worker or until this worker ends.

    Args:
        life: The life of this process.
        lease: The hold on the job, not yet taken.
        work: Computes it, and says how far it is.
        stopped: What is said of it when somebody stopped it.
        left: What is said of it when this worker ends.
    """
    if life.draining:
        return
    try:
        taken = lease.take(life.id, life.settings.max_attempts)
    except AWAY as error:
        log.warning("%s %s cannot be taken now (%s)", lease.job.sort, lease.job.id, error)
        return
    if taken is None:
        return
    reporter = JobReporter(lease)
    try:
        with life.holding(lease, reporter):
            for told in work(taken):
                reporter.hear(told)
            reporter.end(State.DONE)
    except Fenced:
        log.info("%s %s goes on elsewhere, or is over", lease.job.sort, lease.job.id)
    except AskedToStop:
        reporter.end(State.STOPPED, reason="command", message=stopped)
    except LeftAlone:
        reporter.end(State.QUEUED, sent=0, message=f"Its worker ended; {left}")
    except AWAY as error:
        reporter.end(State.QUEUED, sent=0, message=f"Redis did not answer ({error}); {left}")
    except Exception as error:
        if not isinstance(error, FoldscapeError):
            log.exception("%s %s failed", lease.job.sort, lease.job.id)
        reporter.end(State.FAILED, **_reason(error))


class JobReporter:
    """Brings what a job says to Redis, at most ten times a second; what Redis missed is said with the next word.

    Args:
        lease: The hold on the job.
    """

    def __init__(self, lease: JobLease) -> None:
        self._lease = lease
        self._began = time.monotonic()
        self._first: float | None = None
        self._next = 0.0
        self._rows: dict[str, str] = {}
        self._leave = threading.Event()
        self._lost = threading.Event()

    def drain(self) -> None:
        """Hand the job over soon; called from another thread or a signal handler."""
        self._leave.set()

    def lose(self) -> None:
        """Stop: the hold is gone."""
        self._lost.set()

    def hear(self, told: Progress) -> None:
        """Take what the job says.

        Raises:
            Fenced: When the job is no longer ours.
            AskedToStop: When somebody asked it to stop.
            LeftAlone: When this worker ends.
        """
        self._check()
        self._rows |= {row.key: row.as_json() for row in told.rows}
        if self._first is None:
            self._first = told.share
        if told.share < 1 and time.monotonic() < self._next:
            return
        try:
            self._say(told)
        except Full as error:
            self._wait_for_room(told, error)
        except AWAY as error:
            log.warning("Redis does not answer (%s); the job goes on", error)
            self._next = time.monotonic() + RETRY_SECONDS
            if told.share == 1:
                self._persist(lambda: self._say(told))

    def end(self, state: State, **fields: Any) -> None:
        """End the job or leave it to others."""
        self._persist(lambda: self._lease.leave(state, **fields))

    def _say(self, told: Progress) -> None:
        left, also = self._left(told.share), told.also()
        kept = {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in also.items()}
        fields = {"share": f"{told.share:.6f}", "doing": told.doing, "left_s": left, **kept}
        rows = "[" + ",".join(self._rows.values()) + "]"
        said = {"share": told.share, "doing": told.doing, "left_s": left, **also}
        asked = self._lease.tell(f'{orjson.dumps(said).decode()[:-1]},"rows":{rows}}}', fields, self._rows)
        self._rows = {}
        self._next = time.monotonic() + SECONDS_BETWEEN
        if asked and told.share < 1:
            raise AskedToStop

    def _wait_for_room(self, progress: Progress, error: Full) -> None:
        """Compute nothing more until Redis takes what there is to say."""
        told = {"share": progress.share, "doing": f"Waiting: {error.words} {error.hint}", "left_s": ""}
        with contextlib.suppress(*AWAY):
            self._lease.tell(orjson.dumps({**told, "rows": []}).decode(), told, {}, although_full=True)
        while True:
            self._check()
            try:
                return self._say(progress)
            except AWAY:
                self._lost.wait(RETRY_SECONDS)

    def _left(self, share: float) -> str:
        """Give the seconds left at the rate of this attempt, which may have begun in the middle."""
        spent, done = time.monotonic() - self._began, share - (self._first or 0)
        return f"{spent * (1 - share) / done:.1f}" if done > 0.005 else ""

    def _persist(self, say: Callable[[], None]) -> None:
        """Say something that must not get lost, however long Redis is away."""
        while not self._lost.is_set():
            try:
                say()
                return
            except AWAY as error:
                log.warning("Redis does not answer (%s); asking again", error)
                self._lost.wait(RETRY_SECONDS)

    def _check(self) -> None:
        if self._lost.is_set():
            raise Fenced(self._lease.job.id)
        if self._leave.is_set():
            raise LeftAlone


def _reason(error: Exception) -> dict[str, str]:
    told = isinstance(error, FoldscapeError)
    lines = "".join(traceback.format_exception(error)).splitlines()[-LOG_LINES:]
    return {
        "reason": getattr(error, "code", "error"),
        "message": str(error) if told else f"{type(error).__name__}: {error}",
        "log": "" if told else "\n".join(lines),
    }
