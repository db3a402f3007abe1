"""The plane of a landscape: its directions, the training path in it, the other nets that it goes through."""

from __future__ import annotations

from typing import Any

import numpy as np

from foldscape.errors import NotPossible
from foldscape.landscape import Direction, project
from foldscape.landscape.recorded.centre import Centre
from foldscape.landscape.recorded.spec import Landscape, PathOf, PlaneOf
from foldscape.landscape.spec import Plane, Towards
from foldscape.wire import finite

MARGIN = 0.25
"""Room around a path, as a share of its extent."""


def laid(
    centre: Centre, spec: Landscape
) -> tuple[Plane, Direction, Direction, tuple[dict[str, Any], dict[str, np.ndarray]]]:
    """Work out the plane, its directions and the path in it."""
    if isinstance(spec, PathOf):
        first, second = centre.components.directions[:2]
        path = projected_path(centre, first, second)
        reaches = [around(path[1]["path"][:, k], spec.resolution) for k in (0, 1)]
        return spec.plane(reaches[0], reaches[1]), first, second, path
    assert isinstance(spec, PlaneOf)
    plane = spec.plane
    first, second = (centre.direction(one, plane.scale) for one in (plane.first, plane.second))
    if plane.orthogonal:
        second = second.orthogonal_to(first)
    return plane, first, second, projected_path(centre, first, second)


def around(values: np.ndarray, points: int) -> tuple[float, float]:
    """Give a range with room around some coordinates, of which 0, the net in the middle, is a point."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    room = MARGIN * max(high - low, 1e-9)
    step = (high - low + 2 * room) / (points - 1)
    low = -round((room - low) / step) * step
    return low, low + (points - 1) * step


def projected_path(centre: Centre, first: Direction, second: Direction) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Project the training path on a plane; where that cannot be done, tell why."""
    try:
        path = project(centre.path, first, second)
    except NotPossible as error:
        return {"no_path": str(error)}, {}
    losses = {name: which.at(centre.path.thetas) for name, which in centre.evaluators_between()}
    arrays: dict[str, np.ndarray] = {
        "path": path.coordinates,
        "path_shown": path.shown.astype(np.float32),
        "path_steps": path.steps.astype(np.float64),
    }
    arrays |= {f"path_{name}_loss": found.loss.astype(np.float32) for name, found in losses.items()}
    about = {"share": finite(path.share), "births": [int(one) for one in path.births], "from": centre.path_from}
    return {"movement": about}, arrays


def marks(plane: Plane, centre: Centre, first: Direction, second: Direction) -> list[dict[str, Any]]:
    """Give the coordinates of other nets that the plane is laid through."""
    found = []
    axes = np.stack([first.vector, second.vector], axis=1)
    for spec in (plane.first, plane.second):
        if isinstance(spec, Towards):
            moved = centre.other(spec.run, spec.step, aligned=spec.aligned) - centre.theta
            at = np.linalg.lstsq(axes, moved, rcond=None)[0]
            found.append({"run": spec.run, "step": spec.step, "x": float(at[0]), "y": float(at[1])})
    return found
