"""The life of one worker process: the runs it holds, its sign of life, and its end."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Protocol

import redis

from workers import keys
from workers.run_log.away import AWAY
from workers.run_log.connect import Client, connect
from workers.run_log.scripts import script
from workers.settings import Settings
from workers.turns import Turns

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25


class Hold(Protocol):
    """What is renewed while a run or a study is computed."""

    token: str

    def renew(self) -> bool:
        """Renew it; tell whether it is still ours."""


class Holder(Protocol):
    """Who computes under a hold."""

    def drain(self) -> None:
        """Hand over soon, for this worker ends."""

    def lose(self) -> None:
        """Stop: the hold is gone."""


def drain_key(host: str, pid: int) -> str:
    """Key by which a worker's first process tells its children to leave their runs."""
    return f"fs:drain:{host}:{pid}"


class WorkerProcess:
    """What all runs of a process share.

    Args:
        settings: The settings of this process.
        parent: Pid of the worker's first process when this is one of its children.
    """

    def __init__(self, settings: Settings, parent: int | None = None) -> None:
        self.settings = settings
        self.host = socket.gethostname()
        self.client: Client = connect(settings)
        self._say = self.client.register_script(script("beat"))
        self.id = f"{settings.worker_queue}-{self.host}-{os.getpid()}"
        self.draining = False
        self.turns = Turns()
        self._parent = parent
        self._held: dict[str, tuple[Hold, Holder]] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._live, name="foldscape-life", daemon=True)
        self._device = "cpu"
        self._ready = False

    def start(self) -> None:
        """Begin to show signs of life and to renew leases."""
        self._thread.start()

    def is_ready(self, device: str) -> None:
        """Say from now on that this worker takes runs.

        Args:
            device: What it computes on.
        """
        self._device, self._ready = device, True
        with contextlib.suppress(*AWAY):
            self._beat()

    def stop(self) -> None:
        """End the signs of life."""
        self._ended.set()

    def drain(self) -> None:
        """Let every run go, and take no new ones. Called from a signal handler: takes no lock."""
        self.draining = True
        for _, controller in list(self._held.values()):
            controller.drain()

    @contextlib.contextmanager
    def holding(self, lease: Hold, controller: Holder) -> Iterator[None]:
        """Renew the lease of a run or a study while it is computed."""
        self._held[lease.token] = (lease, controller)
        try:
            if self.draining:
                controller.drain()
            yield
        finally:
            del self._held[lease.token]

    def _live(self) -> None:
        interval = min(TICK_SECONDS, self.settings.lease_ms / 4000)
        next_beat = next_renewal = 0.0
        while not self._ended.wait(interval):
            now = time.monotonic()
            try:
                if now >= next_renewal:
                    self._renew()
                    next_renewal = now + self.settings.lease_ms / 4000
                if now >= next_beat:
                    next_beat = now + self.settings.heartbeat_seconds
                    self._beat()
                if self._parent and not self.draining and self.client.exists(drain_key(self.host, self._parent)):
                    self.drain()
            except AWAY:
                continue
            except Exception:
                log.exception("the worker's sign of life failed; it goes on")

    def _beat(self) -> None:
        settings = self.settings
        interactive = settings.worker_queue == "interactive"
        told = {
            "queue": settings.worker_queue,
            "host": self.host,
            "pid": os.getpid(),
            "runs": len(self._held),
            "slots": settings.interactive_threads if interactive else 1,
            "heartbeat": time.time_ns() // 1_000_000,
            "device": self._device,
            "ready": int(self._ready),
            "threads": 1 if interactive else settings.batch_threads,
        }
        lasting = max(2, round(3 * settings.heartbeat_seconds))
        flat = [word for pair in told.items() for word in pair]
        self._say(keys=[keys.worker_key(self.id), keys.WORKERS], args=[self.id, lasting, *flat])

    def _renew(self) -> None:
        for lease, controller in list(self._held.values()):
            if not lease.renew() and lease.token in self._held:
                controller.lose()

    def say_goodbye(self) -> None:
        """Take the sign of life away."""
        with contextlib.suppress(redis.RedisError):
            self.client.delete(keys.worker_key(self.id))
