# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
"""Compiled: how much a new unit could lower the loss, for many incoming weights at once.

With outgoing weights v the loss is, to second order around v = 0, L + g·v + ½ vᵀ H v, where g = E[errors h],
H = E[h² curvature], h the unit's output. Samples lie in the last axis, so that every inner loop runs along contiguous
numbers. Loops are written out: numba's slice assignment takes seconds to compile.
"""

from __future__ import annotations

import numpy as np

from foldscape.kernel import kernel, part

NEWTON, GRADMAX = 0, 1
RELU, TANH = 0, 1
_MATH = {"contract", "reassoc", "arcp", "nsz"}  # nothing that assumes finite numbers


@part(fastmath=_MATH)
def _outputs(kind, slope, weights, bias, columns, h, bent):
    """Fill h with the unit's output and bent with the activation's derivative, (N,) each."""
    for i in range(len(h)):
        h[i] = bias
    for k in range(len(weights)):
        for i in range(len(h)):
            h[i] += weights[k] * columns[k, i]
    for i in range(len(h)):
        if kind == TANH:
            h[i] = np.tanh(h[i])
            bent[i] = 1 - h[i] * h[i]
        else:
            bent[i] = 1.0 if h[i] >= 0 else slope
            h[i] *= bent[i]


@part(fastmath=_MATH)
def _gradient(h, errors, g):
    for a in range(len(g)):
        total = 0.0
        for i in range(len(h)):
            total += errors[a, i] * h[i]
        g[a] = total / len(h)


@part(fastmath=_MATH)
def _hessian(h, curvature, ridge, H):
    row = 0
    for a in range(len(H)):
        for b in range(a + 1):
            total = 0.0
            for i in range(len(h)):
                total += curvature[row, i] * h[i] * h[i]
            H[a, b] = total / len(h)
            row += 1
        H[a, a] += ridge


@part
def solve(H, g, y):
    """Solve H y = g by Cholesky, in place of the lower triangle of H."""
    r = len(g)
    for a in range(r):
        for b in range(a + 1):
            total = H[a, b]
            for c in range(b):
                total -= H[a, c] * H[b, c]
            H[a, b] = np.sqrt(total) if a == b else total / H[b, b]
    for a in range(r):
        y[a] = g[a]
        for c in range(a):
            y[a] -= H[a, c] * y[c]
        y[a] /= H[a, a]
    for a in range(r - 1, -1, -1):
        for c in range(a + 1, r):
            y[a] -= H[c, a] * y[c]
        y[a] /= H[a, a]


@part(fastmath=_MATH)
def _by_weights(criterion, y, h, bent, columns, anchor, errors, curvature, pull, gradient):
    """Differentiate an objective by incoming weights w, the bias being -w·anchor; each row is passed through whole."""
    n = len(h)
    pull[:] = 0.0
    if criterion == NEWTON:
        row = 0
        for a in range(len(y)):
            for b in range(a + 1):
                share = (1 if a == b else 2) * y[a] * y[b]
                for i in range(n):
                    pull[i] -= share * curvature[row, i]
                row += 1
        for i in range(n):
            pull[i] *= h[i]
    for a in range(len(y)):
        for i in range(n):
            pull[i] += y[a] * errors[a, i]
    total = 0.0
    for i in range(n):
        pull[i] *= bent[i] / n
        total += pull[i]
    for k in range(len(gradient)):
        dot = 0.0
        for i in range(n):
            dot += pull[i] * columns[k, i]
        gradient[k] = dot - total * anchor[k]


@kernel(fastmath=_MATH)
def objectives(criterion, kind, slope, weights, biases, columns, errors, curvature, ridge, anchor, gradients):
    """Rate units by their incoming weights.

    Args:
        criterion: ``NEWTON``, the decrease ½ gᵀ (H + ridge I)⁻¹ g, or ``GRADMAX``, the squared norm of g.
        kind: ``RELU`` or ``TANH``.
        slope: Slope of the inactive side.
        weights: (C, fan_in) incoming weights, one unit a row.
        biases: (C,) biases.
        columns: (fan_in, N) what the layer receives.
        errors: (r, N) gradient of each loss by the next layer's pre-activations.
        curvature: (r (r + 1) / 2, N) lower triangles of the second derivatives by them.
        ridge: What is added to the diagonal of H.
        anchor: (fan_in,) point through which the folds go; read only where gradients are wanted.
        gradients: (C, fan_in) to be filled with the derivatives by the weights, or no rows.

    Returns:
        (C,) values.
    """
    r, n = errors.shape
    h, bent, pull = np.empty(n), np.empty(n), np.empty(n)
    g, y, H = np.empty(r), np.empty(r), np.zeros((r, r))
    values = np.zeros(len(weights))
    for c in range(len(weights)):
        _outputs(kind, slope, weights[c], biases[c], columns, h, bent)
        _gradient(h, errors, g)
        if criterion == NEWTON:
            _hessian(h, curvature, ridge, H)
            solve(H, g, y)
        else:
            for a in range(r):
                y[a] = 2 * g[a]
        for a in range(r):
            values[c] += 0.5 * g[a] * y[a]
        if len(gradients):
            _by_weights(criterion, y, h, bent, columns, anchor, errors, curvature, pull, gradients[c])
    return values
