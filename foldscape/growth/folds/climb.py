"""The best direction of a fold where a layer has more than two inputs: several starts, each improved by ascent."""

from __future__ import annotations

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.growth.folds.criteria import LEAST_COSINE, DirectionObjective, Pivot

RANDOM = 512
CLIMBERS = 32
STEPS = 30
FIRST_STEP, SHORTEST_STEP = 0.3, 1e-4  # radians


def climbed(
    target: DirectionObjective, rng: np.random.Generator, starts: FloatArray | None = None
) -> tuple[FloatArray, float]:
    """Maximise an objective over the directions on whose active side the mistake lies well.

    With the active samples held, the squared norm of the outgoing gradient is that of one matrix applied to the
    direction, so its leading right singular vectors are good starts; so is the way to the mistake; the rest are random.
    The 32 best of them climb. The landscape has many peaks and kinks, so what is found need not be the highest.

    Args:
        target: What is maximised.
        rng: Draws 512 random directions.
        starts: (C, fan_in) further directions to start from.

    Returns:
        (fan_in,) weights of the pivot's norm, and the value there.
    """
    pivot = target.pivot
    drawn = rng.normal(size=(RANDOM, len(pivot.anchor)))
    first = [drawn, _with_gates_held(pivot)] + ([] if starts is None else [starts])
    weights = _allowed(pivot, np.concatenate(first))
    weights = weights[np.argsort(-target.values(weights), kind="stable")[:CLIMBERS]]
    values, slopes = target.slopes(weights)
    step = np.full(len(weights), FIRST_STEP)
    for _ in range(STEPS):
        tried = _allowed(pivot, weights + (step * pivot.norm)[:, None] * _uphill(pivot, weights, slopes))
        tried_values, tried_slopes = target.slopes(tried)
        better = tried_values > values
        weights[better], values[better], slopes[better] = tried[better], tried_values[better], tried_slopes[better]
        step *= np.where(better, 1.5, 0.4)
        if (step < SHORTEST_STEP).all():
            break
    best = int(values.argmax())
    return weights[best], float(values[best])


def _with_gates_held(pivot: Pivot) -> FloatArray:
    """Give the way to the mistake, and both signs of the leading singular vectors with the gates of that direction."""
    response = pivot.response
    offsets = response.inputs - pivot.anchor[:, None]
    towards = offsets.mean(axis=1) if pivot.axis is None else pivot.axis
    gates = np.where(towards @ offsets >= 0, 1.0, response.slope)
    leading = np.linalg.svd((response.errors * gates) @ offsets.T, full_matrices=False)[2][:3]
    starts: FloatArray = np.concatenate([towards[None], leading, -leading])
    return starts


def _uphill(pivot: Pivot, weights: FloatArray, slopes: FloatArray) -> FloatArray:
    """Give unit tangents of the sphere along the slopes; zero where the slope is."""
    tangent = slopes - (slopes * weights).sum(axis=1, keepdims=True) / pivot.norm**2 * weights
    length = np.linalg.norm(tangent, axis=1, keepdims=True)
    uphill: FloatArray = tangent / np.where(length > 0, length, 1.0)
    return uphill


def _allowed(pivot: Pivot, weights: FloatArray) -> FloatArray:
    """Project onto the sphere, and there onto the cap around the way to the mistake."""
    unit = weights / np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-300)
    if pivot.axis is None:
        on_sphere: FloatArray = pivot.norm * unit
        return on_sphere
    along = unit @ pivot.axis
    across = unit - along[:, None] * pivot.axis
    length = np.linalg.norm(across, axis=1, keepdims=True)
    flat = length < 1e-12
    rim = LEAST_COSINE * pivot.axis + np.sqrt(1 - LEAST_COSINE**2) * across / np.where(flat, 1.0, length)
    on_rim = np.where(flat, pivot.axis, rim)
    allowed: FloatArray = pivot.norm * np.where((along < LEAST_COSINE)[:, None], on_rim, unit)
    return allowed
