"""What a run will cost, before it is launched."""

from __future__ import annotations

import math
from typing import TypedDict

from foldscape.growth import ByHand, Periodic
from foldscape.spec import RunSpec


class Estimate(TypedDict):
    """The size of a run in numbers, and in one sentence.

    Attributes:
        updates: Updates until the run ends by itself.
        train: Training points.
        test: Test points.
        seconds: Duration at the chosen pace, or ``None`` when it goes as fast as it can.
        births: Units that will be born by schedule, at most.
        line: All this in words.
    """

    updates: int
    train: int
    test: int
    seconds: float | None
    births: int
    line: str


def estimate(spec: RunSpec) -> Estimate:
    """Count the updates of a run that nobody interrupts."""
    test = round(spec.data.test_share * spec.data.size)
    train = spec.data.size - test
    per_epoch = math.ceil(train / spec.batch)
    updates = per_epoch * spec.stop.epochs
    seconds = spec.stop.epochs / spec.speed if spec.speed else None
    births = _births(spec)
    parts = [f"{updates:,} updates ({spec.stop.epochs:,} epochs of {per_epoch:,})", f"{train:,} + {test:,} points"]
    if births:
        known = isinstance(spec.growth.schedule, Periodic)
        parts.append(f"{births} births" if known else f"up to {births} births")
    parts.append(f"about {_duration(seconds)} at this pace" if seconds else "as fast as it goes")
    line = " · ".join(parts)
    return {"updates": updates, "train": train, "test": test, "seconds": seconds, "births": births, "line": line}


def _births(spec: RunSpec) -> int:
    schedule = spec.growth.schedule
    if isinstance(schedule, ByHand):
        return 0
    if not isinstance(schedule, Periodic):
        return schedule.births
    in_time = max(0, (spec.stop.epochs - schedule.start) // schedule.every + 1)
    return min(schedule.births, in_time)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
