"""Do some runs of a sweep again, and hold them against what was kept."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from foldscape.errors import InvalidInput
from foldscape.sweep.carry import tasks
from foldscape.sweep.expand import PlannedRun, expand
from foldscape.sweep.folder import Folder
from foldscape.sweep.result import BUT_CLOCK, CellResult
from foldscape.sweep.spec import SweepSpec
from foldscape.sweep.starting import given_first
from foldscape.sweep.task import goes_stacked, run_task

TOLERANCE = 1e-5
"""Relative difference up to which a number counts as the same on another machine; on one machine it is the same bits
where the compiled engine trains."""


@dataclass(frozen=True)
class Verified:
    """One run that was done again.

    Attributes:
        name: The run.
        same_bits: Whether every number but times has the same bits.
        worst: The largest relative difference of a number.
        where: Its column.
        agrees: Whether that is within ``TOLERANCE``.
    """

    name: str
    same_bits: bool
    worst: float
    where: str

    @property
    def agrees(self) -> bool:
        """Whether all numbers agree to the tolerance."""
        return self.worst <= TOLERANCE


def verify(folder: Path | str, cells: int = 2, seed: int = 0) -> Iterator[Verified]:
    """Do some runs of a sweep again, one by one through the run loop, and hold them against what was kept.

    Args:
        folder: The sweep's folder, or its manifest.
        cells: How many; drawn at random among those that came to their end.
        seed: Seed of the draw.

    Yields:
        What came out of each.

    Raises:
        InvalidInput: If there is nothing to do again.
    """
    place = Folder(Path(folder).parent if Path(folder).suffix == ".json" else folder)
    spec = place.spec()
    kept = [row for row in place.rows(spec) if row.state == "done"]
    if not kept:
        raise InvalidInput(f"{place.path} holds no run that came to its end.", hint="Carry the sweep out first.")
    planned_runs = given_first(expand(spec), place.starts())
    by_key = {cell.key: cell for cell in planned_runs}
    drawn = np.random.default_rng(seed).choice(len(kept), min(cells, len(kept)), replace=False)
    for number in sorted(drawn.tolist()):
        yield compared(kept[number], rerun(by_key[kept[number].key], spec, planned_runs))


def rerun(cell: PlannedRun, spec: SweepSpec, others: Sequence[PlannedRun] = ()) -> CellResult:
    """Do one run of a sweep again: alone and through the run loop, or with those it was one program with.

    Args:
        cell: The run.
        spec: The sweep.
        others: All runs of the sweep.

    Returns:
        What came out.
    """
    if goes_stacked(cell) and len(others) > 1:
        (together,) = (task for task in tasks(others, 1) if cell in task)
        found = (row for step in run_task(together, spec.measure) for row in step.ended)
        return next(row for row in found if row.key == cell.key)
    return next(row for step in run_task([cell], spec.measure, apart=True) for row in step.ended)


def compared(kept: CellResult, new: CellResult) -> Verified:
    """Hold two results of one run against each other."""
    worst, where, same = 0.0, "", kept.data == new.data and len(kept.curve.births) == len(new.curve.births)
    for name, column in kept.curve.columns.items():
        if name in BUT_CLOCK:
            continue
        off = _difference(column, new.curve.columns.get(name, []))
        same = same and off == 0
        if off > worst:
            worst, where = off, name
    return Verified(kept.name, same, worst if kept.data == new.data else math.inf, where or "data")


def _difference(old: Sequence[float | None], new: Sequence[float | None]) -> float:
    """Give the largest difference in units of the column's largest number."""
    if len(old) != len(new) or [value is None for value in old] != [value is None for value in new]:
        return math.inf
    a, b = (np.array([value for value in column if value is not None]) for column in (old, new))
    return float(np.abs(a - b).max() / max(float(np.abs(a).max()), 1e-300)) if len(a) else 0.0
