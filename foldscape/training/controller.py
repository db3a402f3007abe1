"""Who tells a run what to do, and how far it may go before it asks again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from foldscape.commands import Command


@dataclass(frozen=True)
class Position:
    """Where a run stands.

    Attributes:
        step: Updates done.
        seq: Events told at this step.
        epoch: Epochs done, with the fraction of the present one.
        steps_per_epoch: Updates an epoch.
        cadence: Updates between two measurements.
        sparing: How many times as far apart as asked for the probes measure, frames excepted.
        speed: Pace in epochs a second; ``None`` is maximum speed.
        paused: Whether the run waits for a command.
        stepping: Whether it is carrying out a ``step`` command and pauses by itself after it.
    """

    step: int
    seq: int
    epoch: float
    steps_per_epoch: int
    cadence: int
    sparing: int
    speed: float | None
    paused: bool
    stepping: bool


class Controller(Protocol):
    """Tells a run its commands."""

    def take(self, position: Position) -> Sequence[Command]:
        """Give the commands that take effect now.

        While the run is paused this may block until there is one; an empty answer then ends the iteration.
        """

    def allowance(self, position: Position) -> int:
        """Say how many updates may be done before the next ``take``; at least 1."""


class Unattended:
    """Nobody says anything: the run ends where it pauses."""

    def take(self, position: Position) -> Sequence[Command]:
        """Say nothing."""
        return ()

    def allowance(self, position: Position) -> int:
        """Let the run go on to its next measurement."""
        return 1 << 30
