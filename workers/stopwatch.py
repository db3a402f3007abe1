"""What measuring costs a run: the processor time of its probes, beside all the time in which it is not paused.

A probe that waits for a core which others use costs nothing by itself, so a busy machine makes no probe dear.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

HALF_LIFE = 4.0
"""Seconds after which what was seen counts half, so that a change of probes soon shows."""


class Stopwatch:
    """Times the probes of a run; it decides nothing."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        self._probes = self._wall = self._spent = 0.0
        self._since: float | None = None

    @contextmanager
    def timing(self, kind: str) -> Iterator[None]:
        """Time one measurement by a probe of a kind."""
        began = time.thread_time()
        yield
        took = time.thread_time() - began
        self._last[kind] = 1e3 * took
        self._spent += took

    def runs(self, now: float) -> None:
        """Note that the run has been going until now (s)."""
        if self._since is not None:
            elapsed = now - self._since
            kept = 0.5 ** (elapsed / HALF_LIFE)
            self._wall = self._wall * kept + elapsed
            self._probes = self._probes * kept + self._spent
            self._spent = 0.0
        self._since = now

    def rests(self) -> None:
        """Note that the run is paused."""
        self._since = None

    @property
    def share(self) -> float:
        """Share of the time that measuring takes; 0 before anything was timed."""
        return min(1.0, self._probes / self._wall) if self._wall else 0.0

    def fields(self) -> dict[str, Any]:
        """Give what the run's summary says: the share of time that probes take, and ms of the last measurement each."""
        if not self._wall:
            return {}
        rounded = {kind: float(f"{ms:.3g}") for kind, ms in self._last.items()}
        return {"probe_share": f"{self.share:.3g}", "probe_ms": json.dumps(rounded)}
