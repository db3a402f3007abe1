"""Sums over the whole spectrum: the trace and the Frobenius norm.

Hutchinson (1990), "A stochastic estimator of the trace of the influence matrix", where there is no closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.curvature.eigenpairs import ProgressCallback
from foldscape.curvature.matrices import Matrix, MatrixName, matrix
from foldscape.curvature.objective import MAX_DENSE, Objective, objective_of
from foldscape.errors import InvalidInput
from foldscape.modules.batch_loss import LossLike

TraceMethod = Literal["auto", "exact", "hutchinson"]

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

    @property
    def exact(self) -> bool:
        """Whether it is no estimate."""
        return self.probes == 0


def trace(
    objective: Objective | Any,
    *data: Any,
    loss: LossLike = "cross_entropy",
    name: MatrixName = "hessian",
    method: TraceMethod = "auto",
    probes: int = 100,
    scale: ArrayLike | None = None,
    rng: np.random.Generator | int | None = 0,
    theta: ArrayLike | None = None,
    progress: ProgressCallback | None = None,
) -> Estimate:
    """Give the sum of all eigenvalues of the Hessian, or of another of the ``MATRICES``.

    For dense nets it is known in closed form, layer by layer. If the net is piecewise linear, the trace of the Hessian
    is that of its Gauss-Newton part. The traces of ``empirical_fisher`` and ``gradient_covariance`` are always exact.
    Elsewhere, with Rademacher probes z the mean of z^T H z is the trace, and one probe has the variance
    2 sum over i != j of H_ij squared.

    Args:
        objective: An ``Objective``, or a torch module, followed by its data.
        *data: If a module was given: inputs (N, ...) and labels (N,), or one thing that holds both, such as a loader.
        loss: Its loss: a name or one of ``foldscape.losses``, a callable of outputs and labels, or a ``BatchLoss``.
        name: Which matrix.
        method: ``exact`` for the closed form or, up to 1500 parameters, the dense matrix; ``hutchinson`` for the
            estimate; ``auto`` for the closed form where there is one, else the estimate.
        probes: Random vectors, at least 2.
        scale: Vector s of shape (P,) for the trace of diag(s) H diag(s); ones if None.
        rng: Generator or seed of the probes.
        theta: Point to measure at; the net's own parameters if None.
        progress: Told the probes done and their number.

    Returns:
        The trace, in nats per squared parameter unit, with its standard error.

    Raises:
        InvalidInput: If an argument does not fit.
        NotPossible: If there is no such matrix for the loss.

    Example:
        >>> net = Objective.of_mlp([np.eye(2)], [np.zeros(2)], "relu", [[1.0, 0], [0, 1]], [0, 1])
        >>> round(trace(net).value, 6)
        0.786448
    """
    objective = objective_of(objective, data, loss)
    chosen = matrix(objective, name, theta)
    stretch = None if scale is None else objective.point(scale)
    if method != "hutchinson":
        known = _closed_form(objective, chosen, stretch, theta)
        if known is not None:
            return Estimate(known, 0.0, 0)
        if method == "exact":
            weight = np.ones(objective.size) if stretch is None else stretch
            return Estimate(float(weight**2 @ _whole(chosen, objective, theta).diagonal()), 0.0, 0)
    forms = _draws(chosen, stretch, probes, np.random.default_rng(rng), 1, progress)
    return _mean(forms)


def frobenius(
    objective: Objective | Any,
    *data: Any,
    loss: LossLike = "cross_entropy",
    name: MatrixName = "hessian",
    method: Literal["exact", "hutchinson"] = "hutchinson",
    probes: int = 100,
    rng: np.random.Generator | int | None = 0,
    theta: ArrayLike | None = None,
    progress: ProgressCallback | None = None,
) -> Estimate:
    """Give the Frobenius norm of the Hessian: the root of the mean of ||H z||^2 over random signs z.

    Args:
        objective: An ``Objective``, or a torch module, followed by its data.
        *data: If a module was given: inputs (N, ...) and labels (N,), or one thing that holds both, such as a loader.
        loss: Its loss: a name or one of ``foldscape.losses``, a callable of outputs and labels, or a ``BatchLoss``.
        name: Which of the ``MATRICES``.
        method: ``hutchinson`` for the estimate, ``exact`` from the dense matrix (P at most 1500).
        probes: Random vectors, at least 2.
        rng: Generator or seed of the probes.
        theta: Point to measure at; the net's own parameters if None.
        progress: Told the probes done and their number.

    Returns:
        The norm, in nats per squared parameter unit, with its standard error to first order.

    Raises:
        InvalidInput: If an argument does not fit.
        NotPossible: If there is no such matrix for the loss.
    """
    objective = objective_of(objective, data, loss)
    chosen = matrix(objective, name, theta)
    if method == "exact":
        return Estimate(float(np.linalg.norm(_whole(chosen, objective, theta))), 0.0, 0)
    squares = _mean(_draws(chosen, None, probes, np.random.default_rng(rng), 2, progress))
    root = float(np.sqrt(squares.value))
    return Estimate(root, squares.standard_error / (2 * root) if root > 0 else 0.0, probes)


def _closed_form(
    objective: Objective, chosen: Matrix, stretch: NDArray[np.float64] | None, theta: ArrayLike | None
) -> float | None:
    if stretch is not None:
        diagonal = chosen.diagonal()
        return None if diagonal is None else float(stretch**2 @ diagonal)
    if chosen.name in ("empirical_fisher", "gradient_covariance"):
        second = float(objective.at(theta).squared_norms().mean())
        gradient = objective.gradient(theta)
        return second - float(gradient @ gradient) * (chosen.name == "gradient_covariance")
    parts = chosen.block_traces()
    return None if parts is None else float(parts.sum())


def _draws(
    chosen: Matrix,
    stretch: NDArray[np.float64] | None,
    probes: int,
    rng: np.random.Generator,
    power: int,
    progress: ProgressCallback | None,
) -> NDArray[np.float64]:
    """Give z^T H z (power 1) or ||H z||^2 (power 2) for random sign vectors z, shape (probes,)."""
    if probes < 2:
        raise InvalidInput(f"{probes} probes give no standard error.", hint="Use at least 2.")
    forms: list[NDArray[np.float64]] = []
    for first in range(0, probes, BATCH):
        signs = rng.choice((-1.0, 1.0), size=(min(BATCH, probes - first), chosen.size))
        if stretch is not None:
            signs *= stretch
        images = chosen.products(signs)
        forms.append(np.einsum("kp,kp->k", signs if power == 1 else images, images))
        if progress is not None:
            progress(min(first + BATCH, probes), probes)
    return np.concatenate(forms)


def _mean(draws: NDArray[np.float64]) -> Estimate:
    return Estimate(float(draws.mean()), float(draws.std(ddof=1) / np.sqrt(len(draws))), len(draws))


def _whole(chosen: Matrix, objective: Objective, theta: ArrayLike | None) -> NDArray[np.float64]:
    if chosen.size > MAX_DENSE:
        raise InvalidInput(
            f"A dense {chosen.name} of {chosen.size} parameters is too large.",
            hint=f"Up to {MAX_DENSE} are possible; use method='hutchinson'.",
        )
    return objective.dense_hessian(theta) if chosen.name == "hessian" else chosen.dense()
