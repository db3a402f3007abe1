"""What an optimiser that looks at the sharpest directions makes of them at a moment."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foldscape.events import Nudged
from foldscape.optimizer.memory import flat_directions
from foldscape.probes.measuring.moment import finite_objective, known, measured_on
from foldscape.subject import PRODUCTS, Subject


def nudged_directions(subject: Subject) -> Iterator[Nudged]:
    """Measure the directions that the optimiser holds."""
    memory = None if subject.engine is None else subject.engine.memory
    if memory is None or not memory.directions or (objective := finite_objective(subject)) is None:
        return
    directions = flat_directions(memory.directions).astype(float)
    gradient, values = objective.gradient(), memory.curvatures[0]
    length = float(np.linalg.norm(gradient))
    alignment = directions @ gradient / length if length else np.full(len(values), np.nan)
    factors = subject.optimizer.factors(subject.lr, values)
    yield Nudged(
        **measured_on(subject, "lanczos", 0),
        values=values,
        factors=factors,
        alignment=alignment,
        lambda_max=float(values[0]),
        factor=float(factors[0]),
        gradient_alignment=known(abs(alignment[0])),
        products=int(subject.notes[PRODUCTS][1]),
    )
