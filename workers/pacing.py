"""Wall-clock pace of a run, and the distance of its measurements when it has none.

Neither decides what is computed: the pacer only waits, and the steering of the cadence speaks in recorded commands.
"""

from __future__ import annotations

import math
from typing import Protocol

from foldscape.cost.run import MOST_SHARE, NEAREST

CHUNK_SECONDS = 0.025
"""Updates are done in portions of about this length, so that a command never waits long."""

MOST_DEBT = 0.25
"""A run that fell behind catches up at most this many seconds of its pace; the rest is forgotten."""


class PacedPosition(Protocol):
    """What is read of a run's position; see ``foldscape.training.controller``, which loads torch."""

    @property
    def step(self) -> int: ...  # noqa: D102
    @property
    def seq(self) -> int: ...  # noqa: D102
    @property
    def steps_per_epoch(self) -> int: ...  # noqa: D102
    @property
    def cadence(self) -> int: ...  # noqa: D102
    @property
    def sparing(self) -> int: ...  # noqa: D102
    @property
    def speed(self) -> float | None: ...  # noqa: D102
    @property
    def paused(self) -> bool: ...  # noqa: D102


class Pacer:
    """Says when updates are due, and how many at a time."""

    def __init__(self) -> None:
        self._start: tuple[float, int, float] | None = None
        self._asked = (0, math.inf)
        self._cost = 1e-3

    def rest(self) -> None:
        """Forget the time that passed: the run was paused, or did something else than training."""
        self._start = None

    def delay(self, at: PacedPosition, now: float) -> float:
        """Give the seconds until the next portion of updates is due; 0 when it is."""
        if at.speed is None:
            self._start = None
            return 0.0
        rate = at.speed * at.steps_per_epoch
        if self._start is None or self._start[2] != rate:
            self._start = (now, at.step, rate)
        began, first, _ = self._start
        portion = max(1, int(rate * CHUNK_SECONDS))
        ahead = (at.step + portion - first) / rate - (now - began)
        if -ahead > MOST_DEBT:
            self._start = (now - MOST_DEBT - portion / rate, at.step, rate)
        return max(ahead, 0.0)

    def allowance(self, at: PacedPosition, now: float) -> int:
        """Give how many updates may be done before the next look at the clock; at least 1."""
        most = max(1, int(CHUNK_SECONDS / self._cost))
        if self._start is None and at.speed is not None:
            self._start = (now, at.step, at.speed * at.steps_per_epoch)
        if self._start is not None:
            began, first, rate = self._start
            most = min(most, math.floor((now - began) * rate + 1e-6) - (at.step - first))
        self._asked = (at.step, now)
        return max(1, most)

    def back(self, step: int, now: float) -> None:
        """Learn from how long the last portion took, measurements between its updates included."""
        asked_step, asked_at = self._asked
        if step > asked_step and now > asked_at:
            cost = (now - asked_at) / (step - asked_step)
            # Quick to believe that updates became dear, slow to believe that they became cheap.
            self._cost = cost if cost > self._cost else 0.5 * (self._cost + cost)
        self._asked = (step, now)


class Steering:
    """Keeps measurements near a number a second, and training most of the time, by doubling or halving their distance.

    They never come closer than a sixteenth of an epoch.

    Args:
        target: Measurements a second.
    """

    MOST_SHARE = MOST_SHARE
    BAND = 1.6
    FAR = 3.0
    WINDOW = 0.5

    def __init__(self, target: float) -> None:
        self._target = target
        self._count = self._outside = 0
        self._since: float | None = None

    def measured(self) -> None:
        """Count one measurement."""
        self._count += 1

    def rest(self) -> None:
        """Forget what was counted: the run was paused."""
        self._count, self._since, self._outside = 0, None, 0

    def advise(self, at: PacedPosition, now: float, share: float = 0.0) -> int | None:
        """Give a new cadence when the rate has left the band around the target, else ``None``.

        Args:
            at: Where the run stands.
            now: Time in s.
            share: Share of the time that measuring takes.

        Returns:
            Updates between two measurements.
        """
        if self._since is None:
            self._count, self._since = 0, now
            return None
        elapsed = now - self._since
        if elapsed < self.WINDOW:
            return None
        ratio = max(max(self._count, 0.5) / elapsed / self._target, share / self.MOST_SHARE)
        self._count, self._since = 0, now
        outside = 0 if 1 / self.BAND <= ratio <= self.BAND else (1 if ratio > 1 else -1)
        # One window a little outside may be chance: wait for a second that says the same.
        agreed = outside == self._outside or not 1 / self.FAR <= ratio <= self.FAR
        self._outside = outside
        if not outside or not agreed:
            return None
        self._outside = 0
        power = round(math.log2(ratio)) or outside
        advised = max(1, at.steps_per_epoch // NEAREST, int(at.cadence * 2.0**power))
        return None if advised == at.cadence else advised


class Sparing:
    """Lets measurements give way to the pace: where a run falls behind, its probes measure less often.

    Windows that hold the pace bring the probes nearer again, each time after twice as many if the last try failed.
    """

    WINDOW = 1.5
    BEHIND, HOLDS = 0.95, 0.985
    MOST = 64
    PATIENCE = 4

    def __init__(self) -> None:
        self._since: tuple[float, int, float] | None = None
        self._good = 0
        self._nearer = False
        self._patience = self.PATIENCE

    def rest(self) -> None:
        """Forget what was seen: the run was paused, or did something else than training."""
        self._since, self._good = None, 0

    def advise(self, at: PacedPosition, now: float) -> int | None:
        """Give a new factor when the pace is not held, or has long been; else ``None``."""
        if at.speed is None:
            self._since = None
            return None
        rate = at.speed * at.steps_per_epoch
        if self._since is None or self._since[2] != rate:
            self._since = (now, at.step, rate)
            return None
        began, first, _ = self._since
        if now - began < max(self.WINDOW, 2 / at.speed):
            return None
        held = (at.step - first) / rate / (now - began)
        self._since = (now, at.step, rate)
        if held < self.BEHIND:
            if self._nearer:
                self._patience = min(2 * self._patience, 64)
            self._good, self._nearer = 0, False
            return None if at.sparing >= self.MOST else min(self.MOST, 2 * at.sparing)
        self._good = self._good + 1 if held >= self.HOLDS else 0
        if at.sparing == 1 or self._good < self._patience:
            return None
        self._good, self._nearer = 0, True
        return at.sparing // 2
