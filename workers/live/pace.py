"""How fast a run goes and how often it measures: it waits, and gives its advice as commands that are recorded."""

from __future__ import annotations

from typing import Any

from foldscape.commands import Cadence, Spare
from foldscape.spec import RunSpec
from workers.pacing import PacedPosition, Pacer, Sparing, Steering
from workers.settings import Settings
from workers.stopwatch import Stopwatch


class Pace:
    """The clocks of one run.

    Args:
        spec: The run's spec; only on the interactive queue is it steered towards a number of frames a second.
        settings: That number.
    """

    def __init__(self, spec: RunSpec, settings: Settings) -> None:
        self.stopwatch = Stopwatch()
        self._pacer = Pacer()
        self._sparing = Sparing()
        self._steering = Steering(settings.frames_per_second) if spec.queue == "interactive" else None
        self._advice: list[str] = []

    def goes_on(self, step: int, now: float) -> None:
        """Note that the loop has come back from so many updates."""
        self._pacer.back(step, now)
        self.stopwatch.runs(now)

    def rest(self) -> None:
        """Count no time in which the run stands still."""
        self.replays()
        self.stopwatch.rests()
        self._sparing.rest()
        if self._steering:
            self._steering.rest()

    def replays(self) -> None:
        """Forget the time in which the run only does again what was recorded."""
        self._pacer.rest()

    def measured(self) -> None:
        """Count one measurement."""
        if self._steering:
            self._steering.measured()

    def delay(self, position: PacedPosition, now: float) -> float:
        """Give the seconds until the next updates are due; 0 when they are."""
        return self._pacer.delay(position, now)

    def allowance(self, position: PacedPosition, now: float) -> int:
        """Give how many updates may be done before the next look at the clock."""
        return self._pacer.allowance(position, now)

    def advice(self, position: PacedPosition, now: float, *, take: bool) -> list[str]:
        """Give the commands, as JSON, by which measurements should come nearer or go further apart.

        Args:
            position: Where the run stands.
            now: Time in s.
            take: Whether commands are taken now; else only what nobody has heard yet is said again.

        Returns:
            The commands, at most one.
        """
        if take and not position.paused:
            if self._steering and position.speed is None:
                advised = self._steering.advise(position, now, self.stopwatch.share)
                self._advice = [Cadence(updates=advised).model_dump_json()] if advised else []
            elif factor := self._sparing.advise(position, now):
                self._advice = [Spare(factor=factor).model_dump_json()]
        return self._advice

    def heard(self) -> None:
        """Note that the advice was recorded."""
        self._advice = []

    def fields(self) -> dict[str, Any]:
        """Give what the run's summary says of the time that measuring takes."""
        return self.stopwatch.fields()
