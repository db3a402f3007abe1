"""How a run's net will have grown by its schedule: births, and the units they add."""

from __future__ import annotations

from foldscape.cost.work import OF_CHAINS, OF_MODULES, Size
from foldscape.growth.schedule import AtEpochs, ByHand, Periodic
from foldscape.net.compute import Passage
from foldscape.spec import RunSpec


def births_of(run: RunSpec) -> int:
    """Count the births that the schedule of a run asks for before its end, at the most.

    Returns:
        Their number.

    Example:
        >>> births_of(RunSpec.model_validate({"stop": {"epochs": 25}, "growth": {"schedule": {"kind": "periodic"}}}))
        2
    """
    schedule = run.growth.schedule
    if isinstance(schedule, ByHand):
        return 0
    if isinstance(schedule, Periodic):
        in_time = max(0, -(-(run.stop.epochs - schedule.start) // schedule.every))
        return min(schedule.births, in_time)
    return _in_time(schedule, run.stop.epochs) if isinstance(schedule, AtEpochs) else schedule.births


def units_born(run: RunSpec) -> int:
    """Count the units that these births add, at the most."""
    schedule, births = run.growth.schedule, births_of(run)
    if isinstance(schedule, AtEpochs) and schedule.counts:
        return sum(schedule.counts[:births])
    return births * int(getattr(run.growth.rule, "count", 1))


SUPPOSED = Passage(100_000, 10_000, 10)
"""What a net is taken to be whose size is known once the run has made it; nobody is told what follows from it."""


def is_foreseeable(run: RunSpec) -> bool:
    """Whether the size of a run's net follows from its spec; else nothing is known of what it will take."""
    return run.net.passage_on(run.data.shape, run.data.classes) is not None


def passage_of(run: RunSpec, born: int = 0) -> Passage:
    """Give what a sample's way through a run's net takes once so many units have been born."""
    return run.net.passage_on(run.data.shape, run.data.classes, born) or SUPPOSED


def sized(run: RunSpec, born: int = 0) -> Size:
    """Give the size of a run's net once so many units have been born, with its training points."""
    passage = passage_of(run, born)
    cost = OF_MODULES if passage.parameters else OF_CHAINS
    return Size(passage.weights, passage.units, run.train_size, run.data.features, cost)


def _in_time(schedule: AtEpochs, epochs: int) -> int:
    return sum(epoch < epochs for epoch in schedule.epochs)
