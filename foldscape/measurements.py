"""Measurements: the events of the curvature probes, each with what is needed to believe it.

A number that did not converge is ``None``, or NaN within an array, and stands beside its residual; so nobody can take
it for one that did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from foldscape.event import Event


@dataclass(frozen=True, kw_only=True)
class Measurement(Event):
    """Base of what the curvature probes find.

    Attributes:
        epoch: Epochs done.
        points: Number of training points measured on.
        subset: Hash of which ones; values may be compared only where it agrees.
        method: How it was found, such as ``dense`` or ``lanczos``.
        iterations: Hessian-vector products used, or gradients where the method uses none.
    """

    epoch: float
    points: int
    subset: str
    method: str
    iterations: int


@dataclass(frozen=True, kw_only=True)
class Curvature(Measurement):
    """The ends of the Hessian's spectrum, with scale-free partners.

    Attributes:
        lambda_max: Largest eigenvalue of the Hessian of the mean training loss, or ``None`` if not converged.
        residual: Norm of ``H v - lambda v`` of it.
        edge: ``2 / lr``, the stability edge of gradient descent.
        values: (k,) float64 largest eigenvalues, the first first; NaN where not converged.
        residuals: (k,) float64 their residuals.
        smallest: Smallest eigenvalue; ``None`` if not converged or not asked for.
        smallest_residual: Its residual; ``None`` if not asked for.
        flatness: Largest eigenvalue of the scale-invariant Hessian by granularity; ``None`` if not converged.
        flatness_residual: Its residual by granularity.
    """

    kind: ClassVar[str] = "curvature"
    lambda_max: float | None
    residual: float
    edge: float
    values: np.ndarray
    residuals: np.ndarray
    smallest: float | None
    smallest_residual: float | None
    flatness: dict[str, float | None]
    flatness_residual: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Slice(Measurement):
    """The loss along one of the sharpest directions through the present weights.

    Attributes:
        direction: Which one, from 1 for the sharpest.
        lambda_max: Curvature along it: the eigenvalue.
        slope: First derivative of the training loss along it.
        sgd_step: Mean distance that one mini-batch step of gradient descent moves along it, parameter units.
        t: (T,) float32 distances along the unit direction, in parameter units.
        train: (T,) float32 training loss.
        test: (T,) float32 test loss; empty without test points.
    """

    kind: ClassVar[str] = "slice"
    direction: int
    lambda_max: float
    slope: float
    sgd_step: float
    t: np.ndarray
    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Traces(Measurement):
    """Sums over whole spectra; a standard error of 0 means exact.

    Attributes:
        trace: Sum of the Hessian's eigenvalues.
        trace_error: Its standard error.
        frobenius: Root of the sum of their squares.
        frobenius_error: Its standard error.
    """

    kind: ClassVar[str] = "traces"
    trace: float
    trace_error: float
    frobenius: float
    frobenius_error: float
