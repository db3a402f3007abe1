"""How a paused run waits: for a command that comes soon on its worker, for a later one without any."""

from __future__ import annotations

from workers.live.exchange import Exchange
from workers.live.orders import Orders
from workers.live.pace import Pace
from workers.live.saving import Saving
from workers.pacing import PacedPosition
from workers.run_log.away import AWAY
from workers.run_log.connect import BLOCK_MS
from workers.run_log.lease import AppliedCommand, Lease
from workers.settings import Settings


class Rest:
    """The pauses of one run.

    Args:
        lease: Our hold on the run.
        settings: After how long it gives its worker back.
        orders: What other threads want of the run.
        exchange: Its talk with Redis.
        saving: Its checkpoints.
        pace: Its clocks.
    """

    def __init__(
        self, lease: Lease, settings: Settings, orders: Orders, exchange: Exchange, saving: Saving, pace: Pace
    ) -> None:
        self.parked = False
        self._lease, self._settings, self._orders = lease, settings, orders
        self._exchange, self._saving, self._pace = exchange, saving, pace
        self._since: float | None = None

    def over(self) -> None:
        """Note that the run is not paused."""
        self._since = None

    def take(self, position: PacedPosition, now: float) -> list[AppliedCommand]:
        """Wait a moment for commands; gives those that came, none when there are none yet or it was parked.

        Args:
            position: Where the run stands.
            now: Time in s.

        Returns:
            The commands, in the order in which they came.

        Raises:
            Fenced: When the run is no longer ours.
        """
        if self._since is None:
            self._since = now
            self._exchange.hurry(now)
            self._pace.rest()
        if self._exchange.is_away and not self._exchange.is_due(now):
            self._exchange.wait()
            return []
        taken = self._exchange.once(position, now)
        if taken or self._exchange.is_away:
            return taken
        self._saving.if_changed(position)
        try:
            self._wait_for_command(now - self._since)
        except AWAY as error:
            self._exchange.missed(error)
        return []

    def _wait_for_command(self, rested: float) -> None:
        if rested > self._settings.park_seconds and self._exchange.has_told_all:
            self.parked = self._lease.park()
        elif not self._orders.draining:
            self._lease.wait(min(BLOCK_MS, self._settings.lease_ms // 4))
