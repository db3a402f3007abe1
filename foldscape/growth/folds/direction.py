"""The best direction of a fold through a given point (docs/growth.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.growth.folds.climb import climbed
from foldscape.growth.folds.criteria import DirectionCriterion, DirectionObjective, Pivot, objective
from foldscape.growth.folds.kernels_sweep import TURN, steepest

DIAL = 72
GRID = 360
PEAKS, ZOOMS, FINER = 3, 6, 4


@dataclass(frozen=True, eq=False)
class FoldDirection:
    """A direction, and what it was chosen by.

    Attributes:
        weights: (fan_in,) incoming weights.
        value: The objective there.
        objective: The criterion, for other directions.
    """

    weights: FloatArray
    value: float
    objective: DirectionObjective


def best_direction(
    pivot: Pivot, criterion: DirectionCriterion, rng: np.random.Generator, alpha: float = 0.25
) -> FoldDirection:
    """Choose the incoming weights of a unit whose fold runs through a point and which is active at the mistake.

    The bias is minus weights times the point and the norm is given, so only a direction is free. What guides the
    choice is the gradient by the *outgoing* weights: as long as they are zero, that by the incoming ones is zero too,
    whatever they are. ``align`` has a closed form. With two inputs ``gradmax`` is solved exactly, the others on a grid
    of angles and by zooming into its best peaks; with more inputs by ascent from several starts. Where the layer cannot
    tell the mistake from the fold point no side is asked for, and ``align`` chooses as ``gradmax`` does.

    Args:
        pivot: Where the fold runs, and how the loss answers.
        criterion: What is maximised.
        rng: The only source of chance; drawn from with more than two inputs.
        alpha: For ``mix``, the share of the cosine.

    Returns:
        The weights, and what was found on the way.
    """
    if criterion == "align":
        if pivot.axis is None:
            return best_direction(pivot, "gradmax", rng)
        straight = pivot.norm * pivot.axis
        return FoldDirection(straight, float(straight @ pivot.way), objective(pivot, "align"))
    if criterion == "mix":
        gains = best_direction(pivot, "newton", rng)
        target = objective(pivot, "mix", gains.value, alpha)
        return _maximised(target, rng, gains.weights[None])
    if criterion == "gradmax" and len(pivot.anchor) == 2:
        return _swept(pivot)
    return _maximised(objective(pivot, criterion), rng, None)


def dial(target: DirectionObjective) -> dict[str, list[float]]:
    """Rate 72 directions of the plane all around, whichever side the mistake is on.

    Returns:
        ``angle`` in radians, counter-clockwise from the first input, and ``objective``.
    """
    angles = np.arange(DIAL) * (TURN / DIAL)
    return {"angle": angles.tolist(), "objective": target.values(_turned(target.pivot, angles)).tolist()}


def _turned(pivot: Pivot, angles: FloatArray) -> FloatArray:
    return pivot.norm * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _middle(pivot: Pivot) -> float:
    return 0.0 if pivot.axis is None else float(np.arctan2(pivot.axis[1], pivot.axis[0]))


def _swept(pivot: Pivot) -> FoldDirection:
    offsets = pivot.response.inputs - pivot.anchor[:, None]
    low = _middle(pivot) - pivot.reach
    angle, value = steepest(offsets, pivot.response.errors, pivot.response.slope, low, 2 * pivot.reach)
    weights = _turned(pivot, np.array([angle]))[0]
    return FoldDirection(weights, float(pivot.norm**2 * value), objective(pivot, "gradmax"))


def _maximised(target: DirectionObjective, rng: np.random.Generator, starts: FloatArray | None) -> FoldDirection:
    if len(target.pivot.anchor) == 2:
        return _zoomed(target)
    weights, value = climbed(target, rng, starts)
    return FoldDirection(weights, value, target)


def _zoomed(target: DirectionObjective) -> FoldDirection:
    """Rate a grid over the allowed arc, then closer and closer to its highest peaks."""
    pivot = target.pivot
    middle, reach = _middle(pivot), pivot.reach
    turned = np.linspace(-reach, reach, GRID + 1)
    values = target.values(_turned(pivot, middle + turned))
    beside = np.concatenate([[-np.inf], values, [-np.inf]])
    peaks = np.flatnonzero((values >= beside[:-2]) & (values >= beside[2:]))
    peaks = peaks[np.argsort(-values[peaks], kind="stable")[:PEAKS]]
    centres, step = turned[peaks], 2 * reach / GRID
    for _ in range(ZOOMS):
        step /= FINER
        closer = np.clip(centres[:, None] + step * np.arange(1 - FINER, FINER), -reach, reach)
        values = target.values(_turned(pivot, middle + closer.ravel())).reshape(closer.shape)
        centres = closer[np.arange(len(closer)), values.argmax(axis=1)]
    best = int(values.max(axis=1).argmax())
    weights = _turned(pivot, middle + centres[best : best + 1])[0]
    return FoldDirection(weights, float(values[best].max()), target)
