"""The controller of a live run: what the loop talks to."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

from foldscape.commands import Command
from foldscape.events import FRAME_KINDS, Event, Metrics, Status
from foldscape.spec import RunSpec
from workers.checkpoints import Store
from workers.keys import id_pair
from workers.live.exchange import Exchange
from workers.live.orders import Orders
from workers.live.pace import Pace
from workers.live.rest import Rest
from workers.live.saving import Computing, Saving
from workers.pacing import PacedPosition
from workers.replay import Replay
from workers.run_log.away import AWAY
from workers.run_log.lease import AcquiredRun, AppliedCommand, Lease
from workers.run_log.outbox import EMPTY
from workers.settings import Settings
from workers.states import State
from workers.stopwatch import Stopwatch
from workers.turns import Seat, Turns

log = logging.getLogger(__name__)


class LiveController:
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
        self,
        lease: Lease,
        found: AcquiredRun,
        spec: RunSpec,
        settings: Settings,
        store: Store,
        seat: Seat | None = None,
    ) -> None:
        self._seat = seat or Turns().seat()
        self._lease, self._store = lease, store
        self._replay = Replay(found.record, found.checkpoint.get("applied", b"0-0").decode())
        self._published = max(map(id_pair, found.last))
        self._orders = Orders(lease.run_id)
        self._pace = Pace(spec, settings)
        self._exchange = Exchange(lease, found, settings, self._orders, self._pace, frozenset(spec.cycle_ends))
        self._saving = Saving(lease, found, settings, store, self._exchange, self._replay.effective)
        self._rest = Rest(lease, settings, self._orders, self._exchange, self._saving, self._pace)

    @property
    def loop(self) -> Computing | None:
        """The loop that computes, once it is there."""
        return self._saving.loop

    @loop.setter
    def loop(self, loop: Computing) -> None:
        self._saving.loop = loop

    @property
    def stopwatch(self) -> Stopwatch:
        """What measuring costs."""
        return self._pace.stopwatch

    @property
    def ending(self) -> Status | None:
        """What the loop said last, if that was its end."""
        return self._exchange.ending

    # -- called by the loop ---------------------------------------------------------------------------------------

    def take(self, position: PacedPosition) -> Sequence[Command]:
        """Give the commands that take effect now; wait while the run is paused or ahead of its pace."""
        with self._seat.away():
            now = time.monotonic()
            self._pace.goes_on(position.step, now)
            self._exchange.ending = None  # a stop that was resumed has been told, and the run goes on behind it
            if not self._replay.is_over or self._is_behind(position):
                return self._take_recorded(position, now)
            return self._take_new(position)

    def allowance(self, position: PacedPosition) -> int:
        """Give how many updates may be done before the next ``take``."""
        return self._replay.allowance(position.step, self._pace.allowance(position, time.monotonic()))

    def _take_recorded(self, position: PacedPosition, now: float) -> Sequence[Command]:
        self._orders.obey()
        if self._exchange.is_due(now):
            self._exchange.once(position, now, take=False)
        commands = self._replay.at(position.step)
        self._saving.effective = self._replay.effective
        self._pace.replays()
        return commands

    def _is_behind(self, position: PacedPosition) -> bool:
        """Whether an earlier worker has told more than this one; a command taken now would rewrite what was published.

        At rest nothing more can come out of the loop, so nothing can be behind.

        Returns:
            Whether it has.
        """
        return not position.paused and (position.step, position.seq) < self._published

    def _take_new(self, position: PacedPosition) -> Sequence[Command]:
        while True:
            self._orders.obey()
            now = time.monotonic()
            if position.paused:
                taken = self._rest.take(position, now)
                if taken or self._rest.parked:
                    return self._taken(taken, position)
                continue
            self._rest.over()
            if self._exchange.is_due(now) and (taken := self._exchange.once(position, now)):
                return self._taken(taken, position)
            self._saving.when_due(position, now)
            if self._exchange.is_stuck:
                self._pace.rest()
                self._exchange.wait()
                continue
            delay = self._pace.delay(position, time.monotonic())
            if delay <= 0:
                return ()
            self._exchange.wait(most=delay)

    def _taken(self, taken: Sequence[AppliedCommand], position: PacedPosition) -> Sequence[Command]:
        """Hand commands to the loop; before a stop there is a checkpoint, so that the run can go on from there."""
        if any(item.command.kind == "stop" for item in taken):
            self._saving.if_changed(position)
        if taken:
            self._saving.effective = taken[-1].id
        return [item.command for item in taken]

    # -- called by the task ---------------------------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        """Take an event of the loop."""
        is_new_frame = event.kind in FRAME_KINDS and self._exchange.wants(event)
        self._exchange.add(event, self._saving.for_frame() if is_new_frame else EMPTY)
        if isinstance(event, Metrics):
            self._pace.measured()

    def finish(self, position: PacedPosition) -> None:
        """Send what is left and end the run, or leave it when it was parked."""
        if self._rest.parked:
            return
        told = self.ending or Status(step=position.step, seq=0, state="done")
        if told.state == State.DONE:
            self._exchange.flush(position)
            self._saving.keep_last(position)
        self.end(State(told.state), position, reason=told.reason, message=told.message)

    def end(self, state: State, position: PacedPosition | None, **fields: Any) -> None:
        """Send what is left, end the run and give it back; waits until Redis has everything."""
        self._store.forget(self._exchange.end(state, position, **fields))

    def leave(self, position: PacedPosition) -> None:
        """Checkpoint and give the run to another worker, because this one ends."""
        try:
            self._exchange.flush(position)
            self._saving.now(position)
            self._lease.drain()
        except AWAY as error:
            log.warning("run %s could not be handed over (%s); its last checkpoint stands", self._lease.run_id, error)

    def drain(self) -> None:
        """Ask the run to leave this worker at its next step."""
        self._orders.drain()

    def lose(self) -> None:
        """Note that another worker has the run."""
        self._orders.lose()
