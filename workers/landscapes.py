"""Measure one landscape: its ground first, then cell by cell, going on from what another attempt has finished."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import orjson
from pydantic import TypeAdapter

from foldscape.errors import NotPossible
from foldscape.landscape import (
    Direction,
    Evaluator,
    fill,
    seconds_each,
)
from foldscape.landscape.filling import BLOCK
from foldscape.landscape.spec import Plane, Slice
from foldscape.landscape.surface import Cells, axis
from workers.job_lease import LandscapeLease, Taken
from workers.jobs import Word, carry
from workers.landscape_ground import Ground
from workers.landscape_plane import laid, marks
from workers.landscape_rows import GROUND, arrays_of, block_row, finite, joined, row, told
from workers.landscape_spec import ConnectionOf, Landscape, LandscapeSpec, SliceOf, SpectrumOf
from workers.landscape_spectrum import spectra
from workers.landscape_ways import hub_ways, ways
from workers.life import Life
from workers.run_log.connect import Client

spec_adapter: TypeAdapter[Landscape] = TypeAdapter(LandscapeSpec)

SECONDS = 900.0
"""Longest time that a landscape may be estimated to take."""
SECONDS_TOGETHER = 0.06
"""Cells finished within this time are said together."""


def measure(life: Life, landscape_id: str) -> None:
    """Measure a landscape until it is over, stopped, taken by another worker or until this worker ends.

    A worker's death costs only the cells it had not said yet.
    """
    lease = LandscapeLease(life.client, landscape_id, life.settings.lease_ms)

    def words(taken: Taken) -> Iterator[Word]:
        spec = spec_adapter.validate_json(taken.spec)
        rows = [orjson.loads(raw) for raw in life.client.hvals(lease.job.rows)]
        return Measuring(life.client, spec, rows, life.settings.study_threads or os.cpu_count() or 1).words()

    carry(life, lease, words, "Stopped; its finished cells stand.", "another goes on with the cells that are left.")


def warm() -> None:
    """Compile or load what measures cells, so that the first landscape does not wait for it."""
    nothing = np.zeros(2)
    for activation in ("relu", "tanh"):
        evaluator = Evaluator.of_net(
            [np.zeros((2, 2))] * 2, [nothing] * 2, activation, np.zeros((2, 2)), np.zeros(2, int)
        )
        evaluator.on_plane(nothing, nothing, evaluator.theta, evaluator.theta)
        evaluator.gradient(evaluator.theta, np.zeros(1, int))


class Measuring:
    """One attempt at a landscape.

    Args:
        client: Connection to the run log.
        spec: Which landscape.
        rows: What earlier attempts have said.
        threads: Threads to measure with.
    """

    def __init__(self, client: Client, spec: Landscape, rows: Sequence[dict[str, Any]], threads: int) -> None:
        self._client, self._spec, self._threads = client, spec, threads
        self._rows = {one["key"]: one for one in rows}

    def words(self) -> Iterator[Word]:
        """Measure, saying what is finished."""
        spec = self._spec
        done = len(joined(self._rows.values())[0])
        yield Word(min(0.999, done / spec.cells), "Reading the net", {})
        ground = Ground(self._client, spec.run, spec.step, spec.measured, self._threads)
        if isinstance(spec, ConnectionOf):
            yield from ways(ground, spec) if spec.third is None else hub_ways(ground, spec)
        elif isinstance(spec, SpectrumOf):
            yield from spectra(ground, spec, self._rows)
        elif isinstance(spec, SliceOf):
            yield from self._slice(ground, spec.slice)
        else:
            yield from self._plane(ground, spec)

    def _slice(self, ground: Ground, spec: Slice) -> Iterator[Word]:
        t = axis(spec.reach, spec.resolution)
        if (kept := self._rows.get(GROUND)) is None:
            yield Word(0, "Looking for the direction", {})
            first = ground.direction(spec.direction, spec.scale)
            objective = ground.objective
            slope, bend = objective.gradient(None) @ first.vector, first.vector @ objective.hvp(None, first.vector)
            fit = {"loss": objective.loss(), "slope": float(slope), "curvature": float(bend)}
            about = {"x": told(first), "fit": {name: finite(value) for name, value in fit.items()}}
            yield Word(
                0,
                "Direction found",
                row(GROUND, ground.about() | about, {"theta": ground.theta, "first": first.vector, "t": t}),
            )
        else:
            first = Direction(kept["x"]["name"], arrays_of(kept)["first"], ground.blocks)
        known = self._known(spec.resolution)
        seconds = estimate(ground, first, None, int((~known).sum()))
        yield from said(line(ground, first, t, known), spec.resolution, known, seconds)

    def _plane(self, ground: Ground, spec: Landscape) -> Iterator[Word]:
        if (kept := self._rows.get(GROUND)) is None:
            yield Word(0, "Looking for the directions", {})
            plane, first, second, path = laid(ground, spec)
            about = ground.about() | {"x": told(first), "y": told(second, first)}
            about |= {"marks": marks(plane, ground, first, second)}
            path_about, arrays = path
            arrays |= {"theta": ground.theta, "first": first.vector, "second": second.vector}
            arrays |= {"axis_x": axis(plane.x_reach, plane.resolution), "axis_y": axis(plane.y_reach, plane.resolution)}
            about |= path_about | {"plane": plane.model_dump(mode="json")}
            yield Word(0, "Directions found", row(GROUND, about, arrays))
        else:
            arrays, plane = arrays_of(kept), Plane.model_validate(kept["plane"])
            first, second = (
                Direction(kept[name]["name"], arrays[which], ground.blocks)
                for name, which in (("x", "first"), ("y", "second"))
            )
        known = self._known(plane.cells).reshape(plane.resolution, -1)
        seconds = estimate(ground, first, second, int((~known).sum()))
        blocks = fill(plane, first, second, ground.train, ground.test, known, budget=None)
        yield from said(blocks, plane.resolution, known, seconds)

    def _known(self, cells: int) -> np.ndarray:
        known = np.zeros(cells, bool)
        known[joined(self._rows.values())[0]] = True
        return known


def line(ground: Ground, first: Direction, t: np.ndarray, known: np.ndarray) -> Iterator[Cells]:
    """Measure the points of a line that are not known, every eighth first."""
    order = np.concatenate([np.flatnonzero(~known[::8]) * 8, [i for i in np.flatnonzero(~known) if i % 8]]).astype(int)
    size = max([BLOCK, *(round(4 * one.setup) for _, one in ground.evaluators())])
    done = int(known.sum())
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        nothing = np.full(len(chosen), np.nan)
        values = {f"{split}_{what}": nothing for split in ("train", "test") for what in ("loss", "accuracy")}
        for name, evaluator in ground.evaluators():
            found = evaluator.on_line(t[chosen], first.vector)
            values |= {f"{name}_loss": found.loss, f"{name}_accuracy": found.accuracy}
        done += len(chosen)
        yield Cells(rows=np.zeros(len(chosen), int), columns=chosen, **values, done=done, total=len(t), stage=len(t))


def estimate(ground: Ground, first: Direction, second: Direction | None, cells: int) -> float:
    """Estimate the seconds that some cells take, by timing a few.

    Returns:
        Seconds.

    Raises:
        NotPossible: If that is more than is allowed.
    """

    def each(evaluator: Evaluator) -> float:
        """Time some cells thrice: on a busy machine the quickest is the truest."""
        return min(seconds_each(evaluator, first, second or first) for _ in range(3))

    seconds = cells * sum(each(evaluator) for _, evaluator in ground.evaluators())
    if seconds > SECONDS:
        raise NotPossible(
            f"{cells:,} cells of this net would take about {seconds:,.0f} s; allowed are {SECONDS:,.0f} s.",
            hint=f"Take at most {int(cells * SECONDS / seconds):,} cells, or fewer points of the data.",
        )
    return seconds


def said(blocks: Iterator[Cells], columns: int, known: np.ndarray, seconds: float) -> Iterator[Word]:
    """Say finished blocks, those of a moment together."""
    total, share = known.size, min(float(known.mean()), 0.999)
    yield Word(share, f"{total:,} cells", {}, {"estimate_s": round(seconds, 3)})
    open_blocks: list[Cells] = []
    until = time.monotonic() + SECONDS_TOGETHER
    for block in blocks:
        open_blocks.append(block)
        share = min(block.done / total, 0.999)
        if time.monotonic() >= until:
            doing = f"{block.done:,} of {total:,} cells, {block.stage} a side"
            yield Word(share, doing, block_row(open_blocks, columns), {"estimate_s": round(seconds, 3)})
            open_blocks, until = [], time.monotonic() + SECONDS_TOGETHER
    rows = block_row(open_blocks, columns) if open_blocks else {}
    yield Word(1, f"{total:,} cells", rows, {"estimate_s": round(seconds, 3)})
