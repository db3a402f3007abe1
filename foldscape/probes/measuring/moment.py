"""What the probes of one moment share: the loss, its top eigenpairs, kept warm from the last, and what to believe."""

from __future__ import annotations

from typing import Any

import numpy as np

from foldscape import curvature as curves
from foldscape.net.mlp import Weights
from foldscape.subject import Subject

_VECTORS = "top_eigenvectors"
TOLERANCE = 1e-3
"""Residual, relative to the first eigenvalue, up to which a value is believed."""


def top_eigenvalue(subject: Subject, net: Weights) -> float:
    """Give the largest Hessian eigenvalue of a net on the run's probe points; NaN if it did not converge."""
    pair = curves.top_eigenpairs(net.objective(*subject.probe_points(), subject.loss))
    return float(pair.values[0]) if pair.converged else float("nan")


def objective_now(subject: Subject) -> curves.Objective:
    """Give the loss on the run's probe points, once for all probes of one moment."""
    if subject.objective is None or subject.objective[0] is not subject.net:
        subject.objective = (subject.net, subject.net.objective(*subject.probe_points(), subject.loss))
        subject.pairs = None
    return subject.objective[1]


def finite_objective(subject: Subject) -> curves.Objective | None:
    """Give the loss on the run's probe points, or ``None`` where it has no finite gradient."""
    objective = objective_now(subject)
    return objective if objective.at().finite else None


def plane_evaluator(subject: Subject) -> tuple[Any, tuple[curves.Block, ...]]:
    """Give the ``Evaluator`` around the net, batch normalisation folded in, and the blocks of its parameters."""
    net = subject.net.folded()
    evaluator = net.evaluator(*subject.probe_points(), subject.loss, threads=1, device=subject.device)
    return evaluator, net.can.part("space")().blocks(net)


def top_pairs(subject: Subject, k: int) -> curves.Eigenpairs:
    """Find the k top eigenpairs from the last ones on, once for a net, and remember them; fewer in a smaller net."""
    objective = objective_now(subject)
    k = min(k, objective.size)
    if subject.pairs is not None and len(subject.pairs.values) >= k:
        return subject.pairs
    start = subject.notes.get(_VECTORS)
    if start is not None and start.shape[-1] != objective.size:
        start = None
    pairs = curves.top_eigenpairs(objective, k=k, tol=TOLERANCE, start=start)
    subject.notes[_VECTORS] = pairs.vectors
    subject.pairs = pairs
    return pairs


def believed(pairs: curves.Eigenpairs) -> np.ndarray:
    """Give the eigenvalues, shape (k,), with NaN for those whose residual is too large."""
    good = pairs.residuals <= TOLERANCE * abs(pairs.values[0])
    return np.where(good | pairs.converged, pairs.values, np.nan)


def measured_on(subject: Subject, method: str, iterations: int, residual: float | None = None) -> dict[str, Any]:
    """Give the fields that every measurement has."""
    chosen = subject.probe_subset
    return subject.stamp() | {
        "epoch": subject.epoch,
        "points": len(chosen),
        "subset": chosen.hash,
        "method": method,
        "iterations": iterations,
        "residual": residual,
    }


def known(value: float) -> float | None:
    """Give a number, or ``None`` where it is none."""
    return float(value) if np.isfinite(value) else None
