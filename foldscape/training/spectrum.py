"""The whole spectrum of a run's Hessian: its sums and its density."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foldscape import curvature as curves
from foldscape.curvature.eigenpairs import AUTO_DENSE
from foldscape.curvature.matrices import MatrixName
from foldscape.events import Density, Traces
from foldscape.training.sharpness import finite_objective, measured_on
from foldscape.training.subject import Subject


def traces(subject: Subject, draws: int) -> Iterator[Traces]:
    """Measure the sums over the spectrum; the same random vectors serve the whole run, so that its curves compare."""
    objective = finite_objective(subject)
    if objective is None:
        return
    seed = subject.spec.seed
    hessian = curves.trace(objective, probes=draws, rng=seed)
    exact = objective.size <= AUTO_DENSE
    norm = curves.frobenius(objective, method="exact" if exact else "hutchinson", probes=draws, rng=seed)
    newton = curves.trace(objective, name="gauss_newton", probes=draws, rng=seed)
    estimates = (hessian, norm, newton)
    yield Traces(
        **measured_on(
            subject,
            "exact" if all(each.exact for each in estimates) else "hutchinson",
            sum(each.probes for each in estimates) + (objective.size if exact else 0),
        ),
        trace=hessian.value,
        trace_error=hessian.standard_error,
        frobenius=norm.value,
        frobenius_error=norm.standard_error,
        gauss_newton=newton.value,
        gauss_newton_error=newton.standard_error,
        empirical_fisher=curves.trace(objective, name="empirical_fisher").value,
        covariance=curves.trace(objective, name="gradient_covariance").value,
    )


def density(subject: Subject, matrix: MatrixName, steps: int, runs: int) -> Iterator[Density]:
    """Measure the density of a spectrum, from the same random vectors all along a run."""
    objective = finite_objective(subject)
    if objective is None:
        return
    found = curves.spectral_density(objective, name=matrix, steps=steps, runs=runs, rng=subject.spec.seed)
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
