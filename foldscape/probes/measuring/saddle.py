"""The saddle index where a run stands."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foldscape import curvature as curves
from foldscape.events import Saddle
from foldscape.probes.measuring.moment import finite_objective, known, measured_on
from foldscape.subject import Subject


def saddle(subject: Subject, steps: int, runs: int) -> Iterator[Saddle]:
    """Measure the index, from the same random vectors all along a run; small nets have their eigenvalues counted."""
    objective = finite_objective(subject)
    if objective is None:
        return
    found = curves.saddle_index(objective, steps=steps, runs=runs, rng=subject.seed)
    yield Saddle(
        **measured_on(subject, found.method, found.products),
        share=found.share,
        error=known(found.error),
        low=found.low,
        high=found.high,
        parameters=found.size,
        loss=found.loss,
        gradient_norm=float(np.linalg.norm(objective.gradient())),
    )
