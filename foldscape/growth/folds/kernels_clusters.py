# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False
"""Compiled: weighted k-means++ (Arthur and Vassilvitskii 2007) and Lloyd's iterations."""

from __future__ import annotations

import numpy as np

from foldscape.kernel import kernel, part


@part
def _squared_distance(a, b):
    total = 0.0
    for k in range(len(a)):
        total += (a[k] - b[k]) ** 2
    return total


@kernel()
def seeds(points, weights, draws):
    """Choose first centres, each with probability in proportion to weight times squared distance to those before.

    Args:
        points: (n, d).
        weights: (n,), not negative.
        draws: (k,) uniform in [0, 1).

    Returns:
        (k', d) centres; fewer than k where every point of weight is a centre already.
    """
    n, d = points.shape
    centres = np.empty((len(draws), d))
    chance, distance = np.empty(n), np.empty(n)
    for i in range(n):
        chance[i], distance[i] = weights[i], np.inf
    for c in range(len(draws)):
        total = 0.0
        for i in range(n):
            total += chance[i]
        if not total > 0:
            return centres[:c]
        rest, chosen = draws[c] * total, -1
        for i in range(n):
            if chance[i] > 0:
                chosen = i
                rest -= chance[i]
                if rest < 0:
                    break
        for k in range(d):
            centres[c, k] = points[chosen, k]
        for i in range(n):
            distance[i] = min(distance[i], _squared_distance(points[i], centres[c]))
            chance[i] = weights[i] * distance[i]
    return centres


@kernel()
def lloyd(points, weights, first, rounds, tolerance):
    """Move centres to the weighted means of the points nearest to them, until they rest.

    Args:
        points: (n, d).
        weights: (n,), not negative.
        first: (k, d) centres to start from; one that loses all its weight stays where it is.
        rounds: Rounds at the most.
        tolerance: Length of the longest move at which to stop.

    Returns:
        (n,) nearest centre of each point, and (k, d) centres.
    """
    centres = np.empty(first.shape)
    for c in range(len(first)):
        for k in range(first.shape[1]):
            centres[c, k] = first[c, k]
    labels = np.zeros(len(points), np.int64)
    for turn in range(rounds + 1):
        for i in range(len(points)):
            nearest = np.inf
            for c in range(len(centres)):
                distance = _squared_distance(points[i], centres[c])
                if distance < nearest:
                    nearest, labels[i] = distance, c
        if turn == rounds:
            break
        sums, mass = np.zeros(centres.shape), np.zeros(len(centres))
        for i in range(len(points)):
            mass[labels[i]] += weights[i]
            for k in range(points.shape[1]):
                sums[labels[i], k] += weights[i] * points[i, k]
        longest = 0.0
        for c in range(len(centres)):
            if mass[c] > 0:
                for k in range(points.shape[1]):
                    sums[c, k] /= mass[c]
                longest = max(longest, _squared_distance(sums[c], centres[c]))
                for k in range(points.shape[1]):
                    centres[c, k] = sums[c, k]
        if longest <= tolerance**2:
            break
    return labels, centres
