"""Above which curvature full-batch steps of the optimiser in use diverge on a quadratic: its stability edge.

Cohen et al. (2021, arXiv 2103.00065) for gradient descent and momentum; Cohen et al. (2022, arXiv 2207.14484) for Adam,
whose edge is one of the Hessian in units of its own step sizes.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from foldscape.engine.base import Memory
from foldscape.optimizer import Adam, Momentum, Optimizer


class Edge(NamedTuple):
    """A stability edge.

    Attributes:
        value: Largest eigenvalue at which steps do not yet grow.
        name: How it follows from the learning rate η and the momentum μ.
        of: Which eigenvalue: of the Hessian, or of the one in units of Adam's steps.
    """

    value: float
    name: str
    of: Literal["hessian", "preconditioned"] = "hessian"


def stability_edge(optimizer: Optimizer, lr: float) -> Edge:
    """Give the edge of an optimiser, without weight decay.

    Args:
        optimizer: Which one; its own learning rate does not count.
        lr: Learning rate now.

    Returns:
        The edge with its name.
    """
    if isinstance(optimizer, Adam):
        beta = optimizer.beta1
        factor = (2 + 2 * beta) / (1 - beta)
        return Edge(factor / lr, f"{factor:.4g}/η", "preconditioned")
    if isinstance(optimizer, Momentum) and optimizer.momentum:
        mu = optimizer.momentum
        if optimizer.nesterov:
            return Edge((2 + 2 * mu) / ((1 + 2 * mu) * lr), "(2+2μ)/((1+2μ)η)")
        return Edge((2 + 2 * mu) / lr, "(2+2μ)/η")
    return Edge(2 / lr, "2/η")


def step_scale(rule: Adam, memory: Memory) -> np.ndarray:
    """Give the root of how long Adam's step is for a gradient of 1 and a learning rate of 1, by parameter.

    With D its preconditioner, (1 - β₁ᵗ) (√(v / (1 - β₂ᵗ)) + ε), this is D^-½, the ``scale`` of ``top_eigenpairs``.

    Args:
        rule: The optimiser.
        memory: What it remembers.

    Returns:
        (P,) in the order of ``Weights.flat``; 0 for parameters that have not been updated yet.
    """
    second, age = (
        np.concatenate([part.ravel() for part in parts]).astype(float) for parts in (memory.second, memory.age)
    )
    scale = np.zeros(len(age))
    known = age > 0
    root = np.sqrt(second[known] / (1 - rule.beta2 ** age[known])) + rule.epsilon
    scale[known] = 1 / np.sqrt((1 - rule.beta1 ** age[known]) * root)
    return scale
