"""What a sweep will cost: runs, updates, seconds and memory, foreseen from its spec and the speed of a machine."""

from __future__ import annotations

from collections.abc import Sequence

from foldscape.comparison.statistics import floor_of_p
from foldscape.comparison.verdict import LEVEL
from foldscape.cost.engines import epoch_seconds
from foldscape.cost.growing import births_of, is_foreseeable
from foldscape.cost.rates import Rates
from foldscape.cost.run import EPOCH, size_of, training_seconds
from foldscape.cost.words import duration_text
from foldscape.cost.work import flatness_work, search
from foldscape.errors import NotPossible
from foldscape.model import Model
from foldscape.spec import RunSpec
from foldscape.sweep.expand import combinations, planned
from foldscape.sweep.spec import Measure, SweepSpec
from foldscape.sweep.straight import trains_straight

LEAST_COMPILED = 2e-3
"""Seconds of compiled updates below which the interpreter has most of a run that is trained straight."""
EPOCH_WITHOUT_LOOP = 2e-5
"""Seconds that an epoch takes besides its updates where no run loop stands between: its shuffle."""


class SweepEstimate(Model):
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
    is_known: bool = True
    """Whether the sizes of all its nets follow from their specs; else seconds and memory say nothing."""
    refused: str = ""
    """Why it may not be launched, with the way out; empty when it may."""


def estimate(spec: SweepSpec, rates: Rates | None = None) -> SweepEstimate:
    """Foresee what a sweep takes.

    Args:
        spec: A sweep without problems.
        rates: Speed of the machine; shipped values of an ordinary one if ``None``.

    Returns:
        Runs, updates, seconds and memory, and why it would be refused.
    """
    rates = rates or Rates()
    parted = ((settings, plain | {"seed": spec.seeds[0]}) for settings, plain in combinations(spec))
    cells = [planned(spec, settings, RunSpec.model_validate(plain)) for settings, plain in parted]
    runs = [cell.spec for cell in cells]
    seeds = len(spec.seeds)
    each = [max(1, cell.members) * seconds_of(cell.spec, spec.measure, rates) for cell in cells]
    longest = max(each, default=0.0)
    seconds = max(seeds * sum(each) / rates.threads, longest) + _begun(spec, runs, rates)
    made = SweepEstimate(
        runs=spec.runs,
        combinations=spec.combinations,
        pairs=seeds,
        floor=floor_of_p(seeds),
        updates=seeds * sum(max(1, cell.members) * cell.spec.updates for cell in cells),
        seconds=round(seconds, 4),
        threads=rates.threads,
        memory_mb=round(rates.threads * max(map(_memory, runs), default=0.0), 1),
        is_known=all(map(is_foreseeable, runs)),
    )
    return made.model_copy(update={"refused": limit_passed(spec, made)})


def _begun(spec: SweepSpec, runs: Sequence[RunSpec], rates: Rates) -> float:
    """Foresee what the first measurements on each set of data take, which the runs after them share."""
    data = {run.data.model_dump_json(): run.data for run in runs}.values()
    return rates.reading * sum(probe.first_seconds(one) for one in data for probe in spec.measure.probes)


def limit_passed(spec: SweepSpec, made: SweepEstimate) -> str:
    """Say which limit a sweep passes, and the way out; empty when none."""
    limits = spec.limits
    took = how_long(made)
    if made.runs > limits.runs:
        fits = max(1, limits.runs // made.combinations)
        return (
            f"{made.runs:,} runs ({took}) are more than limits.runs, {limits.runs:,}; "
            f"take {fits} seeds, drop settings, or raise limits.runs"
        )
    if made.is_known and made.seconds > 3600 * limits.hours:
        return f"{made.runs:,} runs take {took}, more than limits.hours, {limits.hours:g}; drop some, or raise it"
    return ""


def how_long(made: SweepEstimate) -> str:
    """Say how long a sweep takes, as far as that is known."""
    if not made.is_known:
        return "how long is known once its runs have made their nets"
    return f"about {duration_text(made.seconds)} on {made.threads} processors"


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


def must_fit(spec: SweepSpec, rates: Rates | None = None) -> SweepEstimate:
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
    looks = epochs / measure.every + 1 + len(measure.at_losses) + (2 * births if measure.births else 0)
    rows = epochs if births or measure.at_losses else epochs / measure.every
    size = size_of(run)
    look = flatness_work(size.parameters, len(measure.flatness))
    work = looks * look.on(size) + (2 * births * search().on(size) if measure.flatness else 0)
    measuring = work + looks * sum(probe.work.on(size) for probe in measure.probes)
    epoch = EPOCH_WITHOUT_LOOP if trains_straight(run) else EPOCH
    return training_seconds(run, rows, rates, epoch) + rates.curvature * run.net.can.slower * measuring


def is_held_up(run: RunSpec, measure: Measure) -> bool:
    """Whether a run is so small that its threads would wait for the interpreter: a second one makes it slower.

    Args:
        run: The run.
        measure: What is measured of it.

    Returns:
        True if next to nothing of it is compiled code, which computes without the interpreter.
    """
    if not trains_straight(run) or measure.flatness or measure.probes or measure.trace:
        return False
    updates, _ = epoch_seconds(run, size_of(run))
    return run.stop.epochs * updates < LEAST_COMPILED


def corrected_by_sweep(spec: SweepSpec, rates: Rates, seconds: float) -> Rates:
    """Correct the speed of this machine by the seconds that a whole sweep took on it."""
    off = seconds / max(estimate(spec, rates).seconds, 1e-3)
    return rates.slower(off)


def _memory(run: RunSpec) -> float:
    """MB that one thread holds: points as read, laid out for an epoch, and in double precision."""
    data, net = run.data, run.net
    parameters, passage = net.parameters_on(data.shape, data.classes), net.passage_on(data.shape, data.classes)
    held = 0.0  # of a module of one's own nothing is known
    if parameters is not None and passage is not None:  # a convolution uses each many times
        held = parameters * size_of(run).parameters / passage.weights
    return (data.size * data.features * (4 if net.can.read_as == "rows" else 4 + 8 + 8) + 400 * held) / 1e6
