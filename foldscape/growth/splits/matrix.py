"""Splitting matrices: to second order in ε, what splitting a unit does to the loss (Liu et al. 2019, arXiv 1910.02366).

A unit with incoming weights and bias θ becomes two, θ + εδ and θ - εδ, with half of its outgoing weights each. The
first order in ε cancels, and

    loss after - loss before = ε²/2 δᵀ S δ + O(ε³),    S = E[∂ℓ/∂h σ''(z) x̃ x̃ᵀ]

with h the unit's output, z its pre-activation, and x̃ what it receives and a 1 for its bias.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.net.mlp import Backward, Weights

MOST_ENTRIES = 4_000_000
"""Numbers held at once while matrices are diagonalised (32 MB)."""


def with_one(inputs: FloatArray) -> FloatArray:
    """Append the 1 that a bias weighs up: (N, fan_in + 1)."""
    return np.hstack([inputs, np.ones((len(inputs), 1), inputs.dtype)])


def second_derivative(net: Weights, z: FloatArray, beta: float) -> FloatArray:
    """Give the activation's second derivative.

    Args:
        net: The network.
        z: Pre-activations.
        beta: For a piecewise-linear activation: that of softplus of this sharpness instead, β s(1 - s) with
            s = sigmoid(βz); 0 for its own, which is 0 almost everywhere.

    Returns:
        In the shape of ``z``.
    """
    if net.activation == "tanh":
        tanh = np.tanh(z)
        bent: FloatArray = -2 * tanh * (1 - tanh**2)
        return bent
    slope = net.negative_slope if net.activation == "leaky_relu" else 0.0
    half = np.tanh(beta * z / 2)
    rounded: FloatArray = (1 - slope) * beta * (1 - half**2) / 4
    return rounded


def pulls(net: Weights, layer: int, passed: Backward, beta: float) -> FloatArray:
    """Give ∂ℓ/∂h σ''(z) of each example and unit of a hidden layer, (N, width).

    Args:
        net: A net without normalisation.
        layer: Hidden layer, from 0.
        passed: Its backward pass.
        beta: As of ``second_derivative``.

    Returns:
        (N, width).
    """
    z = passed.inputs[layer] @ net.weights[layer].T + net.biases[layer]
    return (passed.errors[layer + 1] @ net.weights[layer + 1]) * second_derivative(net, z, beta)


def splitting_matrices(inputs: FloatArray, pulls: FloatArray) -> FloatArray:
    """Give S of each unit.

    Args:
        inputs: x̃ of shape (N, D).
        pulls: (N, units).

    Returns:
        (units, D, D), symmetric.
    """
    weighed = inputs.T[None] * (pulls.T / len(inputs))[:, None, :]
    return weighed @ inputs


def smallest_eigenpairs(inputs: FloatArray, pulls: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the smallest eigenvalue of each unit's S and its eigenvector, from the matrices themselves.

    Args:
        inputs: x̃ of shape (N, D).
        pulls: (N, units).

    Returns:
        (units,) eigenvalues and (units, D) unit vectors.
    """
    size = max(inputs.shape) * inputs.shape[1]
    at_once = max(1, MOST_ENTRIES // size)
    values, vectors = [], []
    for first in range(0, pulls.shape[1], at_once):
        found = np.linalg.eigh(splitting_matrices(inputs, pulls[:, first : first + at_once]))
        values.append(found.eigenvalues[:, 0])
        vectors.append(found.eigenvectors[:, :, 0])
    return np.concatenate(values), np.concatenate(vectors)
