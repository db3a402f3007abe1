"""The shapes a hill may have: its height over the squared distance from its top, and how that falls."""

from __future__ import annotations

import math
from typing import Literal

HillKernel = Literal["rbf", "l2", "inverse", "function"]


def height(kernel: HillKernel, squared: float, sigma: float) -> float:
    """Give the height k of a hill of strength 1.

    Args:
        kernel: ``rbf`` and ``function``: exp(-d/2σ²); ``inverse``: 1/(1 + d/2σ²); ``l2``: -d, without a top or an end.
        squared: Squared distance d from the top.
        sigma: Width σ.

    Returns:
        The height.

    Example:
        >>> round(height("rbf", 1.0, 1.0), 6), height("inverse", 2.0, 1.0), height("l2", 4.0, 1.0)
        (0.606531, 0.5, -4.0)
    """
    if kernel == "l2":
        return -squared
    share = squared / (2 * sigma**2)
    return 1 / (1 + share) if kernel == "inverse" else math.exp(-share)


def slope(kernel: HillKernel, squared: float, sigma: float) -> float:
    """Give the derivative of ``height`` by the squared distance; for all kernels at most 0."""
    if kernel == "l2":
        return -1.0
    tall = height(kernel, squared, sigma)
    return -(tall**2 if kernel == "inverse" else tall) / (2 * sigma**2)


def equilibrium(strength: float, sigma: float, curvature: float) -> float:
    """Give how far from the top of a hill a quadratic basin keeps the net.

    In a basin ½λr² with a hill s·exp(-r²/2σ²) on its minimum the forces λr and (sr/σ²)exp(-r²/2σ²) are in balance at
    r* = σ sqrt(2 ln(s/(σ²λ))). A hill that is flatter than the basin, s/σ² <= λ, moves nothing.

    Args:
        strength: Strength s.
        sigma: Width σ.
        curvature: Curvature λ of the loss along the way out: an eigenvalue of the Hessian.

    Returns:
        The distance r*; NaN where the curvature is not above 0, so that nothing holds the net.

    Example:
        >>> round(equilibrium(1.0, 1.2, 0.5), 12), equilibrium(0.5, 1.2, 0.5)
        (0.972672459197, 0.0)
    """
    if not curvature > 0:
        return math.nan
    ratio = strength / (sigma**2 * curvature)
    return sigma * math.sqrt(2 * math.log(ratio)) if ratio > 1 else 0.0
