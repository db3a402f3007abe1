"""The topology of a plane through a run's net."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from foldscape.errors import NotPossible
from foldscape.events import PlaneTopology
from foldscape.lazy import load_reference
from foldscape.probes.measuring.moment import believed, measured_on, plane_evaluator, top_pairs
from foldscape.subject import Subject


def plane_topology(
    subject: Subject, axes: Literal["random", "sharpest"], reach: float, side: int
) -> Iterator[PlaneTopology]:
    """Measure the training loss over a small plane, and its basins; none along directions not found or of no size."""
    vectors = None
    if axes == "sharpest":
        pairs = top_pairs(subject, 2)
        if len(pairs.vectors) < 2 or not np.isfinite(believed(pairs)[:2]).all():
            return
        vectors = pairs.vectors[:2]
    evaluator, blocks = plane_evaluator(subject)
    small_plane = load_reference("foldscape.landscape.small_plane:small_plane")
    try:
        losses, found = small_plane(evaluator, blocks, vectors, subject.seed, reach, side)
    except NotPossible:
        return
    yield PlaneTopology(
        **measured_on(subject, "persistence", 0),
        axes=axes,
        reach=reach,
        side=side,
        walls=int((~np.isfinite(losses)).sum()),
        **_numbers(found),
    )


def _numbers(found: Any) -> dict[str, Any]:
    """Give what is told of a ``landscape.Topology``, or nothing of none."""
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
