"""What runs have taken on a machine corrects what the next is foreseen to take there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from foldscape.cost.growing import is_foreseeable
from foldscape.cost.rates import Rates, middle
from foldscape.cost.run import foresee, size_of
from foldscape.spec import RunSpec

ALIKE = 4.0
"""Runs whose data sets differ in their numbers by less than this factor wait for memory alike."""
KEEPS = 0.95
"""Share of its pace from which a run says nothing of how fast it could go."""


@dataclass(frozen=True)
class TimedRun:
    """A run that a worker has carried out, or does.

    Attributes:
        spec: The run.
        probe_ms: Milliseconds of processor time of the last measurement, by kind of probe.
        rate: Updates a second, measuring included; ``None`` where it is not known.
    """

    spec: RunSpec
    probe_ms: Mapping[str, float] = field(default_factory=dict)
    rate: float | None = None


def corrected(run: RunSpec, timed: Sequence[TimedRun], rates: Rates | None = None) -> Rates:
    """Correct the rates of a machine by what runs have taken on it, for one more run.

    The median over all probes that were timed corrects measuring, and training too where nobody has calibrated it. The
    median rate of runs on data of the same size that did not just keep their pace corrects everything.

    Args:
        run: The run that is to be foreseen.
        timed: Runs that were carried out there.
        rates: Its rates, if they were calibrated.

    Returns:
        The rates by which that run is best foreseen.
    """
    probes = middle(_by_probes(timed))
    if rates is None:
        rates = Rates().slower(probes or 1.0)
    elif probes is not None:
        rates = rates.model_copy(update={"curvature": probes})
    whole = middle(_by_rate(_alike(run, timed), rates))
    return rates if whole is None else rates.slower(whole)


def _by_probes(timed: Iterable[TimedRun]) -> Iterator[float]:
    for one in filter(_tells, timed):
        size, works = size_of(one.spec), {probe.kind: probe.work for probe in one.spec.probes}
        yield from (ms / (1e3 * works[kind].on(size)) for kind, ms in one.probe_ms.items() if kind in works)


def _by_rate(timed: Iterable[TimedRun], rates: Rates) -> Iterator[float]:
    for one in filter(_tells, timed):
        if not one.rate:
            continue
        cost = foresee(one.spec, rates)
        taken = cost.updates / one.rate
        if cost.paced is None or taken * KEEPS > cost.paced:
            yield taken / cost.seconds


def _tells(one: TimedRun) -> bool:
    """Whether a run says anything of the machine: the size of its net is known."""
    return is_foreseeable(one.spec)


def _alike(run: RunSpec, timed: Iterable[TimedRun]) -> Iterator[TimedRun]:
    values = _values(run)
    return (one for one in timed if 1 / ALIKE < _values(one.spec) / values < ALIKE)


def _values(run: RunSpec) -> int:
    return run.data.size * run.data.features
