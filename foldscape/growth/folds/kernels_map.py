# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
"""Compiled: the predicted gain of the best fold through each of many points of the plane.

For one direction u the samples are sorted by p = u·x. A fold through a point at t = u·point wakes those with p > t, and
its output there is p - t, so all sums over samples are suffix sums of 1, p and p², whatever the point.
"""

from __future__ import annotations

import numpy as np

from foldscape.growth.folds.kernels import solve
from foldscape.kernel import kernel, part


@part
def _suffix_sums(rows, order, p, power, sums):
    """Fill sums (r, N + 1) with the sums of rows times p to a power over the samples from each place on."""
    n = len(p)
    for a in range(len(rows)):
        sums[a, n] = 0.0
        for place in range(n - 1, -1, -1):
            i = order[place]
            sums[a, place] = sums[a, place + 1] + rows[a, i] * p[i] ** power


@kernel()
def best_gains(points, angles, norm, columns, errors, curvature, slope, ridge):
    """Give the highest predicted gain of the folds through each point, over the given directions.

    Args:
        points: (T, 2).
        angles: (D,) directions, radians.
        norm: Norm of the incoming weights.
        columns: (2, N) samples.
        errors: (r, N) gradient of each loss by the next layer's pre-activations.
        curvature: (r (r + 1) / 2, N) lower triangles of the second derivatives by them.
        slope: Slope of the unit's inactive side.
        ridge: What is added to the diagonal of the Hessian.

    Returns:
        (T,) gains, nats.
    """
    r, n = errors.shape
    s = len(curvature)
    best = np.zeros(len(points))
    p = np.empty(n)
    e0, e1 = np.empty((r, n + 1)), np.empty((r, n + 1))
    c0, c1, c2 = np.empty((s, n + 1)), np.empty((s, n + 1)), np.empty((s, n + 1))
    g, y, H = np.empty(r), np.empty(r), np.zeros((r, r))
    for angle in angles:
        u, v = np.cos(angle), np.sin(angle)
        for i in range(n):
            p[i] = u * columns[0, i] + v * columns[1, i]
        order = np.argsort(p)
        ascending = p[order]
        _suffix_sums(errors, order, p, 0, e0)
        _suffix_sums(errors, order, p, 1, e1)
        _suffix_sums(curvature, order, p, 0, c0)
        _suffix_sums(curvature, order, p, 1, c1)
        _suffix_sums(curvature, order, p, 2, c2)
        for k in range(len(points)):
            t = u * points[k, 0] + v * points[k, 1]
            j = np.searchsorted(ascending, t)
            for a in range(r):
                active, every = e1[a, j] - t * e0[a, j], e1[a, 0] - t * e0[a, 0]
                g[a] = norm * (active + slope * (every - active)) / n
            row = 0
            for a in range(r):
                for b in range(a + 1):
                    active = c2[row, j] - 2 * t * c1[row, j] + t * t * c0[row, j]
                    every = c2[row, 0] - 2 * t * c1[row, 0] + t * t * c0[row, 0]
                    H[a, b] = norm * norm * (active + slope * slope * (every - active)) / n
                    row += 1
                H[a, a] += ridge
            solve(H, g, y)
            gain = 0.0
            for a in range(r):
                gain += 0.5 * g[a] * y[a]
            best[k] = max(best[k], gain)
    return best
