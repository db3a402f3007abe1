"""The topology of a plane through a run's net."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from foldscape.errors import NotPossible
from foldscape.events import PlaneTopology
from foldscape.landscape.direction import Direction, random_direction
from foldscape.landscape.persistence import Topology, topology
from foldscape.landscape.surface import axis
from foldscape.probes.measuring.moment import believed, measured_on, top_pairs
from foldscape.subject import Subject

ROUNDING = 1e-6
"""Error of a loss as a share of it: cells are measured in single precision."""


def plane_topology(
    subject: Subject, axes: Literal["random", "sharpest"], reach: float, side: int
) -> Iterator[PlaneTopology]:
    """Measure the training loss over a small plane, and its basins; none along directions that have no size."""
    try:
        first, second = _directions(subject, axes)
    except NotPossible:
        return
    losses = _plane(subject, first, second, axis((-reach, reach), side))
    walls = int((~np.isfinite(losses)).sum())
    found = topology(losses, relative_error=ROUNDING) if walls < losses.size else None
    yield PlaneTopology(
        **measured_on(subject, "persistence", 0), axes=axes, reach=reach, side=side, walls=walls, **_numbers(found)
    )


def _directions(subject: Subject, axes: str) -> tuple[Direction, Direction]:
    net = subject.net.folded()
    blocks, theta = net.can.part("space")().blocks(net), net.vector()
    if axes == "random":
        first, second = (random_direction(theta, blocks, 2 * subject.seed + draw) for draw in (0, 1))
        return first, second
    pairs = top_pairs(subject, 2)
    if len(pairs.vectors) < 2 or not np.isfinite(believed(pairs)[:2]).all():
        raise NotPossible("The two sharpest directions were not found.", hint="Take axes: random.")
    first, second = (Direction(f"v{i + 1}", pairs.vectors[i], blocks).scaled("neuron-relative", theta) for i in (0, 1))
    return first, second


def _plane(subject: Subject, first: Direction, second: Direction, steps: np.ndarray) -> np.ndarray:
    """Give the losses (rows along the second direction, columns along the first)."""
    x, y = subject.probe_points()
    evaluator = subject.net.folded().evaluator(x, y, subject.loss, threads=1, device=subject.device)
    a, b = np.tile(steps, len(steps)), np.repeat(steps, len(steps))
    losses: np.ndarray = evaluator.on_plane(a, b, first.vector, second.vector).loss
    return losses.reshape(len(steps), -1)


def _numbers(found: Topology | None) -> dict[str, Any]:
    if found is None:
        return dict.fromkeys(("basins", "threshold", "roughness", "second", "hills"))
    finite = found.persistence[np.isfinite(found.persistence)]
    return {
        "basins": found.count(found.threshold),
        "threshold": found.threshold,
        "roughness": found.roughness,
        "second": float(finite.max()) if len(finite) else 0.0,
        "hills": len(found.hills.top),
    }
