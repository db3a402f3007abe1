"""Sums over the whole spectrum: the trace and the Frobenius norm of a Hessian.

Hutchinson (1990), "A stochastic estimator of the trace of the influence matrix".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.curvature.objective import MAX_DENSE, Objective
from foldscape.errors import InvalidInput

BATCH = 16


@dataclass(frozen=True)
class Estimate:
    """A number with its uncertainty.

    Attributes:
        value: The number.
        standard_error: Standard error of the mean over the probes; 0 if exact.
        probes: Random vectors behind it; 0 if exact.
    """

    value: float
    standard_error: float
    probes: int


def trace(
    objective: Objective,
    *,
    method: Literal["exact", "hutchinson"] = "hutchinson",
    probes: int = 100,
    scale: ArrayLike | None = None,
    rng: np.random.Generator | int | None = 0,
    theta: ArrayLike | None = None,
) -> Estimate:
    """Give the sum of all Hessian eigenvalues.

    With Rademacher probes z the mean of z^T H z is the trace, and one probe has the variance
    2 sum over i != j of H_ij squared.

    Args:
        objective: The loss.
        method: ``hutchinson`` for the estimate, ``exact`` for the diagonal of the dense Hessian (P at most 1500).
        probes: Random vectors, at least 2; the exact trace costs P of them.
        scale: Vector s of shape (P,) for the trace of diag(s) H diag(s); ones if None.
        rng: Generator or seed of the probes.
        theta: Point to measure at; the net's own parameters if None.

    Returns:
        The trace, in nats per squared parameter unit, with its standard error.

    Raises:
        InvalidInput: If an argument does not fit.
    """
    stretch = np.ones(objective.size) if scale is None else objective.point(scale)
    if method == "exact":
        matrix = _whole(objective, theta)
        return Estimate(float(stretch**2 @ matrix.diagonal()), 0.0, 0)
    forms = _draws(objective, stretch, probes, np.random.default_rng(rng), theta, power=1)
    return _mean(forms)


def frobenius(
    objective: Objective,
    *,
    method: Literal["exact", "hutchinson"] = "hutchinson",
    probes: int = 100,
    rng: np.random.Generator | int | None = 0,
    theta: ArrayLike | None = None,
) -> Estimate:
    """Give the Frobenius norm of the Hessian: the root of the mean of ||H z||^2 over random signs z.

    Args:
        objective: The loss.
        method: ``hutchinson`` for the estimate, ``exact`` from the dense Hessian (P at most 1500).
        probes: Random vectors, at least 2.
        rng: Generator or seed of the probes.
        theta: Point to measure at; the net's own parameters if None.

    Returns:
        The norm, in nats per squared parameter unit, with its standard error to first order.

    Raises:
        InvalidInput: If an argument does not fit.
    """
    if method == "exact":
        return Estimate(float(np.linalg.norm(_whole(objective, theta))), 0.0, 0)
    squares = _mean(_draws(objective, np.ones(objective.size), probes, np.random.default_rng(rng), theta, power=2))
    root = float(np.sqrt(squares.value))
    return Estimate(root, squares.standard_error / (2 * root) if root > 0 else 0.0, probes)


def _draws(
    objective: Objective,
    stretch: NDArray[np.float64],
    probes: int,
    rng: np.random.Generator,
    theta: ArrayLike | None,
    power: int,
) -> NDArray[np.float64]:
    """Give z^T H z (power 1) or ||H z||^2 (power 2) for random sign vectors z, shape (probes,)."""
    if probes < 2:
        raise InvalidInput(f"{probes} probes give no standard error.", hint="Use at least 2.")
    operator = objective.at(theta)
    forms: list[NDArray[np.float64]] = []
    for first in range(0, probes, BATCH):
        signs = rng.choice((-1.0, 1.0), size=(min(BATCH, probes - first), objective.size)) * stretch
        images = np.asarray(operator.products(signs), dtype=np.float64)
        forms.append(np.einsum("kp,kp->k", signs if power == 1 else images, images))
    return np.concatenate(forms)


def _mean(draws: NDArray[np.float64]) -> Estimate:
    return Estimate(float(draws.mean()), float(draws.std(ddof=1) / np.sqrt(len(draws))), len(draws))


def _whole(objective: Objective, theta: ArrayLike | None) -> NDArray[np.float64]:
    if objective.size > MAX_DENSE:
        raise InvalidInput(
            f"A dense Hessian of {objective.size} parameters is too large.",
            hint=f"Up to {MAX_DENSE} are possible; use method='hutchinson'.",
        )
    return objective.dense_hessian(theta)
