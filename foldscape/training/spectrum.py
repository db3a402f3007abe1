"""The whole spectrum of a run's Hessian: its sums and its density."""

from __future__ import annotations

from foldscape import curvature as curves
from foldscape.events import Traces
from foldscape.training.sharpness import measured_on, objective_now
from foldscape.training.subject import Subject


def traces(subject: Subject, draws: int) -> Traces:
    """Measure the sums over the spectrum; the same random vectors serve the whole run, so that its curves compare."""
    objective = objective_now(subject)
    seed = subject.spec.seed
    trace = curves.trace(objective, probes=draws, rng=seed)
    frobenius = curves.frobenius(objective, probes=draws, rng=seed)
    return Traces(
        **measured_on(subject, "hutchinson", 2 * draws),
        trace=trace.value,
        trace_error=trace.standard_error,
        frobenius=frobenius.value,
        frobenius_error=frobenius.standard_error,
    )
