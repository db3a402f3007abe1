"""The controller of a live run: between the loop that computes and the log in Redis that remembers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any, Protocol

from foldscape.commands import Cadence, Command, Spare
from foldscape.events import FRAME_KINDS, Event, Grown, Metrics, Status
from foldscape.spec import RunSpec
from foldscape.wire import Packed
from workers.checkpoints import Store
from workers.headline import Headline
from workers.keys import id_pair
from workers.pacing import Pacer, Position, Sparing, Steering
from workers.replay import Replay
from workers.run_log.away import AWAY, Full
from workers.run_log.connect import BLOCK_MS
from workers.run_log.lease import Fenced, Found, Lease, Recorded
from workers.run_log.outbox import EMPTY, Batch, Outbox
from workers.settings import Settings
from workers.states import State
from workers.stopwatch import Stopwatch
from workers.turns import Seat, Turns

log = logging.getLogger(__name__)

REDIS_FULL = "redis_full"
"""Why a run rests that nobody paused: see ``become`` in ``lua/common.lua``."""

FIELDS_SECONDS = 0.25
FRAME_HASTE = 0.7
"""Share of the time between two exchanges that a frame does not wait."""
FIRST_RETRY, LAST_RETRY = 0.05, 1.0


class Draining(Exception):
    """The worker ends; the run goes on elsewhere."""


class Computing(Protocol):
    """What the controller needs of a loop."""

    @property
    def position(self) -> Any:
        """Where it is."""

    def snapshot(self, with_past: bool = True) -> Any:
        """Give everything it needs to go on, and to take back growths if asked for."""


class Controller:
    """Hands commands to a loop and its events to the log.

    Args:
        lease: Our hold on the run.
        found: What was found when it was taken.
        spec: The run's spec.
        settings: The settings of this process.
        store: Where checkpoints go.
        seat: The run's claim to compute beside others; one of its own when not given.
    """

    def __init__(
        self, lease: Lease, found: Found, spec: RunSpec, settings: Settings, store: Store, seat: Seat | None = None
    ) -> None:
        self.loop: Computing | None = None
        self.parked = False
        self.lost_hold = False
        self.ending: Status | None = None
        self.stopwatch = Stopwatch()
        self._seat = seat or Turns().seat()
        self._lease, self._found, self._spec, self._settings, self._store = lease, found, spec, settings, store
        self._outbox = Outbox(*found.last)
        self._published = max(map(id_pair, found.last))
        self._headline = Headline(found.best_accuracy)
        saved = found.checkpoint
        self._replay = Replay(found.record, saved.get("applied", b"0-0").decode())
        self._effective = self._before_taking = self._replay.effective
        self._state = found.state
        self._pacer = Pacer()
        self._sparing = Sparing()
        self._steering = Steering(settings.frames_per_second) if spec.queue == "interactive" else None
        self._advice: list[str] = []
        self._wake = threading.Event()
        self._draining = False
        self._retry: float | None = None
        self._full = False
        self._disk_words = ""
        self._next_exchange = 0.0
        self._next_fields = 0.0
        self._next_checkpoint = time.monotonic() + settings.checkpoint_seconds
        self._saved_at: tuple[int, str] | None = None
        self._paused_since: float | None = None
        self._rate_from: tuple[float, int] | None = None
        self._keep_next_frame = True
        self._snapshots_fit = True

    # -- called by the loop ---------------------------------------------------------------------------------------

    def take(self, position: Position) -> Sequence[Command]:
        """Give the commands that take effect now; wait while the run is paused or ahead of its pace."""
        with self._seat.away():
            return self._take(position)

    def _take(self, position: Position) -> Sequence[Command]:
        now = time.monotonic()
        self._pacer.back(position.step, now)
        self.stopwatch.runs(now)
        self.ending = None  # a stop that was resumed has been told, and the run goes on behind it
        if not self._replay.is_over or self._is_behind(position):
            return self._take_recorded(position, now)
        while True:
            self._check_hold()
            now = time.monotonic()
            if self._draining:
                raise Draining(self._lease.run_id)
            if position.paused:
                commands = self._take_paused(position, now)
                if commands or self.parked:
                    return commands
                continue
            self._paused_since = None
            if now >= self._next_exchange and (commands := self._exchange(position, now)):
                return self._before(commands, position)
            self._checkpoint_when_due(position, now)
            if self._full or self._outbox.size > self._settings.buffer_mb * 1e6:
                self._rest()
                self._wake.wait(max(0.001, self._next_exchange - time.monotonic()))
                continue
            now = time.monotonic()
            delay = self._pacer.delay(position, now)
            if delay <= 0:
                return ()
            self._wake.wait(min(delay, max(0.001, self._next_exchange - now)))

    def allowance(self, position: Position) -> int:
        """Give how many updates may be done before the next ``take``."""
        now = time.monotonic()
        most = self._pacer.allowance(position, now)
        return self._replay.allowance(position.step, most)

    # -- called by the task ---------------------------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        """Take an event of the loop."""
        snapshot = EMPTY
        if event.kind in FRAME_KINDS and self._outbox.wants(event):
            snapshot = self._snapshot_for_frame()
        self._outbox.add(event, snapshot)
        self._headline.add(event)
        if event.kind in FRAME_KINDS and self._retry is None:
            # A frame leaves at once: two that share an exchange would be seen as one.
            self._next_exchange -= self._settings.flush_ms / 1000 * FRAME_HASTE
        if event.kind in FRAME_KINDS and self._keep_next_frame:
            self._outbox.keep_newest_frame()
            self._keep_next_frame = False
        if isinstance(event, Metrics) and self._steering:
            self._steering.measured()
        elif isinstance(event, Grown):
            self._outbox.keep_newest_frame()
            self._keep_next_frame = True
        elif isinstance(event, Status) and State(event.state).is_over:
            self.ending = event

    def finish(self, position: Position) -> None:
        """Send what is left and end the run, or leave it when it was parked."""
        if self.parked:
            return
        told = self.ending or Status(step=position.step, seq=0, state="done")
        self.end(State(told.state), position, reason=told.reason, message=told.message)

    def end(self, state: State, position: Position | None, **fields: Any) -> None:
        """Send what is left, end the run and give it back; waits until Redis has everything."""
        self._outbox.keep_newest_frame()
        if position is not None:
            self._flush(position)
            fields = {**self.stopwatch.fields(), **self._headline.take(), "step": position.step, **fields}
        while True:
            self._check_hold()
            try:
                obsolete = self._lease.end(state, **fields)
            except AWAY as error:
                self._is_away(error)
                self._wake.wait(max(0.01, self._next_exchange - time.monotonic()))
            else:
                self._store.forget(obsolete)
                return

    def leave(self, position: Position) -> None:
        """Checkpoint and give the run to another worker, because this one ends."""
        try:
            self._flush(position)
            self._checkpoint(position)
            self._lease.drain()
        except AWAY as error:
            log.warning("run %s could not be handed over (%s); its last checkpoint stands", self._lease.run_id, error)

    def drain(self) -> None:
        """Ask the run to leave this worker at its next step."""
        self._draining = True
        self._wake.set()

    def lose(self) -> None:
        """Note that another worker has the run."""
        self.lost_hold = True
        self._wake.set()

    # -- taking ---------------------------------------------------------------------------------------------------

    def _take_recorded(self, position: Position, now: float) -> Sequence[Command]:
        self._check_hold()
        if self._draining:
            raise Draining(self._lease.run_id)
        if now >= self._next_exchange:
            self._exchange(position, now, take=False)
        commands = self._replay.at(position.step)
        self._effective = self._replay.effective
        self._pacer.rest()
        return commands

    def _is_behind(self, position: Position) -> bool:
        """Whether an earlier worker has told more than this one; a command taken now would rewrite what was published.

        At rest nothing more can come out of the loop, so nothing can be behind.
        """
        return not position.paused and (position.step, position.seq) < self._published

    def _take_paused(self, position: Position, now: float) -> Sequence[Command]:
        if self._paused_since is None:
            self._paused_since = now
            self._next_exchange = min(self._next_exchange, now) if self._retry is None else self._next_exchange
            self._rest()
        if now < self._next_exchange and self._retry is not None:
            self._wake.wait(self._next_exchange - now)
            return ()
        commands = self._exchange(position, now)
        if commands:
            return self._before(commands, position)
        if self._retry is not None:
            return ()
        self._checkpoint_if_changed(position)
        try:
            if now - self._paused_since > self._settings.park_seconds and self._outbox.is_empty:
                self.parked = self._lease.park()
            elif not self._draining:
                self._lease.wait(min(BLOCK_MS, self._settings.lease_ms // 4))
        except AWAY as error:
            self._is_away(error)
        return ()

    def _rest(self) -> None:
        """Count no time in which the run stands still."""
        self._pacer.rest()
        self.stopwatch.rests()
        self._sparing.rest()
        if self._steering:
            self._steering.rest()

    def _before(self, commands: Sequence[Command], position: Position) -> Sequence[Command]:
        """Checkpoint what a stop would end, so that the run can be resumed from just before it."""
        if any(command.kind == "stop" for command in commands):
            effective, self._effective = self._effective, self._before_taking
            self._checkpoint_if_changed(position)
            self._effective = effective
        return commands

    # -- exchanging -----------------------------------------------------------------------------------------------

    def _exchange(self, position: Position, now: float, *, take: bool = True) -> list[Command]:
        state = State.PAUSED if position.paused else State.RUNNING
        if self.ending:
            state = self._state
        if take and self._steering and not position.paused and position.speed is None:
            advised = self._steering.advise(position, now, self.stopwatch.share)
            self._advice = [Cadence(updates=advised).model_dump_json()] if advised else []
        elif take and not position.paused and (factor := self._sparing.advise(position, now)):
            self._advice = [Spare(factor=factor).model_dump_json()]
        fields: dict[str, Any] = {}
        moved = state if state != self._state else None
        if moved or (now >= self._next_fields and not (position.paused and self._outbox.is_empty)):
            told = {**self.stopwatch.fields(), **self._headline.take()}
            fields = {"step": position.step, "rate": self._rate(position, now), **told}
        try:
            if self._retry is not None:
                self._outbox.again()
            taken = self._send(position, take=take, state=state, fields=fields)
        except AWAY as error:
            self._headline.give_back(fields)
            self._is_away(error)
            if isinstance(error, Full):
                self._wait_for_room(position, error)
            return []
        self._is_back()
        self._state = state
        self._advice = []
        if fields:
            self._next_fields = now + FIELDS_SECONDS
        self._next_exchange = now + self._settings.flush_ms / 1000
        self._before_taking = self._effective
        if taken:
            self._effective = taken[-1].id
            self._next_exchange = now  # what the commands do is told as soon as it is done
        return [item.command for item in taken]

    def _send(self, position: Position, *, take: bool, state: State, fields: dict[str, Any]) -> list[Recorded]:
        for batch in self._outbox.all_but_last():
            self._lease.publish(batch, step=position.step, take=False)
            self._outbox.done()
        taken = self._lease.publish(
            self._outbox.first, step=position.step, take=take, pacer=self._advice, state=state, fields=fields
        )
        self._outbox.done()
        return taken

    def _flush(self, position: Position) -> None:
        """Send everything, taking no commands."""
        while not self._outbox.is_empty:
            self._check_hold()
            self._exchange(position, time.monotonic(), take=False)
            if self._retry is not None:
                self._wake.wait(max(0.01, self._next_exchange - time.monotonic()))

    def _is_away(self, error: Exception) -> None:
        if self._retry is None:
            log.warning("run %s: Redis is away (%s); its events wait here", self._lease.run_id, error)
        # At the limit of a memory there is room for moments: a run that took each would stand and go all the time.
        first = LAST_RETRY if isinstance(error, Full) else FIRST_RETRY
        self._retry = first if self._retry is None else min(2 * self._retry, LAST_RETRY)
        self._next_exchange = time.monotonic() + self._retry

    def _wait_for_room(self, position: Position, error: Full) -> None:
        """Stand still until Redis has room again, and say so once."""
        if self._full or position.paused or self.ending:
            return
        words = f"{error.words} The run waits and goes on by itself when there is room. {error.hint}"
        told = {"reason": REDIS_FULL, "message": words, "rate": 0, "step": position.step}
        try:
            self._lease.publish(
                Batch(), step=position.step, take=False, state=State.PAUSED, fields=told, although_full=True
            )
        except AWAY:
            log.warning("run %s waits for room, and cannot even say so", self._lease.run_id)
        self._full = True

    def _is_back(self) -> None:
        if self._retry is not None:
            log.warning("run %s: Redis is back", self._lease.run_id)
        self._retry, self._full = None, False

    def _check_hold(self) -> None:
        if self.lost_hold:
            raise Fenced(self._lease.run_id)

    def _rate(self, position: Position, now: float) -> str:
        before, self._rate_from = self._rate_from, (now, position.step)
        if before is None or position.paused or now <= before[0]:
            return "0"
        return f"{(position.step - before[1]) / (now - before[0]):.6g}"

    # -- checkpoints ----------------------------------------------------------------------------------------------

    def _told_of_disk(self, words: str) -> None:
        """Say with the next exchange that checkpoints fail, and that they no longer do."""
        if words != self._disk_words:
            self._disk_words = words
            self._headline.say(words)

    def _snapshot_for_frame(self) -> Packed:
        if self.loop is None or not self._snapshots_fit:
            return EMPTY
        packed: Packed = self.loop.snapshot(with_past=False).pack()
        self._snapshots_fit = len(packed.head) + len(packed.body) <= self._settings.frame_snapshot_kb * 1e3
        return packed if self._snapshots_fit else EMPTY

    def _checkpoint_when_due(self, position: Position, now: float) -> None:
        if now >= self._next_checkpoint and self._retry is None:
            self._checkpoint_if_changed(position)

    def _checkpoint_if_changed(self, position: Position) -> None:
        if self._saved_at == (position.step, self._effective):
            return
        try:
            self._checkpoint(position)
        except AWAY as error:
            self._is_away(error)

    def _checkpoint(self, position: Position) -> None:
        """Store where the run is; only called where all events up to here have come out of the loop."""
        if self.loop is None:
            return
        # What came out before the checkpoint would never come out again, so Redis must have it first.
        self._flush(position)
        self._next_checkpoint = time.monotonic() + self._settings.checkpoint_seconds
        name = f"{position.step}-{self._found.attempt}-{self._effective}"
        try:
            where = self._store.write(self._lease.run_id, name, self.loop.snapshot().pack())
        except OSError as error:
            log.warning("run %s: its checkpoint could not be written (%s)", self._lease.run_id, error)
            self._told_of_disk(f"Its checkpoint could not be written ({error.strerror}); the one before stands.")
            return
        self._told_of_disk("")
        fields = {
            "step": position.step,
            "attempt": self._found.attempt,
            "applied": self._effective,
            **where,
        }
        replaced = self._lease.checkpoint(fields)
        self._saved_at = (position.step, self._effective)
        if replaced != where["place"]:
            self._store.forget(replaced)
