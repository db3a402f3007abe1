"""The checkpoints of a live run: when one is due, and that Redis has every event before it."""

from __future__ import annotations

import logging
import time
from typing import Any, Protocol

from foldscape.wire import Packed
from workers.checkpoints import Store
from workers.live.exchange import Exchange
from workers.pacing import PacedPosition
from workers.run_log.away import AWAY
from workers.run_log.lease import AcquiredRun, Lease
from workers.run_log.outbox import EMPTY
from workers.settings import Settings

log = logging.getLogger(__name__)


class Computing(Protocol):
    """What is needed of a loop."""

    @property
    def position(self) -> Any:
        """Where it is."""

    def snapshot(self, with_past: bool = True) -> Any:
        """Give everything it needs to go on, and to take back growths if asked for."""


class Saving:
    """Stores where one run is.

    Args:
        lease: Our hold on the run.
        found: What was found when it was taken.
        settings: How often, and how large a frame's snapshot may be.
        store: Where checkpoints go.
        exchange: Its talk with Redis.
        effective: Id of the last command whose effect the loop holds.
    """

    def __init__(
        self, lease: Lease, found: AcquiredRun, settings: Settings, store: Store, exchange: Exchange, effective: str
    ) -> None:
        self.loop: Computing | None = None
        self.effective = effective
        self._lease, self._settings, self._store, self._exchange = lease, settings, store, exchange
        self._attempt = found.attempt
        self._next = time.monotonic() + settings.checkpoint_seconds
        self._saved_at: tuple[int, str] | None = None
        self._snapshots_fit = True
        self._disk_words = ""

    def for_frame(self) -> Packed:
        """Give a snapshot from which a run can be forked at a frame; empty once they are too large."""
        if self.loop is None or not self._snapshots_fit:
            return EMPTY
        packed: Packed = self.loop.snapshot(with_past=False).pack()
        self._snapshots_fit = len(packed.head) + len(packed.body) <= self._settings.frame_snapshot_kb * 1e3
        return packed if self._snapshots_fit else EMPTY

    def when_due(self, position: PacedPosition, now: float) -> None:
        """Store where the run is, if it is time and Redis is there."""
        if now >= self._next and not self._exchange.is_away:
            self.if_changed(position)

    def if_changed(self, position: PacedPosition) -> None:
        """Store where the run is, unless that is stored already; a Redis that is away is asked again later."""
        if self._saved_at == (position.step, self.effective):
            return
        try:
            self.now(position)
        except AWAY as error:
            self._exchange.missed(error)

    def keep_last(self, position: PacedPosition) -> None:
        """Keep the net of a run that is done, where it is too large for the frames: with its last checkpoint."""
        if not self._snapshots_fit:
            self.now(position, kept=1)

    def now(self, position: PacedPosition, kept: int = 0) -> None:
        """Store where the run is; only called where all events up to here have come out of the loop.

        Args:
            position: Where it is.
            kept: 1 where it stays when the run is done.

        Raises:
            Fenced: When the run is no longer ours.
        """
        if self.loop is None:
            return
        # What came out before the checkpoint would never come out again, so Redis must have it first.
        self._exchange.flush(position)
        self._next = time.monotonic() + self._settings.checkpoint_seconds
        name = f"{position.step}-{self._attempt}-{self.effective}"
        try:
            where = self._store.write(self._lease.run_id, name, self.loop.snapshot().pack())
        except OSError as error:
            log.warning("run %s: its checkpoint could not be written (%s)", self._lease.run_id, error)
            self._say(f"Its checkpoint could not be written ({error.strerror}); the one before stands.")
            return
        self._say("")
        fields = {"step": position.step, "attempt": self._attempt, "applied": self.effective, "kept": kept, **where}
        replaced = self._lease.checkpoint(fields)
        self._saved_at = (position.step, self.effective)
        if replaced != where["place"]:
            self._store.forget(replaced)

    def _say(self, words: str) -> None:
        """Say with the next exchange that checkpoints fail, and that they no longer do."""
        if words != self._disk_words:
            self._disk_words = words
            self._exchange.say(words)
