"""The planes that a few directions span two by two: all of them coarse first, told as one tall grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np

from foldscape.errors import NotPossible
from foldscape.landscape.direction import Direction
from foldscape.landscape.filling import fill_plane
from foldscape.landscape.recorded.centre import Centre
from foldscape.landscape.recorded.plane import around
from foldscape.landscape.recorded.rows import GROUND, LandscapeProgress, LandscapeRow, arrays_of, direction_as_json, row
from foldscape.landscape.recorded.telling import said, seconds_of_cells
from foldscape.landscape.spec import Eigenvector, Plane, Planes, Range
from foldscape.landscape.surface import FinishedCells, axis
from foldscape.landscape.trajectory import coordinates_along


def all_planes(
    centre: Centre, spec: Planes, kept: Mapping[str, Any] | None, known: np.ndarray
) -> Iterator[LandscapeProgress]:
    """Measure every plane of a few directions.

    The cells are those of one grid: the planes stand below one another in the order of ``Planes.pairs``.

    Args:
        centre: The net and the data.
        spec: Which planes.
        kept: The row with the directions, from an earlier attempt.
        known: (cells,) those that are measured.

    Yields:
        Directions, then finished cells.
    """
    if kept is None:
        yield LandscapeProgress(share=0, doing="Looking for the directions")
        begun, directions, reaches = _laid(centre, spec)
        yield LandscapeProgress(share=0, doing="Directions found", rows=(begun,))
    else:
        arrays = arrays_of(kept)
        named = zip(kept["axes"], arrays["directions"], strict=True)
        directions = [Direction(about["name"], vector, centre.blocks) for about, vector in named]
        reaches = [(float(line[0]), float(line[-1])) for line in arrays["axes"]]
    tall = known.reshape(-1, spec.resolution)
    seconds = seconds_of_cells(centre, directions[0], directions[1], int((~known).sum()))
    fillings = [
        fill_plane(
            _plane(spec, reaches[i], reaches[j]), directions[i], directions[j], centre.train, centre.test,
            tall[spec.resolution * place : spec.resolution * (place + 1)], budget=None,
        )
        for place, (i, j) in enumerate(spec.pairs)
    ]  # fmt: skip
    yield from said(_in_turn(fillings, spec, int(known.sum())), spec.resolution, tall, seconds)


def _laid(centre: Centre, spec: Planes) -> tuple[LandscapeRow, list[Direction], list[Range]]:
    for sharpest in sorted(spec.directions, key=lambda one: -one.index if isinstance(one, Eigenvector) else 0)[:1]:
        centre.direction(sharpest, spec.scale)  # finds those before it too, all from one search
    directions = [centre.direction(one, spec.scale) for one in spec.directions]
    path, no_path = _path(centre, directions)
    if spec.reach is None and path is None:
        raise NotPossible(no_path, hint="Say how far the planes reach.")
    reaches = [
        spec.reach or around(path[:, place], spec.resolution)  # type: ignore[index]
        for place in range(len(directions))
    ]
    about = centre.about() | {"axes": [direction_as_json(one) for one in directions]}
    about |= {"planes": spec.model_dump(mode="json"), "no_path": no_path, "pairs": [list(pair) for pair in spec.pairs]}
    arrays = {"theta": centre.theta, "directions": np.stack([one.vector for one in directions])}
    arrays |= {"axes": np.stack([axis(reach, spec.resolution) for reach in reaches])}
    arrays |= {"cosines": np.array([[one.cosine(other) for other in directions] for one in directions])}
    if path is not None:
        arrays |= {"path": path, "path_steps": centre.path.steps.astype(np.float64)}
    return row(GROUND, about, arrays), directions, reaches


def _path(centre: Centre, directions: Sequence[Direction]) -> tuple[np.ndarray | None, str]:
    """Give the training path along the directions, or why it has no place there."""
    try:
        return coordinates_along(centre.path, directions), ""
    except NotPossible as error:
        return None, str(error)


def _plane(spec: Planes, x: Range, y: Range) -> Plane:
    return Plane(x_reach=x, y_reach=y, resolution=spec.resolution, stages=spec.stages())


def _in_turn(fillings: Sequence[Iterator[FinishedCells]], spec: Planes, done: int) -> Iterator[FinishedCells]:
    """Take a look at every plane before the next, finer one; rows count on from plane to plane."""
    waiting = [(place, groupby(filling, key=lambda block: block.stage)) for place, filling in enumerate(fillings)]
    while waiting:
        left = []
        for place, looks in waiting:
            for _, blocks in looks:
                for block in blocks:
                    done += len(block.rows)
                    yield replace(block, rows=block.rows + place * spec.resolution, done=done, total=spec.cells)
                left.append((place, looks))
                break
        waiting = left
