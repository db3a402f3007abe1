"""Where SGD settles on a quadratic: by the stochastic differential equation, and with its finite step."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.studies.sde.spec import NoiseShape

RELAXATIONS = 4.0
"""Times by whose e-th power the slowest direction forgets its start while it settles."""


def noise_covariance(kind: NoiseShape, eigenvalues: Sequence[float]) -> FloatArray:
    """Give the covariance C of the gradients of single examples, in the directions of the Hessian; its trace is Tr H.

    Args:
        kind: ``hessian`` is C = H; ``isotropic`` a multiple of the identity; ``tilted`` the Hessian mirrored
            along the direction (1, 2, …, d), which does not commute with it.
        eigenvalues: (d,) eigenvalues of the Hessian H.

    Returns:
        (d, d) covariance.

    Example:
        >>> noise_covariance("isotropic", [1.0, 3.0])
        array([[2., 0.],
               [0., 2.]])
    """
    hessian: FloatArray = np.diag(np.asarray(eigenvalues, float))
    d = len(hessian)
    if kind == "hessian":
        return hessian
    if kind == "isotropic":
        same: FloatArray = np.eye(d) * (sum(eigenvalues) / d)
        return same
    across = np.arange(1, d + 1) / np.linalg.norm(np.arange(1, d + 1))
    mirror = np.eye(d) - 2 * np.outer(across, across)
    mirrored: FloatArray = mirror @ hessian @ mirror
    return mirrored


def naive_covariance(
    eigenvalues: Sequence[float], noise: FloatArray, lr: float, batch: int, momentum: float = 0.0
) -> FloatArray:
    """Give the stationary covariance Σ of the stochastic differential equation: HΣ + ΣH = η/(S(1 − μ)) C.

    Mandt, Hoffman & Blei (arXiv 1704.04289), section 3; Jastrzębski et al. (arXiv 1711.04623).

    Args:
        eigenvalues: (d,) eigenvalues of H = diag(eigenvalues).
        noise: (d, d) covariance C of the gradients of single examples.
        lr: Learning rate η.
        batch: Batch size S.
        momentum: Momentum μ.

    Returns:
        (d, d) covariance.

    Example:
        >>> naive_covariance([2.0], np.array([[2.0]]), lr=0.1, batch=5)
        array([[0.01]])
    """
    from scipy.linalg import solve_continuous_lyapunov

    ratio = lr / (batch * (1 - momentum))
    solved: FloatArray = solve_continuous_lyapunov(np.diag(np.asarray(eigenvalues, float)), ratio * noise)
    return solved


def corrected_covariance(
    eigenvalues: Sequence[float], noise: FloatArray, lr: float, batch: int, momentum: float = 0.0
) -> FloatArray:
    """Give the stationary covariance of the chain itself, v ← μv + Hθ + ε, θ ← θ − ηv, with its finite step.

    The pair (θ, v) is a linear recursion; its covariance solves a discrete Lyapunov equation. Without momentum it is
    Σ_ij = (η/S) C_ij / (λ_i + λ_j − ηλ_iλ_j).

    Args:
        eigenvalues: As for ``naive_covariance``.
        noise: As for ``naive_covariance``.
        lr: As for ``naive_covariance``.
        batch: As for ``naive_covariance``.
        momentum: As for ``naive_covariance``.

    Returns:
        (d, d) covariance of θ.

    Example:
        >>> corrected_covariance([2.0], np.array([[2.0]]), lr=0.5, batch=5).round(6)
        array([[0.1]])
    """
    from scipy.linalg import solve_discrete_lyapunov

    hessian = np.diag(np.asarray(eigenvalues, float))
    d = len(hessian)
    unit = np.eye(d)
    step = np.block([[unit - lr * hessian, -lr * momentum * unit], [hessian, momentum * unit]])
    into = np.vstack([-lr * unit, unit])
    both: FloatArray = solve_discrete_lyapunov(step, into @ (noise / batch) @ into.T)
    return both[:d, :d]


def excess_loss(eigenvalues: Sequence[float], covariance: FloatArray) -> float:
    """Give E[L] − L_min = ½ Tr(HΣ).

    Args:
        eigenvalues: (d,) eigenvalues of H.
        covariance: (d, d) stationary covariance Σ.

    Returns:
        The mean loss above the minimum.

    Example:
        >>> round(excess_loss([1, 5, 20], naive_covariance([1, 5, 20], np.diag([1, 5, 20]), 0.05, 4)), 5)
        0.08125
    """
    return 0.5 * float(np.asarray(eigenvalues) @ np.diag(covariance))


def settling_updates(eigenvalues: Sequence[float], lr: float, momentum: float) -> int:
    """Give the updates after which the slowest direction has forgotten its start to e⁻⁴.

    Args:
        eigenvalues: (d,) eigenvalues of H.
        lr: Learning rate η, below the stability edge 2(1 + μ)/λ.
        momentum: Momentum μ.

    Returns:
        A number of updates, at least 1.

    Example:
        >>> settling_updates([1.0, 5.0], lr=0.05, momentum=0.0)
        78
    """
    kept = max(_kept_by_update(lr * curvature, momentum) for curvature in eigenvalues)
    if kept <= 0:
        return 1
    # A curvature too small to be told from none forgets as little as a float can say.
    forgotten = -math.log(min(kept, math.nextafter(1, 0)))
    return max(1, math.ceil(RELAXATIONS / forgotten))


def _kept_by_update(step: float, momentum: float) -> float:
    """Give the spectral radius of one update along one direction: the roots of r² − (1 + μ − ηλ)r + μ."""
    middle = 1 + momentum - step
    under = middle * middle - 4 * momentum
    return math.sqrt(momentum) if under < 0 else (abs(middle) + math.sqrt(under)) / 2
