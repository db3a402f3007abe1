"""What a run will cost, before it is launched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from foldscape.growth import ByHand, Periodic
from foldscape.probes.cost import Size, Work, correction
from foldscape.spec import RunSpec

FRAMES_PER_SECOND = 20
"""Measurements a second of a run that somebody may watch."""

TOLD_FROM = 0.05
"""Share of the time from which the cost of measuring is worth a word."""

SCORING = 3
"""Passes through the points that the row of losses, accuracies and gradient takes at each measurement."""

ASKED_FROM = 10.0
"""Seconds of measuring below which nobody is asked, however little the training takes."""


class Estimate(TypedDict):
    """The size of a run in numbers, and in one sentence.

    Attributes:
        updates: Updates until the run ends by itself.
        train: Training points.
        test: Test points.
        seconds: Duration at the chosen pace, or ``None`` when it goes as fast as it can.
        births: Units that will be born by schedule, at most.
        probe_share: Share of its time that the probes will take, foreseen at the net's first size; 0 to 1.
        probe_seconds: That time.
        ask: A sentence to agree to when the probes would cost more than the training, else empty.
        line: All this in words.
    """

    updates: int
    train: int
    test: int
    seconds: float | None
    births: int
    probe_share: float
    probe_seconds: float
    ask: str
    line: str


class Timed(TypedDict):
    """A run whose probes a worker has timed.

    Attributes:
        spec: Its spec as JSON.
        probe_ms: Milliseconds of processor time of the last measurement, by kind of probe.
    """

    spec: dict[str, Any]
    probe_ms: dict[str, float]


def estimate(spec: RunSpec, timed: Sequence[Timed] = ()) -> Estimate:
    """Count the updates of a run that nobody interrupts.

    Args:
        spec: The run.
        timed: Runs that were measured on this machine; they correct what measuring is foreseen to cost.

    Returns:
        Updates, seconds and shares, as far as they can be foreseen.
    """
    train = spec.data.train_size
    test = spec.data.size - train
    per_epoch = spec.steps_per_epoch
    updates = per_epoch * spec.stop.epochs
    seconds = spec.stop.epochs / spec.speed if spec.speed else None
    births = _births(spec)
    parts = [f"{updates:,} updates ({spec.stop.epochs:,} epochs of {per_epoch:,})", f"{train:,} + {test:,} points"]
    if births:
        known = isinstance(spec.growth.schedule, Periodic)
        parts.append(f"{births} births" if known else f"up to {births} births")
    parts.append(f"about {_duration(seconds)} at this pace" if seconds else "as fast as it goes")
    share, probes = _probes(spec, train, seconds, correction(map(_seen, timed)))
    if share >= TOLD_FROM:
        parts.append(f"probes take about {_percent(share)} of the time")
    dear = share > 0.5 and probes > ASKED_FROM
    return {
        "updates": updates,
        "train": train,
        "test": test,
        "seconds": seconds,
        "births": births,
        "probe_share": share,
        "probe_seconds": probes,
        "ask": f"Measuring would take {_percent(share)} of the time, about {_duration(probes)}." if dear else "",
        "line": " · ".join(parts),
    }


def _seen(run: Timed) -> tuple[Size, dict[str, Work], dict[str, float]]:
    spec = RunSpec.model_validate(run["spec"])
    return _size(spec), {probe.kind: probe.work for probe in spec.probes}, run["probe_ms"]


def _size(spec: RunSpec) -> Size:
    return Size.of((spec.data.features, *spec.net.hidden, spec.data.classes), spec.data.train_size)


def _probes(spec: RunSpec, train: int, seconds: float | None, slower: float) -> tuple[float, float]:
    """Foresee the share of the time that measuring takes, and that time in seconds.

    On the interactive queue measurements fall so many times a second, whatever the pace; else once an epoch.

    Returns:
        Share from 0 to 1, and seconds.
    """
    size = _size(spec)
    once = slower * sum(probe.work.on(size) / probe.every for probe in spec.probes)
    training = slower * (size.epoch_seconds(spec.batch) + SCORING * size.pass_seconds)
    steered = spec.speed is None and spec.queue == "interactive"
    if seconds is None and not steered:
        return once / (once + training), once * spec.stop.epochs
    if steered:
        share = min(FRAMES_PER_SECOND * once, once / (once + training))
        return share, share / (1 - share) * training * spec.stop.epochs
    each = min(FRAMES_PER_SECOND, (spec.speed or 0) * spec.steps_per_epoch)
    share = min(1.0, each * once)
    return share, share * (seconds or 0)


def _births(spec: RunSpec) -> int:
    schedule = spec.growth.schedule
    if isinstance(schedule, ByHand):
        return 0
    if not isinstance(schedule, Periodic):
        return schedule.births
    in_time = max(0, (spec.stop.epochs - schedule.start) // schedule.every + 1)
    return min(schedule.births, in_time)


def _percent(share: float) -> str:
    return f"{min(99, round(100 * share)) if share < 1 else 100} %"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
