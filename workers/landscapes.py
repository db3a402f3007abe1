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
    Connection,
    Direction,
    Evaluator,
    curve_connection,
    fill,
    linear_connection,
    project,
    seconds_each,
)
from foldscape.landscape.fill import BLOCK
from foldscape.landscape.spec import Plane, Slice, Towards
from foldscape.landscape.surface import Cells, axis
from workers.job_lease import LandscapeLease, Taken
from workers.jobs import Word, carry
from workers.landscape_ground import Ground
from workers.landscape_rows import GROUND, arrays_of, block_row, joined, row
from workers.landscape_spec import ConnectionOf, Landscape, LandscapeSpec, PathOf, PlaneOf, SliceOf
from workers.life import Life
from workers.run_log.connect import Client

spec_adapter: TypeAdapter[Landscape] = TypeAdapter(LandscapeSpec)

SECONDS = 900.0
"""Longest time that a landscape may be estimated to take."""
SECONDS_TOGETHER = 0.06
"""Cells finished within this time are said together."""
BATCH = 128
"""Samples of an update of a curve."""
MARGIN = 0.25
"""Room around a path, as a share of its extent."""


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
            yield from ways(ground, spec)
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
        yield from said(
            line(ground, first, t, known), 1, spec.resolution, estimate(ground, first, None, int((~known).sum()))
        )

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
        yield from said(blocks, plane.resolution, plane.cells, seconds)

    def _known(self, cells: int) -> np.ndarray:
        known = np.zeros(cells, bool)
        known[joined(self._rows.values())[0]] = True
        return known


def laid(
    ground: Ground, spec: Landscape
) -> tuple[Plane, Direction, Direction, tuple[dict[str, Any], dict[str, np.ndarray]]]:
    """Work out the plane, its directions and the path in it."""
    if isinstance(spec, PathOf):
        first, second = ground.components.directions
        path = along(ground, first, second)
        reaches = [around(path[1]["path"][:, k], spec.resolution) for k in (0, 1)]
        return spec.plane(reaches[0], reaches[1]), first, second, path
    assert isinstance(spec, PlaneOf)
    plane = spec.plane
    first, second = (ground.direction(one, plane.scale) for one in (plane.first, plane.second))
    if plane.orthogonal:
        second = second.orthogonal_to(first)
    return plane, first, second, along(ground, first, second)


def around(values: np.ndarray, points: int) -> tuple[float, float]:
    """Give a range with room around some coordinates, of which 0, the net in the middle, is a point."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    room = MARGIN * max(high - low, 1e-9)
    step = (high - low + 2 * room) / (points - 1)
    low = -round((room - low) / step) * step
    return low, low + (points - 1) * step


def along(ground: Ground, first: Direction, second: Direction) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Project the training path on a plane; where that cannot be done, tell why."""
    try:
        path = project(ground.path, first, second)
    except NotPossible as error:
        return {"no_path": str(error)}, {}
    losses = {name: which.at(ground.path.thetas) for name, which in evaluators(ground)}
    arrays: dict[str, np.ndarray] = {
        "path": path.coordinates,
        "path_shown": path.shown.astype(np.float32),
        "path_steps": path.steps.astype(np.float64),
    }
    arrays |= {f"path_{name}_loss": found.loss.astype(np.float32) for name, found in losses.items()}
    about = {"share": finite(path.share), "births": [int(one) for one in path.births]}
    return {"movement": about}, arrays


def evaluators(ground: Ground) -> list[tuple[str, Evaluator]]:
    """Give what a landscape is measured with, by the name of its points."""
    pairs = (("train", ground.train), ("test", ground.test))
    return [(name, evaluator) for name, evaluator in pairs if evaluator is not None]


def marks(plane: Plane, ground: Ground, first: Direction, second: Direction) -> list[dict[str, Any]]:
    """Give the coordinates of other nets that the plane is laid through."""
    found = []
    axes = np.stack([first.vector, second.vector], axis=1)
    for spec in (plane.first, plane.second):
        if isinstance(spec, Towards):
            moved = ground.other(spec.run, spec.step, aligned=spec.aligned) - ground.theta
            at = np.linalg.lstsq(axes, moved, rcond=None)[0]
            found.append({"run": spec.run, "step": spec.step, "x": float(at[0]), "y": float(at[1])})
    return found


def line(ground: Ground, first: Direction, t: np.ndarray, known: np.ndarray) -> Iterator[Cells]:
    """Measure the points of a line that are not known, every eighth first."""
    order = np.concatenate([np.flatnonzero(~known[::8]) * 8, [i for i in np.flatnonzero(~known) if i % 8]]).astype(int)
    size = max([BLOCK, *(round(4 * one.setup) for _, one in evaluators(ground))])
    done = int(known.sum())
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        nothing = np.full(len(chosen), np.nan)
        values = {f"{split}_{what}": nothing for split in ("train", "test") for what in ("loss", "accuracy")}
        for name, evaluator in evaluators(ground):
            found = evaluator.on_line(t[chosen], first.vector)
            values |= {f"{name}_loss": found.loss, f"{name}_accuracy": found.accuracy}
        done += len(chosen)
        yield Cells(rows=np.zeros(len(chosen), int), columns=chosen, **values, done=done, total=len(t), stage=len(t))


def estimate(ground: Ground, first: Direction, second: Direction | None, cells: int) -> float:
    """Estimate the seconds that some cells take, by timing a few.

    Raises:
        NotPossible: If that is more than is allowed.
    """
    seconds = cells * sum(seconds_each(one, first, second or first) for _, one in evaluators(ground))
    if seconds > SECONDS:
        raise NotPossible(
            f"{cells:,} cells of this net would take about {seconds:,.0f} s; allowed are {SECONDS:,.0f} s.",
            hint=f"Take at most {int(cells * SECONDS / seconds):,} cells, or fewer points of the data.",
        )
    return seconds


def said(blocks: Iterator[Cells], columns: int, total: int, seconds: float) -> Iterator[Word]:
    """Say finished blocks, those of a moment together."""
    open_blocks: list[Cells] = []
    until = time.monotonic() + SECONDS_TOGETHER
    share = 0.0
    for block in blocks:
        open_blocks.append(block)
        share = min(block.done / total, 0.999)
        if time.monotonic() >= until:
            doing = f"{block.done:,} of {total:,} cells, {block.stage} a side"
            yield Word(share, doing, block_row(open_blocks, columns), {"estimate_s": round(seconds, 3)})
            open_blocks, until = [], time.monotonic() + SECONDS_TOGETHER
    rows = block_row(open_blocks, columns) if open_blocks else {}
    yield Word(1, f"{total:,} cells", rows, {"estimate_s": round(seconds, 3)})


def ways(ground: Ground, spec: ConnectionOf) -> Iterator[Word]:
    """Measure the straight way, the one after the units were put in order, and the curve."""
    yield Word(0.02, "Reading the other net", {})
    b = ground.other(spec.to, spec.to_step, aligned=False)
    ordered = ground.other(spec.to, spec.to_step, aligned=True)
    a = ground.theta
    yield Word(0.05, "Ends found", row(GROUND, ground.about(), {"theta": a, "other": b, "ordered": ordered}))
    for share, key, end in ((0.2, "linear", b), (0.4, "ordered", ordered)):
        found = {name: linear_connection(which, a, end, spec.points) for name, which in evaluators(ground)}
        yield Word(share, f"The {key} way is measured", way_row(key, found, {}))
    yield Word(0.4, f"Training a curve with {spec.updates:,} updates", {})
    trained_on = ground.train or ground.test
    assert trained_on is not None
    epochs = -(-spec.updates // -(-trained_on.samples // BATCH))
    curve = curve_connection(trained_on, a, b, epochs=epochs, batch=BATCH, seed=spec.seed, points=spec.points)
    assert curve.bend is not None
    found = {
        name: curve_connection(which, a, b, epochs=0, bend=curve.bend, points=spec.points)
        for name, which in evaluators(ground)
    }
    yield Word(1, "Three ways", way_row("curve", found, {"bend": curve.bend}))


def way_row(key: str, found: dict[str, Connection], more: dict[str, np.ndarray]) -> dict[str, str]:
    """Give a way between two nets as a row."""
    arrays = {"t": next(iter(found.values())).t} | more
    about = {}
    for name, way in found.items():
        arrays |= {f"{name}_loss": way.loss.astype(np.float32), f"{name}_accuracy": way.accuracy.astype(np.float32)}
        about[name] = {"barrier": finite(way.barrier), "accuracy_drop": finite(way.accuracy_drop)}
    return row(f"way.{key}", about, arrays)


def told(direction: Direction, other: Direction | None = None) -> dict[str, Any]:
    """Tell about a direction in plain JSON."""
    curvature = None if direction.curvature is None else finite(direction.curvature)
    about = {"name": direction.name, "unit": direction.unit, "norm": finite(direction.norm), "curvature": curvature}
    cosine = {} if other is None else {"cosine": finite(direction.cosine(other))}
    return about | cosine | {"believed": direction.believed}


def finite(value: float) -> float | None:
    """Give a number as JSON takes it."""
    return float(value) if np.isfinite(value) else None
