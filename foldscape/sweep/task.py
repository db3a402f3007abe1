"""One task of a sweep, on one thread: runs that train together, or a single one, and their curves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from foldscape.data.base import Split
from foldscape.sweep.expand import Cell
from foldscape.sweep.moments import Moment, alone, can_train_together, together
from foldscape.sweep.record import Recorder
from foldscape.sweep.result import CellResult
from foldscape.sweep.spec import Measure


class Step(NamedTuple):
    """What a task says once an epoch.

    Attributes:
        share: Share of the task that is done.
        ended: The runs that are over.
    """

    share: float
    ended: list[CellResult]


def carry_out(cells: Sequence[Cell], measure: Measure, *, apart: bool = False) -> Iterator[Step]:
    """Carry runs out.

    Args:
        cells: Runs that differ in their seeds only; one, where they cannot train together.
        measure: What is measured of each.
        apart: Whether to send even those that could train together through the run loop, one by one.

    Yields:
        How far it is, and the runs that ended with it.
    """
    done = 0
    for split, digest, part in _by_data(cells):
        recorders = [Recorder(measure, split, cell.spec) for cell in part]
        for moments in _moments(part, split, recorders[0].scored, apart):
            ended, latest = [], 0.0
            for cell, recorder, moment in zip(part, recorders, moments, strict=True):
                if moment is None:
                    continue
                recorder.see(moment)
                latest = moment.epoch / cell.spec.stop.epochs
                if moment.over:
                    ended.append(_result(cell, digest, recorder, moment))
            yield Step((done + latest * len(part)) / len(cells), ended)
        done += len(part)


def digest_of(split: Split) -> str:
    """Give the first 16 hex digits of the SHA-256 of a split's points and classes, of its validation part if any."""
    digest = hashlib.sha256()
    validation = (split.validation_x, split.validation_y) if len(split.validation_y) else ()
    for array in (split.train_x, split.train_y, split.test_x, split.test_y, *validation):
        digest.update(str((array.shape, array.dtype.str)).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def _moments(part: Sequence[Cell], split: Split, scored: int, apart: bool) -> Iterator[Sequence[Moment | None]]:
    if can_train_together(part[0].spec) and not apart:
        yield from together(part, split, scored)
        return
    for number, cell in enumerate(part):
        for moment in alone(cell.spec):
            yield [moment if other == number else None for other in range(len(part))]


def _by_data(cells: Sequence[Cell]) -> list[tuple[Split, str, list[Cell]]]:
    """Part runs by their points: a set that is drawn anew for each seed makes each run one of its own."""
    parts: dict[str, tuple[Split, str, list[Cell]]] = {}
    for cell in cells:
        split = cell.spec.load()
        digest = digest_of(split)
        parts.setdefault(digest, (split, digest, []))[2].append(cell)
    return list(parts.values())


def _result(cell: Cell, digest: str, recorder: Recorder, moment: Moment) -> CellResult:
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
