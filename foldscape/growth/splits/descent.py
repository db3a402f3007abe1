"""The most negative directions of many splitting matrices at once, without the matrices (arXiv 1910.03103)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray

STEPS = 20
_SPENT = 1e-10


def descended(
    inputs: FloatArray, pulls: FloatArray, rng: np.random.Generator, steps: int = STEPS
) -> tuple[FloatArray, FloatArray]:
    """Descend the Rayleigh quotient δᵀSδ of all units side by side, from random directions.

    Its gradient is Sδ less a share of δ, and Sδ = E[∂ℓ/∂h σ''(z) (x̃·δ) x̃] costs two products with the data. In place
    of a learning rate, the least quotient within the span of all gradients so far is taken (Lanczos 1950): no descent
    along gradients gets lower in as many steps.

    Args:
        inputs: x̃ of shape (N, D).
        pulls: (N, units).
        rng: Draws the first directions.
        steps: Gradients taken.

    Returns:
        (units,) quotients and (units, D) unit vectors.
    """
    units, size = pulls.shape[1], inputs.shape[1]
    steps = min(steps, size)
    pulled = pulls / len(inputs)
    basis, images = np.zeros((units, steps, size)), np.zeros((units, steps, size))
    vector: FloatArray = rng.normal(size=(units, size))
    for step in range(steps):
        length = np.linalg.norm(vector, axis=1, keepdims=True)
        for _ in range(2):  # twice is enough for rounding
            known = basis[:, :step]
            vector = vector - (known.transpose(0, 2, 1) @ (known @ vector[:, :, None]))[:, :, 0]
        left = np.linalg.norm(vector, axis=1, keepdims=True)
        basis[:, step] = np.where(left > _SPENT * length, vector / np.maximum(left, 1e-300), 0)
        vector = images[:, step] = ((inputs @ basis[:, step].T) * pulled).T @ inputs
    small = basis @ images.transpose(0, 2, 1)
    small[:, range(steps), range(steps)] += (basis == 0).all(axis=2) * (np.abs(small).max() + 1)  # never the least
    found = np.linalg.eigh((small + small.transpose(0, 2, 1)) / 2)
    directions = (found.eigenvectors[:, None, :, 0] @ basis)[:, 0]
    return found.eigenvalues[:, 0], directions
