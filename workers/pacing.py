"""Wall-clock pace of a run, and the distance of its measurements when it has none.

Neither decides what is computed: the pacer only waits, and the steering of the cadence speaks in recorded commands.
"""

from __future__ import annotations

import math

CHUNK_SECONDS = 0.025
"""Updates are done in portions of about this length, so that a command never waits long."""

MOST_DEBT = 0.25
"""A run that fell behind catches up at most this many seconds of its pace; the rest is forgotten."""


class Pacer:
    """Says when updates are due, and how many at a time.

    Args:
        speed: Epochs a second, or ``None`` for as fast as it goes.
        steps_per_epoch: Updates in an epoch.
    """

    def __init__(self, speed: float | None, steps_per_epoch: int) -> None:
        self._steps_per_epoch = steps_per_epoch
        self._asked = (0, math.inf)
        self._cost = 1e-3
        self.set(speed)

    def set(self, speed: float | None) -> None:
        """Change the pace."""
        self.speed = speed
        self._rate = speed * self._steps_per_epoch if speed else math.inf
        self.rest()

    def rest(self) -> None:
        """Forget the time that passed: the run was paused, or did something else than training."""
        self._start: tuple[float, int] | None = None

    def delay(self, step: int, now: float) -> float:
        """Give the seconds until the next portion of updates is due; 0 when it is."""
        if math.isinf(self._rate):
            return 0.0
        if self._start is None:
            self._start = (now, step)
        began, first = self._start
        ahead = (step + self._portion() - first) / self._rate - (now - began)
        if -ahead > MOST_DEBT:
            self._start = (now - MOST_DEBT - self._portion() / self._rate, step)
        return max(ahead, 0.0)

    def allowance(self, step: int, now: float) -> int:
        """Give how many updates may be done before the next look at the clock; at least 1."""
        most = max(1, int(CHUNK_SECONDS / self._cost))
        if self._start is not None and not math.isinf(self._rate):
            began, first = self._start
            most = min(most, math.floor((now - began) * self._rate + 1e-6) - (step - first))
        self._asked = (step, now)
        return max(1, most)

    def back(self, step: int, now: float) -> None:
        """Learn from how long the last portion took, measurements between its updates included."""
        asked_step, asked_at = self._asked
        if step > asked_step and now > asked_at:
            cost = (now - asked_at) / (step - asked_step)
            # Quick to believe that updates became dear, slow to believe that they became cheap.
            self._cost = cost if cost > self._cost else 0.5 * (self._cost + cost)
        self._asked = (step, now)

    def _portion(self) -> int:
        """Updates of one portion at the pace asked for."""
        return max(1, int(self._rate * CHUNK_SECONDS))


class Steering:
    """Keeps measurements near a number a second by doubling or halving their distance.

    Args:
        target: Measurements a second.
        cadence: Updates between two measurements now.
        steps_per_epoch: Updates in an epoch; measurements never come closer than a sixteenth of it.
    """

    BAND = 1.5
    WINDOW = 0.5

    def __init__(self, target: float, cadence: int, steps_per_epoch: int) -> None:
        self._target = target
        self.cadence = cadence
        self._least = max(1, steps_per_epoch // 16)
        self._count = 0
        self._since: float | None = None

    def measured(self) -> None:
        """Count one measurement."""
        self._count += 1

    def rest(self) -> None:
        """Forget what was counted: the run was paused."""
        self._count, self._since = 0, None

    def advise(self, now: float) -> int | None:
        """Give a new cadence when the rate has left the band around the target, else ``None``."""
        if self._since is None:
            self._count, self._since = 0, now
            return None
        elapsed = now - self._since
        if elapsed < self.WINDOW:
            return None
        ratio = max(self._count, 0.5) / elapsed / self._target
        self.rest()
        self._since = now
        if 1 / self.BAND <= ratio <= self.BAND:
            return None
        power = round(math.log2(ratio)) or (1 if ratio > 1 else -1)
        advised = max(self._least, int(self.cadence * 2.0**power))
        return None if advised == self.cadence else advised
