"""What growth rules draw: the examples they look at, and random folds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.growth.base import Scene


def sampled(scene: Scene, most: int, rng: np.random.Generator) -> tuple[FloatArray, np.ndarray]:
    """Draw at most so many training examples, without repetition and in their order.

    Args:
        scene: The data.
        most: Limit; 0 for all, and then nothing is drawn.
        rng: Draws them.

    Returns:
        Inputs (n, d), float64, and classes (n,).
    """
    if not most or len(scene.x) <= most:
        return scene.x.astype(np.float64), scene.y
    drawn = np.sort(rng.choice(len(scene.x), most, replace=False))
    return scene.x[drawn].astype(np.float64), scene.y[drawn]


def random_folds(inputs: FloatArray, count: int, norm: float, rng: np.random.Generator) -> FloatArray:
    """Draw units of random directions whose folds pass through random examples.

    Args:
        inputs: (N, fan_in) what the layer receives.
        count: How many.
        norm: Norm of their incoming weights.
        rng: Draws them.

    Returns:
        (count, fan_in + 1) incoming weights, the bias last.
    """
    rows = rng.normal(size=(count, inputs.shape[1]))
    rows *= norm / np.linalg.norm(rows, axis=1, keepdims=True)
    anchors = inputs[rng.integers(len(inputs), size=count)]
    return np.hstack([rows, -(rows * anchors).sum(axis=1, keepdims=True)])
