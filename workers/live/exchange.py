"""What a run and Redis say to one another: events out, commands in, and patience while Redis is away or full."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Set
from typing import Any

from foldscape.events import FRAME_KINDS, Event, Grown, Status
from foldscape.wire import Packed
from workers.headline import Headline
from workers.live.orders import Orders
from workers.live.pace import Pace
from workers.pacing import PacedPosition
from workers.run_log.away import AWAY, Full
from workers.run_log.lease import AcquiredRun, AppliedCommand, Lease
from workers.run_log.outbox import Outbox, OutboxBatch
from workers.settings import Settings
from workers.states import State

log = logging.getLogger(__name__)

REDIS_FULL = "redis_full"
"""Why a run rests that nobody paused: see ``become`` in ``lua/common.lua``."""

FIELDS_SECONDS = 0.25
FRAME_HASTE = 0.7
"""Share of the time between two exchanges that a frame does not wait."""
FIRST_RETRY, LAST_RETRY = 0.05, 1.0
LEAST_WAIT, LEAST_RETRY_WAIT = 0.001, 0.01


class Exchange:
    """The talk of one run with Redis.

    Args:
        lease: Our hold on the run.
        found: What was found when it was taken.
        settings: The settings of this process.
        orders: What other threads want of the run.
        pace: Its clocks.
    """

    def __init__(
        self, lease: Lease, found: AcquiredRun, settings: Settings, orders: Orders, pace: Pace, lasting: Set[int]
    ) -> None:
        self._lease, self._settings, self._orders, self._pace = lease, settings, orders, pace
        self._outbox = Outbox(*found.last)
        self._headline = Headline(found.best_accuracy)
        self._state = found.state
        self._retry: float | None = None
        self._full = False
        self._next = 0.0
        self._next_fields = 0.0
        self._rate_from: tuple[float, int] | None = None
        self._keep_next_frame, self._lasting = True, lasting
        self.ending: Status | None = None

    # -- events of the loop ---------------------------------------------------------------------------------------

    def wants(self, event: Event) -> bool:
        """Whether this frame is new to Redis."""
        return self._outbox.wants(event)

    def add(self, event: Event, snapshot: Packed) -> None:
        """Take an event of the loop, to be sent with the next exchange.

        Args:
            event: The event.
            snapshot: From which a run can be forked there; empty when it is none.
        """
        self._outbox.add(event, snapshot)
        self._headline.add(event)
        if event.kind in FRAME_KINDS:
            self._keep_next_frame = self._keep_next_frame or event.step in self._lasting
            self._add_frame()
        elif isinstance(event, Grown):
            self._outbox.keep_newest_frame()
            self._keep_next_frame = True
        elif isinstance(event, Status) and State(event.state).is_over:
            self.ending = event

    def _add_frame(self) -> None:
        if not self.is_away:
            # A frame leaves at once: two that share an exchange would be seen as one.
            self._next -= self._settings.flush_ms / 1000 * FRAME_HASTE
        if self._keep_next_frame:
            self._outbox.keep_newest_frame()
            self._keep_next_frame = False

    def say(self, message: str) -> None:
        """Say with the next exchange what the events know nothing of."""
        self._headline.say(message)

    # -- when -----------------------------------------------------------------------------------------------------

    @property
    def is_away(self) -> bool:
        """Whether Redis took nothing the last time."""
        return self._retry is not None

    @property
    def is_stuck(self) -> bool:
        """Whether so much waits to be sent that nothing more should be computed."""
        return self._full or self._outbox.size > self._settings.buffer_mb * 1e6

    @property
    def has_told_all(self) -> bool:
        """Whether Redis has everything."""
        return self._outbox.is_empty

    def is_due(self, now: float) -> bool:
        """Whether it is time for an exchange."""
        return now >= self._next

    def hurry(self, now: float) -> None:
        """Let the next exchange be now, unless Redis is away."""
        if not self.is_away:
            self._next = min(self._next, now)

    def wait(self, most: float = math.inf) -> None:
        """Wait until the next exchange is due or something is ordered, at most so many seconds."""
        self._orders.wait(min(most, max(LEAST_WAIT, self._next - time.monotonic())))

    # -- talking --------------------------------------------------------------------------------------------------

    def once(self, position: PacedPosition, now: float, *, take: bool = True) -> list[AppliedCommand]:
        """Send what there is; gives the commands that take effect now, none when Redis is away.

        Args:
            position: Where the run stands.
            now: Time in s.
            take: Whether commands are taken.

        Returns:
            The commands, in the order in which they came.

        Raises:
            Fenced: When the run is no longer ours.
        """
        state = self._state if self.ending else State.PAUSED if position.paused else State.RUNNING
        advice = self._pace.advice(position, now, take=take)
        fields = self._fields(position, now) if self._should_tell(state, position, now) else {}
        try:
            taken = self._send(position, advice, take=take, state=state, fields=fields)
        except AWAY as error:
            self._headline.give_back(fields)
            self.missed(error)
            if isinstance(error, Full):
                self._wait_for_room(position, error)
            return []
        self._came_back()
        self._pace.heard()
        self._state = state
        if fields:
            self._next_fields = now + FIELDS_SECONDS
        # What commands do is told as soon as it is done.
        self._next = now if taken else now + self._settings.flush_ms / 1000
        return taken

    def flush(self, position: PacedPosition) -> None:
        """Send everything, taking no commands; waits until Redis has it.

        Raises:
            Fenced: When the run is no longer ours.
        """
        while not self.has_told_all:
            self._orders.check_hold()
            self.once(position, time.monotonic(), take=False)
            if self.is_away:
                self._wait_to_retry()

    def end(self, state: State, position: PacedPosition | None, **fields: Any) -> str:
        """Send what is left and give the run back as ended; waits until Redis has everything.

        Args:
            state: How it ended.
            position: Where, or ``None`` when it never began.
            **fields: What its summary says of the end.

        Returns:
            The address of a large checkpoint that is no longer needed, or an empty string.

        Raises:
            Fenced: When the run is no longer ours.
        """
        self._outbox.keep_newest_frame()
        if position is not None:
            self.flush(position)
            fields = {**self._pace.fields(), **self._headline.take(), "step": position.step, **fields}
        while True:
            self._orders.check_hold()
            try:
                return self._lease.end(state, **fields)
            except AWAY as error:
                self.missed(error)
                self._wait_to_retry()

    def missed(self, error: Exception) -> None:
        """Note that Redis took nothing, and ask again later."""
        if not self.is_away:
            log.warning("run %s: Redis is away (%s); its events wait here", self._lease.run_id, error)
        # At the limit of a memory there is room for moments: a run that took each would stand and go all the time.
        first = LAST_RETRY if isinstance(error, Full) else FIRST_RETRY
        self._retry = first if self._retry is None else min(2 * self._retry, LAST_RETRY)
        self._next = time.monotonic() + self._retry

    def _wait_to_retry(self) -> None:
        self._orders.wait_although_draining(max(LEAST_RETRY_WAIT, self._next - time.monotonic()))

    def _should_tell(self, state: State, position: PacedPosition, now: float) -> bool:
        """Whether the summary is due; a run at rest that has told everything has none."""
        return state != self._state or (now >= self._next_fields and not (position.paused and self.has_told_all))

    def _fields(self, position: PacedPosition, now: float) -> dict[str, Any]:
        told = {**self._pace.fields(), **self._headline.take()}
        return {"step": position.step, "rate": self._rate(position, now), **told}

    def _rate(self, position: PacedPosition, now: float) -> str:
        before, self._rate_from = self._rate_from, (now, position.step)
        if before is None or position.paused or now <= before[0]:
            return "0"
        return f"{(position.step - before[1]) / (now - before[0]):.6g}"

    def _send(
        self, position: PacedPosition, advice: list[str], *, take: bool, state: State, fields: dict[str, Any]
    ) -> list[AppliedCommand]:
        if self.is_away:
            self._outbox.again()
        for batch in self._outbox.all_but_last():
            self._lease.publish(batch, step=position.step, take=False)
            self._outbox.done()
        taken = self._lease.publish(
            self._outbox.first, step=position.step, take=take, pacer=advice, state=state, fields=fields
        )
        self._outbox.done()
        return taken

    def _wait_for_room(self, position: PacedPosition, error: Full) -> None:
        """Stand still until Redis has room again, and say so once."""
        if self._full or position.paused or self.ending:
            return
        words = f"{error.words} The run waits and goes on by itself when there is room. {error.hint}"
        told = {"reason": REDIS_FULL, "message": words, "rate": 0, "step": position.step}
        try:
            self._lease.publish(
                OutboxBatch(), step=position.step, take=False, state=State.PAUSED, fields=told, although_full=True
            )
        except AWAY:
            log.warning("run %s waits for room, and cannot even say so", self._lease.run_id)
        self._full = True

    def _came_back(self) -> None:
        if self.is_away:
            log.warning("run %s: Redis is back", self._lease.run_id)
        self._retry, self._full = None, False
