# mypy: allow-untyped-decorators
"""Chains of SGD, compiled: each with the noise of a generator that its block of chains shares."""

from __future__ import annotations

from typing import Any

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.kernel import kernel


@kernel(indices_from_end=False)
def descend_quadratic(
    noise: Any, theta: FloatArray, velocity: FloatArray, eigenvalues: FloatArray, root: FloatArray,
    lr: float, momentum: float, updates: int, total: FloatArray,
) -> None:  # fmt: skip
    """Update chains on a quadratic; ``root`` (d, d), lower, is a square root of the batch gradient's covariance.

    ``theta`` and ``velocity`` are (chains, d); to ``total`` (chains,) the excess loss after each update is added.
    """
    chains, dimension = theta.shape
    drawn = np.empty(dimension)
    for chain in range(chains):
        loss = 0.0
        for _ in range(updates):
            for i in range(dimension):
                drawn[i] = noise.standard_normal()
            for i in range(dimension):
                gradient = eigenvalues[i] * theta[chain, i]
                for j in range(i + 1):
                    gradient += root[i, j] * drawn[j]
                velocity[chain, i] = momentum * velocity[chain, i] + gradient
            for i in range(dimension):
                theta[chain, i] -= lr * velocity[chain, i]
                loss += 0.5 * eigenvalues[i] * theta[chain, i] ** 2
        total[chain] += loss


@kernel(indices_from_end=False)
def descend_wells(
    noise: Any, theta: FloatArray, velocity: FloatArray, pieces: tuple[float, ...], spread: float,
    lr: float, momentum: float, updates: int, total: FloatArray,
) -> None:  # fmt: skip
    """Update chains in a double well; ``spread`` is the standard deviation of a batch's gradient.

    ``pieces`` holds both curvatures, the barrier's, its place and both joints. ``theta`` and ``velocity`` are
    (chains, 1); to ``total`` (chains,) 1 is added for each update after which the chain is in basin A.
    """
    a, b, top, barrier, p, q = pieces
    for chain in range(theta.shape[0]):
        x, speed, inside = theta[chain, 0], velocity[chain, 0], 0
        for _ in range(updates):
            if x < p:
                gradient = a * (x + 1)
            elif x < q:
                gradient = top * (barrier - x)
            else:
                gradient = b * (x - 1)
            speed = momentum * speed + gradient + spread * noise.standard_normal()
            x -= lr * speed
            inside += x < barrier
        theta[chain, 0], velocity[chain, 0] = x, speed
        total[chain] += inside
