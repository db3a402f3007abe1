"""Measure one landscape: its centre and directions first, then cell by cell, going on from what is known already."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from foldscape.landscape.direction import Direction
from foldscape.landscape.filling import BLOCK, fill_plane
from foldscape.landscape.recorded.centre import Centre
from foldscape.landscape.recorded.hills import hills_in
from foldscape.landscape.recorded.plane import laid, marks
from foldscape.landscape.recorded.planes import all_planes
from foldscape.landscape.recorded.rows import (
    GROUND,
    LandscapeProgress,
    arrays_of,
    direction_as_json,
    joined_blocks,
    row,
)
from foldscape.landscape.recorded.run_record import RunRecord
from foldscape.landscape.recorded.saddles import saddles
from foldscape.landscape.recorded.spec import (
    ConnectionOf,
    Landscape,
    PlanesOf,
    SaddlesOf,
    SliceOf,
    SpectrumOf,
    StraightOf,
    joins_nets,
)
from foldscape.landscape.recorded.spectrum import spectra
from foldscape.landscape.recorded.straight import straight_line
from foldscape.landscape.recorded.telling import said, seconds_of_cells
from foldscape.landscape.recorded.topology import TopologyOfRows
from foldscape.landscape.recorded.ways import hub_ways, ways
from foldscape.landscape.spec import Plane, Slice
from foldscape.landscape.surface import FinishedCells, axis
from foldscape.progress import ALMOST, Progress
from foldscape.wire import finite


def follow(
    spec: Landscape,
    open_record: Callable[[str], RunRecord],
    *,
    rows: Iterable[Mapping[str, Any]] = (),
    threads: int | None = None,
) -> Iterator[Progress]:
    """Measure a landscape around a recorded net, and tell what is finished.

    Args:
        spec: Which landscape.
        open_record: Gives what a run left behind, by its name.
        rows: What earlier attempts have told, as plain JSON; only what is missing is measured, to the same bits.
        threads: Threads to measure with; ``None`` is one a processor.

    Returns:
        An iterator that measures as it is asked: how far it is, with the rows that are new.

    Raises:
        FoldscapeError: If the net, the moment, the data or a direction are not there, or it would take too long.
    """
    return _Measuring(spec, open_record, rows, threads or os.cpu_count() or 1).told()


class _Measuring:
    """One attempt at a landscape.

    Args:
        spec: Which landscape.
        open_record: Gives what a run left behind, by its name.
        rows: What earlier attempts have told.
        threads: Threads to measure with.
    """

    def __init__(
        self,
        spec: Landscape,
        open_record: Callable[[str], RunRecord],
        rows: Iterable[Mapping[str, Any]],
        threads: int,
    ) -> None:
        self._spec, self._open, self._threads = spec, open_record, threads
        self._rows = {one["key"]: one for one in rows}

    def told(self) -> Iterator[Progress]:
        """Measure, telling what is finished, with the topology of each look that is complete."""
        topologies = TopologyOfRows(self._rows.values())
        for told in self._measured():
            yield topologies.beside(told)

    def _measured(self) -> Iterator[Progress]:
        spec = self._spec
        done = len(joined_blocks(self._rows.values())[0])
        yield LandscapeProgress(share=min(ALMOST, done / spec.cells), doing="Reading the net")
        if isinstance(spec, SaddlesOf):
            yield from saddles(self._open(spec.run), spec)
            return
        where = spec.run, spec.step, spec.measured, self._threads, spec.device
        centre = Centre(self._open, *where, joins=joins_nets(spec))
        if isinstance(spec, ConnectionOf):
            yield from ways(centre, spec) if spec.third is None else hub_ways(centre, spec)
        elif isinstance(spec, StraightOf):
            yield from straight_line(centre, spec)
        elif isinstance(spec, SpectrumOf):
            yield from spectra(centre, spec, self._rows)
        elif isinstance(spec, SliceOf):
            yield from self._slice(centre, spec.slice)
        elif isinstance(spec, PlanesOf):
            yield from all_planes(centre, spec.planes, self._rows.get(GROUND), self._known(spec.cells))
        else:
            yield from self._plane(centre, spec)

    def _slice(self, centre: Centre, spec: Slice) -> Iterator[LandscapeProgress]:
        t = axis(spec.reach, spec.resolution)
        if (kept := self._rows.get(GROUND)) is None:
            yield LandscapeProgress(share=0, doing="Looking for the direction")
            first = centre.direction(spec.direction, spec.scale)
            about = {"x": direction_as_json(first), "fit": _fit(centre, first)}
            about |= hills_in(centre, first)
            begun = row(GROUND, centre.about() | about, {"theta": centre.theta, "first": first.vector, "t": t})
            yield LandscapeProgress(share=0, doing="Direction found", rows=(begun,))
        else:
            first = Direction(kept["x"]["name"], arrays_of(kept)["first"], centre.blocks)
        known = self._known(spec.resolution)
        seconds = seconds_of_cells(centre, first, None, int((~known).sum()))
        yield from said(measured_line(centre, first, t, known), spec.resolution, known, seconds)

    def _plane(self, centre: Centre, spec: Landscape) -> Iterator[LandscapeProgress]:
        if (kept := self._rows.get(GROUND)) is None:
            yield LandscapeProgress(share=0, doing="Looking for the directions")
            plane, first, second, path = laid(centre, spec)
            about = centre.about() | {"x": direction_as_json(first), "y": direction_as_json(second, first)}
            about |= {"marks": marks(plane, centre, first, second)} | hills_in(centre, first, second)
            path_about, arrays = path
            arrays |= {"theta": centre.theta, "first": first.vector, "second": second.vector}
            arrays |= {"axis_x": axis(plane.x_reach, plane.resolution), "axis_y": axis(plane.y_reach, plane.resolution)}
            about |= path_about | {"plane": plane.model_dump(mode="json")}
            yield LandscapeProgress(share=0, doing="Directions found", rows=(row(GROUND, about, arrays),))
        else:
            arrays, plane = arrays_of(kept), Plane.model_validate(kept["plane"])
            first, second = (
                Direction(kept[name]["name"], arrays[which], centre.blocks)
                for name, which in (("x", "first"), ("y", "second"))
            )
        known = self._known(plane.cells).reshape(plane.resolution, -1)
        seconds = seconds_of_cells(centre, first, second, int((~known).sum()))
        blocks = fill_plane(plane, first, second, centre.train, centre.test, known, budget=None)
        yield from said(blocks, plane.resolution, known, seconds)

    def _known(self, cells: int) -> np.ndarray:
        known = np.zeros(cells, bool)
        known[joined_blocks(self._rows.values())[0]] = True
        return known


def _fit(centre: Centre, first: Direction) -> dict[str, float | None]:
    """Give the parabola of the loss in the middle; none where statistics are renewed all along the line."""
    objective = centre.objective
    if centre.is_renewed:
        ((_, evaluator), *_) = centre.evaluators()
        return {"loss": finite(float(evaluator.at(centre.theta).loss[0])), "slope": None, "curvature": None}
    slope, bend = objective.gradient(None) @ first.vector, first.vector @ objective.hvp(None, first.vector)
    fit = {"loss": objective.loss(), "slope": float(slope), "curvature": float(bend)}
    return {name: finite(value) for name, value in fit.items()}


def measured_line(centre: Centre, first: Direction, t: np.ndarray, known: np.ndarray) -> Iterator[FinishedCells]:
    """Measure the points of a line that are not known, every eighth first."""
    order = np.concatenate([np.flatnonzero(~known[::8]) * 8, [i for i in np.flatnonzero(~known) if i % 8]]).astype(int)
    size = max([BLOCK, *(round(4 * one.setup) for _, one in centre.evaluators())])
    done = int(known.sum())
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        nothing = np.full(len(chosen), np.nan)
        values = {f"{split}_{what}": nothing for split in ("train", "test") for what in ("loss", "accuracy")}
        for name, evaluator in centre.evaluators():
            found = evaluator.on_line(t[chosen], first.vector)
            values |= {f"{name}_loss": found.loss, f"{name}_accuracy": found.accuracy}
        done += len(chosen)
        yield FinishedCells(
            rows=np.zeros(len(chosen), int), columns=chosen, **values, done=done, total=len(t), stage=len(t)
        )
