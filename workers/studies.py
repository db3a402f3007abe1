"""Carry one study out: take it, compute, say what it says, give it back. Any kind of study, by its spec."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import orjson
from pydantic import TypeAdapter

from foldscape.errors import FoldscapeError
from foldscape.studies import Study, StudySpec, Told
from workers.advance import LOG_LINES
from workers.life import Life
from workers.live import AWAY
from workers.run_log.lease import Fenced
from workers.states import State
from workers.study_lease import StudyLease

log = logging.getLogger(__name__)

SECONDS_BETWEEN = 0.1
"""Least time between two words of a study; a request to stop is heard as often."""
RETRY_SECONDS = 0.5

spec_adapter: TypeAdapter[Study] = TypeAdapter(StudySpec)


class AskedToStop(Exception):
    """Somebody asked the study to stop."""


class LeftAlone(Exception):
    """This worker ends; another begins the study again."""


def carry_out(life: Life, study_id: str) -> None:
    """Compute a study until it is over, stopped, taken by another worker or until this worker ends.

    A worker's death costs the work done: a study is a pure function of its spec, so another begins it from the start
    and comes to the same bits.
    """
    if life.draining:
        return
    lease = StudyLease(life.client, study_id, life.settings.lease_ms)
    taken = lease.take(life.id, life.settings.max_attempts)
    if taken is None:
        return
    speaker = Speaker(lease)
    try:
        with life.holding(lease, speaker):
            study = spec_adapter.validate_json(taken.spec)
            for told in study.run(life.settings.study_threads or None):
                speaker.hear(told)
            speaker.end(State.DONE)
    except Fenced:
        log.info("study %s goes on elsewhere, or is over", study_id)
    except AskedToStop:
        speaker.end(State.STOPPED, reason="command", message="Stopped; the rows stand as they were then.")
    except LeftAlone:
        speaker.end(State.QUEUED, sent=0, message="Its worker ended; it begins again from the start.")
    except Exception as error:
        log.exception("study %s failed", study_id)
        speaker.end(State.FAILED, **_reason(error))


class Speaker:
    """Brings what a study says to Redis, at most ten times a second; what Redis missed is said with the next word.

    Args:
        lease: The hold on the study.
    """

    def __init__(self, lease: StudyLease) -> None:
        self._lease = lease
        self._began = time.monotonic()
        self._next = 0.0
        self._rows: dict[str, str] = {}
        self._leave = threading.Event()
        self._lost = threading.Event()

    def drain(self) -> None:
        """Hand the study over soon; called from another thread or a signal handler."""
        self._leave.set()

    def lose(self) -> None:
        """Stop: the hold is gone."""
        self._lost.set()

    def hear(self, told: Told) -> None:
        """Take one word of the study.

        Raises:
            Fenced: When the study is no longer ours.
            AskedToStop: When somebody asked it to stop.
            LeftAlone: When this worker ends.
        """
        self._check()
        plain = told.model_dump(mode="json")
        self._rows |= {row["key"]: orjson.dumps(row).decode() for row in plain["rows"]}
        if told.share == 1:
            self._persist(lambda: self._say(told, plain))
        elif time.monotonic() >= self._next:
            try:
                self._say(told, plain)
            except AWAY as error:
                log.warning("Redis does not answer (%s); the study goes on", error)
                self._next = time.monotonic() + RETRY_SECONDS

    def end(self, state: State, **fields: Any) -> None:
        """End the study or leave it to others."""
        self._persist(lambda: self._lease.leave(state, **fields))

    def _say(self, told: Told, plain: dict[str, Any]) -> None:
        fields = {"share": f"{told.share:.6f}", "doing": told.doing, "left_s": self._left(told.share)}
        if told.findings:
            fields |= {"findings": orjson.dumps(plain["findings"]).decode(), "verdict": told.verdict}
        rows = "[" + ",".join(self._rows.values()) + "]"
        head = orjson.dumps({**fields, "share": told.share, "findings": plain["findings"]}).decode()
        asked = self._lease.tell(f'{head[:-1]},"rows":{rows}}}', fields, self._rows)
        self._rows = {}
        self._next = time.monotonic() + SECONDS_BETWEEN
        if asked and told.share < 1:
            raise AskedToStop

    def _left(self, share: float) -> str:
        spent = time.monotonic() - self._began
        return f"{spent * (1 - share) / share:.1f}" if share > 0.005 else ""

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
            raise Fenced(self._lease.study.id)
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
