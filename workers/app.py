"""The Celery app of the workers: ``celery -A workers.app worker``; ``foldscape worker`` gives it the right flags."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Any

import redis
from celery import signals

from foldscape.hosting import Allowed, confine
from workers.broker import celery_app
from workers.process import WorkerProcess, drain_key
from workers.run_log.connect import connect
from workers.settings import settings

app = celery_app(settings())
_lives: list[WorkerProcess] = []
BEHIND = 10
"""Niceness of batch work."""


def worker_process() -> WorkerProcess:
    """Give the life of this process."""
    return _lives[0]


def _be_born(threads: int, parent: int | None = None) -> None:
    """Say that it warms up, warm up, then say that it is ready."""
    from foldscape.device import limit_threads
    from workers import warm

    queue = settings().worker_queue
    confine(Allowed.of(settings().modules))
    limit_threads(threads)
    _lives.append(WorkerProcess(settings(), parent))
    _lives[0].start()
    warm.load_first()
    _lives[0].is_ready(warm.name_of_device(has_gpu=queue == "gpu"))
    warm.warm_rest(measures_landscapes=not _is_interactive())


def _is_interactive() -> bool:
    return settings().worker_queue == "interactive"


@signals.worker_init.connect  # type: ignore[untyped-decorator]
def _begin(**_: Any) -> None:
    """Warm up before the first message when the runs are threads of this very process."""
    if _is_interactive():
        _be_born(threads=1)


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
def _begin_child(**_: Any) -> None:
    """Warm up a freshly spawned child of a batch or gpu worker, which lets runs that somebody watches go first."""
    os.nice(BEHIND)
    _be_born(settings().batch_threads, parent=os.getppid())


@signals.worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _end(**_: Any) -> None:
    """Let the runs go: at once when they are ours, by a key when they are our children's."""
    for one in _lives:
        one.drain()
    if not _is_interactive():
        # A connection of its own: this runs inside a signal handler, where the pool's lock may be held.
        with contextlib.suppress(redis.RedisError), connect(settings()) as client:
            client.set(drain_key(socket.gethostname(), os.getpid()), 1, ex=120)


@signals.worker_process_shutdown.connect  # type: ignore[untyped-decorator]
@signals.worker_shutdown.connect  # type: ignore[untyped-decorator]
def _gone(**_: Any) -> None:
    for one in _lives:
        one.stop()
        one.say_goodbye()
