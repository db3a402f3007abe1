"""What a sweep will cost: runs, updates, seconds and memory, foreseen from its spec and the speed of a machine."""

from __future__ import annotations

import os
from collections.abc import Sequence

from pydantic import Field

from foldscape.comparison.statistics import floor_of_p
from foldscape.comparison.verdict import LEVEL
from foldscape.errors import NotPossible
from foldscape.growth.schedule import ByHand
from foldscape.model import Model
from foldscape.probes.cost import Size, search
from foldscape.spec import RunSpec
from foldscape.sweep.expand import combinations
from foldscape.sweep.spec import Measure, SweepSpec

EPOCH = 3e-4
"""Seconds an epoch takes besides its updates and scores."""


GRAPH = 5
"""How many times as long passes and products take through a graph, which is read as wide layers."""


class Rates(Model):
    """How much slower a machine is than that of the shipped costs; measured by ``foldscape.sweep.calibration``."""

    training: float = Field(1, gt=0)
    """Factor on what training takes."""
    curvature: float = Field(1, gt=0)
    """Factor on what measuring takes."""
    threads: int = Field(default_factory=lambda: len(os.sched_getaffinity(0)), ge=1)
    """Processors that compute."""


class Estimate(Model):
    """What a sweep will take."""

    runs: int
    """Number of runs."""
    combinations: int
    """Number of combinations of settings."""
    pairs: int
    """Seeds: pairs that the test can look at."""
    floor: float
    """The least p that a two-sided test by flips of sign can reach with so many pairs."""
    updates: int
    """Updates of all runs."""
    seconds: float
    """Seconds of the clock, on so many processors."""
    threads: int
    """Processors it was reckoned with."""
    memory_mb: float
    """Memory at the most, in MB, besides the program itself."""
    refused: str = ""
    """Why it may not be launched, with the way out; empty when it may."""


def estimate(spec: SweepSpec, rates: Rates | None = None) -> Estimate:
    """Foresee what a sweep takes.

    Args:
        spec: A sweep without problems.
        rates: Speed of the machine; shipped values of an ordinary one if ``None``.

    Returns:
        Runs, updates, seconds and memory, and why it would be refused.
    """
    rates = rates or Rates()
    runs = [RunSpec.model_validate(plain | {"seed": spec.seeds[0]}) for _, plain in combinations(spec)]
    seeds = len(spec.seeds)
    each = [seconds_of(run, spec.measure, rates) for run in runs]
    longest = max(each, default=0.0)
    seconds = max(seeds * sum(each) / rates.threads, longest)
    made = Estimate(
        runs=spec.runs,
        combinations=spec.combinations,
        pairs=seeds,
        floor=floor_of_p(seeds),
        updates=seeds * sum(run.stop.epochs * run.steps_per_epoch for run in runs),
        seconds=round(seconds, 4),
        threads=rates.threads,
        memory_mb=round(rates.threads * max(map(_memory, runs), default=0.0), 1),
    )
    return made.model_copy(update={"refused": refusal(spec, made)})


def refusal(spec: SweepSpec, made: Estimate) -> str:
    """Say which limit a sweep passes, and the way out; empty when none."""
    limits = spec.limits
    took = f"about {told(made.seconds)} on {made.threads} processors"
    if made.runs > limits.runs:
        fits = max(1, limits.runs // made.combinations)
        return (
            f"{made.runs:,} runs ({took}) are more than limits.runs, {limits.runs:,}; "
            f"take {fits} seeds, drop settings, or raise limits.runs"
        )
    if made.seconds > 3600 * limits.hours:
        return f"{made.runs:,} runs take {took}, more than limits.hours, {limits.hours:g}; drop some, or raise it"
    return ""


def shown_at_best(pairs: int) -> str:
    """Say what so many pairs could show: the least p, and whether it is low enough to decide anything.

    Returns:
        A sentence.

    Example:
        >>> shown_at_best(3)
        'With 3 pairs the test cannot give a p below 0.25, so it can decide nothing; 6 pairs reach 0.031.'
    """
    floor = floor_of_p(pairs)
    enough = next(n for n in range(1, 99) if floor_of_p(n) <= LEVEL)
    short = f", so it can decide nothing; {enough} pairs reach {floor_of_p(enough):.2g}" if floor > LEVEL else ""
    said = f"{pairs} pair{'' if pairs == 1 else 's'}"
    return f"With {said} the test cannot give a p below {floor:.2g}{short}."


def must_fit(spec: SweepSpec, rates: Rates | None = None) -> Estimate:
    """Give the estimate of a sweep that is within its limits.

    Returns:
        The estimate.

    Raises:
        NotPossible: If it is not.
    """
    made = estimate(spec, rates)
    if made.refused:
        message, _, hint = made.refused.partition("; ")
        raise NotPossible(f"{message}.", hint=f"{hint[:1].upper()}{hint[1:]}.")
    return made


def seconds_of(run: RunSpec, measure: Measure, rates: Rates) -> float:
    """Foresee the seconds that one run takes on one processor, with all that is measured of it."""
    epochs, births = run.stop.epochs, births_of(run)
    size = _size(run, units_of(run) // 2)
    every = epochs if births or measure.at_losses else epochs / measure.every
    looks = epochs / measure.every + 1 + len(measure.at_losses) + (2 * births if measure.births else 0)
    searches = looks * len(measure.flatness) + 2 * births
    scored = 3 * size.pass_seconds * max(1, run.data.size / min(size.points, run.data.size))
    training = epochs * (EPOCH + size.epoch_seconds(run.batch)) + every * scored
    wide = GRAPH if run.net.wiring == "dag" else 1
    return rates.training * training + rates.curvature * wide * searches * search().on(size)


def births_of(run: RunSpec) -> int:
    """Births that the schedule of a run asks for."""
    schedule = run.growth.schedule
    return 0 if isinstance(schedule, ByHand) else schedule.births


def units_of(run: RunSpec) -> int:
    """Units that the births of a run's schedule add."""
    schedule, each = run.growth.schedule, getattr(run.growth.rule, "count", 1)
    counts = getattr(schedule, "counts", ())
    return sum(counts) if counts else births_of(run) * each


def corrected(spec: SweepSpec, rates: Rates, seconds: float) -> Rates:
    """Correct the speed of this machine by the seconds that a whole sweep took on it."""
    off = seconds / max(estimate(spec, rates).seconds, 1e-3)
    return rates.model_copy(update={"training": rates.training * off, "curvature": rates.curvature * off})


def told(seconds: float) -> str:
    """Say a time for people."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


def _size(run: RunSpec, births: int = 0) -> Size:
    """Give the size of a run's net once so many units have been born in its first hidden layer."""
    hidden: Sequence[int] = run.net.hidden
    grown = (hidden[0] + births, *hidden[1:]) if hidden else ((births,) if births else ())
    return Size.of((run.data.features, *grown, run.data.classes), run.data.train_size)


def _memory(run: RunSpec) -> float:
    """MB that one thread holds: points as read, laid out for an epoch, and in double precision."""
    return (run.data.size * run.data.features * (4 + 8 + 8) + 400 * _size(run).parameters) / 1e6
