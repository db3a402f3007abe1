"""One task of a sweep, on one thread: some runs, and their curves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from foldscape.data.base import Split
from foldscape.sweep.expand import PlannedRun
from foldscape.sweep.moments import Moment, alone, straight
from foldscape.sweep.pooled import pooled
from foldscape.sweep.record import Recorder
from foldscape.sweep.result import CellResult
from foldscape.sweep.spec import Measure
from foldscape.sweep.stacked import moments_together
from foldscape.sweep.straight import trains_stacked, trains_straight


class TaskProgress(NamedTuple):
    """What a task says now and then.

    Attributes:
        share: Share of the task that is done.
        ended: The runs that are over.
    """

    share: float
    ended: list[CellResult]


def run_task(cells: Sequence[PlannedRun], measure: Measure, *, apart: bool = False) -> Iterator[TaskProgress]:
    """Carry runs out, one after another.

    Args:
        cells: The runs.
        measure: What is measured of each.
        apart: Whether to send even those through the run loop that could do without.

    Yields:
        How far it is, and the runs that ended with it.
    """
    done = 0
    for split, digest, part in _by_data(cells):
        if len(cells) > 1 and goes_stacked(part[0]) and not apart:
            yield from (step._replace(share=(done + len(part) * step.share) / len(cells))
                        for step in _stacked(part, split, digest, measure))  # fmt: skip
            done += len(part)
            continue
        shared: dict[str, Any] = {}
        for cell in part:
            for moment, recorder in _watched(cell, split, measure, shared, apart):
                ended = [_result(cell, digest, recorder, moment)] if moment.over else []
                yield TaskProgress((done + moment.epoch / cell.epochs) / len(cells), ended)
            done += 1


def goes_stacked(cell: PlannedRun) -> bool:
    """Whether a run is trained as one program with those that differ from it in their seeds alone."""
    return not cell.members and trains_stacked(cell.spec)


def _stacked(cells: Sequence[PlannedRun], split: Split, digest: str, measure: Measure) -> Iterator[TaskProgress]:
    """Carry out runs that are trained as one program."""
    recorders = [Recorder(measure, split, cell.spec) for cell in cells]
    for place, moment in moments_together([cell.spec for cell in cells], split, recorders[0].scored):
        recorders[place].see(moment)
        ended = [_result(cells[place], digest, recorders[place], moment)] if moment.over else []
        yield TaskProgress(moment.epoch / cells[place].epochs, ended)


def _watched(
    cell: PlannedRun, split: Split, measure: Measure, shared: dict[str, Any], apart: bool
) -> Iterator[tuple[Moment, Recorder]]:
    """Give the moments of a run, written down; one that fails does so in the run loop, which knows its last row."""
    recorder = Recorder(measure, split, cell.spec)
    if cell.members:
        for moment in pooled(cell, recorder.scored, apart=apart):
            recorder.see(moment)
            yield moment, recorder
        return
    quick = not apart and trains_straight(cell.spec)
    moments = straight(cell.spec, split, recorder.scored, shared) if quick else alone(cell.spec, cell.first)
    for moment in moments:
        if quick and moment.failed:
            yield from _watched(cell, split, measure, shared, apart=True)
            return
        recorder.see(moment)
        yield moment, recorder


def _by_data(cells: Sequence[PlannedRun]) -> list[tuple[Split, str, list[PlannedRun]]]:
    """Part runs by their points: a set that is drawn anew for each seed makes each run one of its own."""
    parts: dict[str, tuple[Split, str, list[PlannedRun]]] = {}
    for cell in cells:
        split = cell.spec.load()
        known = [name for name, (other, _, _) in parts.items() if other is split]
        digest = known[0] if known else split.digest
        parts.setdefault(digest, (split, digest, []))[2].append(cell)
    return list(parts.values())


def _result(cell: PlannedRun, digest: str, recorder: Recorder, moment: Moment) -> CellResult:
    return CellResult(
        key=cell.key,
        name=cell.name,
        settings=cell.settings,
        seed=cell.spec.seed,
        state="failed" if moment.failed else "done",
        message=moment.failed or moment.refused,
        data=digest,
        curve=recorder.curve(),
    )
