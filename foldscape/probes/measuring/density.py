"""The density of the spectrum of a run's Hessian."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foldscape import curvature as curves
from foldscape.curvature.matrices import MatrixName
from foldscape.events import Density
from foldscape.probes.measuring.moment import finite_objective, measured_on
from foldscape.subject import Subject


def density(subject: Subject, matrix: MatrixName, steps: int, runs: int) -> Iterator[Density]:
    """Measure the density of a spectrum, from the same random vectors all along a run."""
    objective = finite_objective(subject)
    if objective is None:
        return
    found = curves.spectral_density(objective, name=matrix, steps=steps, runs=runs, rng=subject.seed)
    grid = found.grid()
    yield Density(
        **measured_on(subject, "stochastic lanczos quadrature", found.products),
        matrix=matrix,
        grid=grid.astype(np.float32),
        density=found.density(grid).astype(np.float32),
        outliers=found.outliers,
        bulk_edge=found.bulk_edge,
        negative_mass=found.negative_mass,
        effective_rank=found.effective_rank,
    )
