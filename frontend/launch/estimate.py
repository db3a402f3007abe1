"""What a run will cost, before it is launched, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from foldscape.cost.correction import TimedRun, corrected
from foldscape.cost.growing import is_foreseeable
from foldscape.cost.rates import Rates
from foldscape.cost.run import RunCost, foresee
from foldscape.cost.words import duration_text
from foldscape.growth import Periodic
from foldscape.spec import RunSpec

TOLD_FROM = 0.05
"""Share of the time from which the cost of measuring is worth a word."""

NOT_KNOWN = "parameters, and how long it takes, are known once the run has made its net"
ASKED_FROM = 10.0
"""Seconds of measuring below which nobody is asked, however little the training takes."""


class RunEstimate(TypedDict):
    """The size of a run in numbers, and in one sentence.

    Attributes:
        updates: Updates until the run ends by itself.
        train: Training points.
        test: Test points.
        seconds: How long it will take: as its pace has it, or longer where this machine cannot keep that; ``None``
            where the size of its net is known once it runs.
        births: Births by schedule, at most.
        probe_share: Share of its time that the probes will take, foreseen at half of its growth; 0 to 1.
        probe_seconds: That time, or ``None`` likewise.
        ask: A sentence to agree to when the probes would cost more than the training, else empty.
        line: All this in words.
    """

    updates: int
    train: int
    test: int
    seconds: float | None
    births: int
    probe_share: float
    probe_seconds: float | None
    ask: str
    line: str


def estimate_run(spec: RunSpec, timed: Sequence[TimedRun] = (), rates: Rates | None = None) -> RunEstimate:
    """Say what a run takes that nobody interrupts.

    Args:
        spec: The run.
        timed: Runs that were measured on this machine; they correct what is foreseen.
        rates: How fast it is, as far as that is known.

    Returns:
        Updates, seconds and shares, as far as they can be foreseen.
    """
    cost = foresee(spec, corrected(spec, timed, rates))
    train, test = spec.train_size, spec.data.size - spec.data.train_size
    points = (train, spec.validation_size, test) if spec.validation_size else (train, test)
    parts = [
        f"{cost.updates:,} updates ({cost.epochs:,} epochs of {_lengths(spec)})",
        f"{' + '.join(f'{part:,}' for part in points)} points",
    ]
    if cost.births:
        known = isinstance(spec.growth.schedule, Periodic)
        parts.append(f"{cost.births} births" if known else f"up to {cost.births} births")
    known = is_foreseeable(spec)
    parts.append(_lasting(cost) if known else NOT_KNOWN)
    share = cost.probe_share if known else 0.0
    if share >= TOLD_FROM:
        parts.append(f"probes take about {_percent(share)} of the time")
    dear = share > 0.5 and cost.probes > ASKED_FROM
    return {
        "updates": cost.updates,
        "train": train,
        "test": test,
        "seconds": cost.seconds if known else None,
        "births": cost.births,
        "probe_share": share,
        "probe_seconds": cost.probes if known else None,
        "ask": f"Measuring would take {_percent(share)} of the time, about {duration_text(cost.probes)}."
        if dear
        else "",
        "line": " · ".join(parts),
    }


def _lengths(spec: RunSpec) -> str:
    """Say how many updates an epoch has, at first and at last."""
    first, last = spec.steps_per_epoch, spec.calendar.steps_in(spec.stop.epochs - 1)
    return f"{first:,}" if first == last else f"{first:,}, at last {last:,}"


def _lasting(cost: RunCost) -> str:
    """Say how long it takes, and whether it can keep its pace."""
    if cost.paced is None:
        return f"about {duration_text(cost.seconds)} at maximum speed"
    if cost.is_too_slow:
        return (
            f"about {duration_text(cost.seconds)}: slower than this pace, which would take {duration_text(cost.paced)}"
        )
    return f"about {duration_text(cost.seconds)} at this pace"


def _percent(share: float) -> str:
    return f"{min(99, round(100 * share)) if share < 1 else 100} %"
