"""The largest Hessian eigenvalues, with what is needed to believe them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import FloatArray
from foldscape.curvature.blas import lanczos_threads
from foldscape.curvature.following import followed_pairs
from foldscape.curvature.krylov import Ritz
from foldscape.curvature.objective import MAX_DENSE, Objective, objective_of
from foldscape.curvature.search import dense_pairs, searched_pairs
from foldscape.errors import InvalidInput
from foldscape.modules.batch_loss import LossLike

EigenMethod = Literal["auto", "dense", "lanczos"]
End = Literal["LA", "SA"]
ProgressCallback = Callable[[int, int], None]

NOTHING_YET = Ritz(np.empty(0), np.empty((0, 0)), np.empty(0), 0, False)

AUTO_DENSE = 300
"""Largest number of parameters for which ``auto`` builds the whole Hessian."""


@dataclass(frozen=True)
class Eigenpairs:
    """Eigenpairs at one end of a Hessian's spectrum, the most extreme first.

    Attributes:
        values: Eigenvalues of shape (k,), signed, in nats per squared parameter unit.
        vectors: Unit eigenvectors of shape (k, P); the largest entry of each is positive.
        residuals: ||H v - value v|| of shape (k,); some true eigenvalue lies that near to each value.
        iterations: Hessian-vector products spent on the whole data; P for a dense Hessian.
        converged: Whether every residual is as small as ``tol`` asks. If False, the values are only lower bounds (upper
            bounds for the smallest end) and should be shown with their residual.
            Values are NaN if the loss at that point has no finite gradient.
        doubt: Probability at most that these are not the k most extreme: that an eigenvalue was overlooked which lies
            beyond the last one by more than 1 % of it (5 % where k is 1), and by more than its residual may be. 0 for a
            dense Hessian, at most 0.01 (0.3 where k is 1) where there were products enough to look, else up to 1.
        method: ``dense`` or ``lanczos``.
        wall_ms: Time taken, ms.
        nothing_above: Where the net has no curvature that can be told from rounding, as at a loss of nearly 0, the
            bound x of which is known that no eigenvalue lies above it (below -x for the smallest end); else None. The
            values are then 0, and x is the first residual.
    """

    values: NDArray[np.float64]
    vectors: NDArray[np.float64]
    residuals: NDArray[np.float64]
    iterations: int
    converged: bool
    doubt: float
    method: str
    wall_ms: float
    nothing_above: float | None = None


def top_eigenpairs(
    objective: Objective | Any,
    *data: Any,
    loss: LossLike = "cross_entropy",
    k: int = 1,
    method: EigenMethod = "auto",
    tol: float = 1e-3,
    start: ArrayLike | None = None,
    which: End = "LA",
    max_iterations: int | None = None,
    scale: ArrayLike | None = None,
    rng: np.random.Generator | int | None = 0,
    theta: ArrayLike | None = None,
    progress: ProgressCallback | None = None,
    rough: bool = False,
) -> Eigenpairs:
    """Find the algebraically largest (or smallest) eigenvalues of the Hessian of the mean loss.

    Early in training the eigenvalue of largest magnitude can be negative; it is never taken for the
    largest. Large nets are searched by Lanczos, in single precision where that is quicker; the
    values and residuals returned are always from a product in the objective's own precision.

    Args:
        objective: An ``Objective``, or a torch module, followed by its data.
        *data: If a module was given: inputs (N, ...) and labels (N,), or one thing that holds both, such as a loader.
        loss: Its loss: a name or one of ``foldscape.losses``, a callable of outputs and labels, or a ``BatchLoss``.
        k: Number of eigenpairs, 1 to P.
        method: ``dense`` builds the whole Hessian (P at most 1500), ``lanczos`` uses products only,
            ``auto`` builds it up to 300 parameters.
        tol: Residual allowed, relative to the first eigenvalue; later pairs are held to the geometric mean of their
            own value and the first, and the first one to what makes its value right to ``tol`` squared.
        start: Vectors of shape (P,) or (vectors, P) to start from, such as those of an earlier step.
        which: ``LA`` for the largest, ``SA`` for the smallest.
        max_iterations: Products to spend at most; 300 + 20 k if None.
        scale: Vector s of shape (P,); the operator becomes diag(s) H diag(s). Parameters with s = 0
            are left out, and the vectors are zero there.
        rng: Generator or seed of random start vectors.
        theta: Point to measure at, shape (P,); the net's own parameters if None.
        progress: Told the products done and the most that will be.
        rough: Whether directions are wanted rather than numbers: in single precision where that is quicker, and without
            looking for what was overlooked. With k orthonormal vectors to start from that are still near, whatever
            ``tol`` says, one product with each does; see ``following``.

    Returns:
        The eigenpairs. If they did not converge, ``converged`` is False and the residuals say how far.

    Raises:
        InvalidInput: If an argument does not fit the objective.

    Example:
        >>> net = Objective.of_mlp([np.eye(2)], [np.zeros(2)], "relu", [[1.0, 0], [0, 1]], [0, 1])
        >>> round(float(top_eigenpairs(net).values[0]), 6)
        0.589836
    """
    started = time.perf_counter()
    objective = objective_of(objective, data, loss)
    size = objective.size
    _check(size, k, method, tol, which)
    sign = 1.0 if which == "LA" else -1.0
    scaling = None if scale is None else _scaling(scale, size)
    operator = objective.at(theta)
    chosen = ("dense" if size <= AUTO_DENSE else "lanczos") if method == "auto" else method
    if not operator.finite:
        ritz = Ritz(np.full(k, np.nan), np.zeros((k, size)), np.full(k, np.nan), 0, False)
    elif chosen == "dense":
        ritz = dense_pairs(operator, sign, scaling, k)
    else:
        starts = _starts(start, size, scaling)
        generator = np.random.default_rng(rng)
        budget = max_iterations or 300 + 20 * k
        follows = rough and len(starts) == k and scaling is None and sign > 0
        ritz = followed_pairs(operator.quick(), starts) if follows else NOTHING_YET
        if not ritz.converged:
            spent = ritz.products
            with lanczos_threads(operator):
                ritz = searched_pairs(operator, sign, scaling, starts, k, tol, budget, generator, progress, rough)
            ritz = replace(ritz, products=ritz.products + spent)
    vectors = np.asarray(ritz.vectors, dtype=np.float64)
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
    return Eigenpairs(
        values=sign * np.asarray(ritz.values, dtype=np.float64) + 0.0,  # no -0
        vectors=np.where(largest < 0, -vectors, vectors),
        residuals=np.asarray(ritz.residuals, dtype=np.float64),
        iterations=ritz.products,
        converged=ritz.converged,
        doubt=ritz.doubt,
        method=chosen,
        wall_ms=1e3 * (time.perf_counter() - started),
        nothing_above=float(ritz.residuals[0]) if ritz.values[0] == 0 else None,
    )


def _check(size: int, k: int, method: str, tol: float, which: str) -> None:
    if not 1 <= k <= size:
        raise InvalidInput(f"k={k} eigenpairs of {size} parameters do not exist.", hint=f"Ask for 1 to {size}.")
    if method not in ("auto", "dense", "lanczos"):
        raise InvalidInput(f"There is no method {method!r}.", hint="Choose auto, dense or lanczos.")
    if which not in ("LA", "SA"):
        raise InvalidInput(f"There is no end {which!r} of a spectrum.", hint="Choose LA (largest) or SA (smallest).")
    if not tol > 0:
        raise InvalidInput(f"A tolerance of {tol} cannot be met.", hint="Give a number above 0, such as 1e-3.")
    if method == "dense" and size > MAX_DENSE:
        raise InvalidInput(
            f"A dense Hessian of {size} parameters is too large.",
            hint=f"Up to {MAX_DENSE} are possible; use method='lanczos'.",
        )


def _scaling(scale: ArrayLike, size: int) -> NDArray[np.float64]:
    scaling = np.asarray(scale, dtype=np.float64)
    if scaling.shape != (size,) or not (np.isfinite(scaling).all() and (scaling >= 0).all()):
        raise InvalidInput(
            f"A scale of shape {scaling.shape} does not fit {size} parameters.",
            hint=f"Give {size} finite numbers, none below 0.",
        )
    return scaling


def _starts(start: ArrayLike | None, size: int, scaling: FloatArray | None) -> NDArray[np.float64]:
    if start is None:
        return np.empty((0, size))
    starts = np.atleast_2d(np.asarray(start, dtype=np.float64))
    if starts.ndim != 2 or starts.shape[1] != size:
        raise InvalidInput(
            f"A start of shape {np.shape(start)} does not fit {size} parameters.",
            hint="After growth, pad the old vector with zeros for the new parameters, or start without one.",
        )
    starts = starts[np.isfinite(starts).all(axis=1) & (starts != 0).any(axis=1)]
    return np.asarray(starts if scaling is None else starts * (scaling > 0))
