"""Advance one run: take it, compute, publish, give it back. Only here is the library of the science imported."""

from __future__ import annotations

import contextlib
import logging
import time
import traceback
from typing import Any

from foldscape.errors import FoldscapeError
from foldscape.spec import RunSpec
from foldscape.stored import accepted_today
from workers.checkpoints import Store
from workers.live import Draining, LiveController
from workers.process import WorkerProcess
from workers.run_log.away import AWAY
from workers.run_log.connect import connect_alone
from workers.run_log.lease import AcquiredRun, Fenced, Lease
from workers.states import State

log = logging.getLogger(__name__)

LOG_LINES = 12
"""Lines of a traceback that a failed run keeps."""


def advance(life: WorkerProcess, run_id: str) -> None:
    """Bring a run on until it is over, parked, taken by another worker or until this worker ends."""
    if life.draining:
        return
    with contextlib.closing(connect_alone(life.settings)) as line:
        _advance(life, Lease(line, run_id, life.settings.lease_ms, renewing=life.client))


def _advance(life: WorkerProcess, lease: Lease) -> None:
    settings, run_id = life.settings, lease.run_id
    try:
        found = lease.acquire(life.id, settings.worker_queue, settings.max_attempts)
    except AWAY as error:
        log.warning("run %s cannot be taken now (%s); the reaper sends it again", run_id, error)
        return
    if found is None:
        return
    loop: Any = None
    controller: LiveController | None = None
    seat = life.turns.seat()
    try:
        spec = accepted_today(RunSpec, found.spec)
        store = Store(settings)
        controller = LiveController(lease, found, spec, settings, store, seat)
        with life.holding(lease, controller):
            loop = open_loop(spec, found, store)
            controller.loop = loop
            loop.timing = controller.stopwatch.timing
            loop.clock = time.perf_counter
            _compute(loop, controller)
    except Fenced:
        log.info("run %s goes on elsewhere, or is over", run_id)
    except Exception as error:
        log.exception("run %s failed", run_id)
        _fail(lease, controller, loop, error)
    finally:
        seat.leave()


def open_loop(spec: RunSpec, found: AcquiredRun, store: Store) -> Any:
    """Make the loop of a run, from its checkpoint if it has one."""
    from foldscape.start import StartNet
    from foldscape.training import Loop, Snapshot

    packed = store.read(found.checkpoint)
    first = StartNet.unpack(found.start).net if found.start else None
    return Loop(spec, Snapshot.unpack(*packed) if packed else None, first)


def _compute(loop: Any, controller: LiveController) -> None:
    try:
        for event in loop.events(controller):
            controller.emit(event)
    except Draining:
        controller.leave(loop.position)
    else:
        controller.finish(loop.position)


def _fail(lease: Lease, controller: LiveController | None, loop: Any, error: Exception) -> None:
    """End the run as failed, with what is known of why."""
    told = isinstance(error, FoldscapeError)
    ending = controller.ending if controller else None
    reason = ending.reason if ending and ending.reason else getattr(error, "code", "error")
    fields = {
        "reason": reason,
        "message": str(error) if told else f"{type(error).__name__}: {error}",
        "log": "" if told else "\n".join("".join(traceback.format_exception(error)).splitlines()[-LOG_LINES:]),
    }
    try:
        if controller:
            controller.end(State.FAILED, loop.position if loop else None, **fields)
        else:
            lease.end(State.FAILED, **fields)
    except (Fenced, *AWAY):
        log.warning("run %s: its failure could not be recorded", lease.run_id)
