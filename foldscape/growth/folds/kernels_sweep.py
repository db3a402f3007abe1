# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
"""Compiled: the steepest direction of a fold through a point of the plane, exactly (docs/growth.md).

Turn the unit's direction once around. Its active side changes only where a sample lies on the fold, so between 2N
events the gradient by the outgoing weights is G u with one matrix G, and each event changes G by one rank-one term.
"""

from __future__ import annotations

import numpy as np

from foldscape.kernel import kernel, part

TURN = 2 * np.pi


@part
def _add(G, errors, offsets, i, factor):
    for a in range(len(G)):
        G[a, 0] += factor * errors[a, i] * offsets[0, i]
        G[a, 1] += factor * errors[a, i] * offsets[1, i]


@part
def _best_in_arc(G, low, start, end):
    """Give the angle beyond ``low``, from start to end, at which |G u| is longest, and |G u|² there."""
    p, q, r = 0.0, 0.0, 0.0
    for a in range(len(G)):
        p += G[a, 0] * G[a, 0]
        q += G[a, 0] * G[a, 1]
        r += G[a, 1] * G[a, 1]
    eigen = (0.5 * np.arctan2(2 * q, p - r) - low) % np.pi
    best, value = start, -1.0
    for angle in (start, end, eigen, eigen + np.pi):
        if start <= angle <= end:
            c, s = np.cos(low + angle), np.sin(low + angle)
            there = p * c * c + 2 * q * c * s + r * s * s
            if there > value:
                best, value = angle, there
    return best, value


@kernel()
def steepest(offsets, errors, slope, low, width):
    """Maximise the squared norm of g(u) = E[errors h], h the output of a unit with direction u, over an arc.

    Args:
        offsets: (2, N) samples as seen from the fold point.
        errors: (r, N) gradient of each loss by the next layer's pre-activations.
        slope: Slope of the unit's inactive side.
        low: Where the arc begins, radians.
        width: Its width, at most a full turn.

    Returns:
        The angle and the squared norm there.
    """
    n = offsets.shape[1]
    G = np.zeros((len(errors), 2))
    at = np.empty(2 * n)
    for i in range(n):
        enters = (np.arctan2(offsets[1, i], offsets[0, i]) - np.pi / 2 - low) % TURN
        leaves = enters + np.pi if enters < np.pi else enters - np.pi
        at[i], at[n + i] = enters, leaves
        _add(G, errors, offsets, i, (1.0 if leaves < enters else slope) / n)
    order = np.argsort(at)
    best, value, start = 0.0, -1.0, 0.0
    for k in range(2 * n + 1):
        end = min(at[order[k]], width) if k < 2 * n else width
        angle, there = _best_in_arc(G, low, start, end)
        if there > value:
            best, value = angle, there
        if k == 2 * n or end >= width:
            break
        event, start = order[k], end
        if event < n:
            _add(G, errors, offsets, event, (1 - slope) / n)
        else:
            _add(G, errors, offsets, event - n, (slope - 1) / n)
    return low + best, value
