"""Compile the passes of the curvature engine ahead of time."""

from __future__ import annotations

import numpy as np


def warm() -> None:
    """Load and compile every pass over dense nets, in single and double precision."""
    from foldscape.curvature.lanes import Lanes, LanesHessian

    theta = np.linspace(-1, 1, 12)
    for dtype in (np.float64, np.float32):
        lanes = Lanes.of([2, 2, 2], [True, True], 0, 0.0, np.eye(2, dtype=dtype), np.array([0, 1]))
        operator = LanesHessian(lanes, theta, lambda _: np.zeros((12, 12)))
        operator.products(theta[None])
        operator.weighted_gradients(operator.slopes_along(theta[None]))
        operator.squared_norms()
        operator.traces()
        operator.gradient()
