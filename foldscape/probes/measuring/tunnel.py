"""The width of the tunnel around a run's net."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from foldscape.errors import NotPossible
from foldscape.events import Tunnel
from foldscape.lazy import load_reference
from foldscape.probes.measuring.moment import believed, finite_objective, known, measured_on, plane_evaluator, top_pairs
from foldscape.subject import Subject


def tunnel(
    subject: Subject, rise: float, scale: Literal["filter", "unit"], draws: int, largest: float
) -> Iterator[Tunnel]:
    """Measure the tunnel; the same random draws serve the whole run. None where neurons have no size."""
    objective = finite_objective(subject)
    if objective is None:
        return
    pairs = top_pairs(subject, 1)
    found_it = bool(np.isfinite(believed(pairs)[0]))
    evaluator, blocks = plane_evaluator(subject)
    tunnel_width = load_reference("foldscape.landscape.tunnel:tunnel_width")
    try:
        found = tunnel_width(
            objective,
            rise=rise,
            scale=scale,
            draws=draws,
            largest=largest,
            rng=subject.seed,
            sharpest=pairs.vectors[0],
            blocks=blocks,
            along=lambda radii, ray: evaluator.on_line(radii, ray).loss,
        )
    except NotPossible:  # all weights are 0
        return
    yield Tunnel(
        **measured_on(subject, "root along rays", pairs.iterations, float(pairs.residuals[0])),
        rise=rise,
        scale=scale,
        draws=draws,
        largest=largest,
        random=known(found.random),
        reached=found.reached,
        sharpest=known(found.sharpest) if found_it else None,
        sharpest_beyond=found_it and bool(np.isinf(found.sides).all()),
        rays=found.rays,
    )
