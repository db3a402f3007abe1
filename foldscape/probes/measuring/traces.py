"""Sums over the spectrum of a run's Hessian."""

from __future__ import annotations

from collections.abc import Iterator

from foldscape import curvature as curves
from foldscape.curvature.eigenpairs import AUTO_DENSE
from foldscape.events import Traces
from foldscape.probes.measuring.moment import finite_objective, measured_on
from foldscape.subject import Subject


def traces(subject: Subject, draws: int) -> Iterator[Traces]:
    """Measure the sums over the spectrum; the same random vectors serve the whole run, so that its curves compare."""
    objective = finite_objective(subject)
    if objective is None:
        return
    seed = subject.seed
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
