"""What makes one direction of a fold better than another (docs/growth.md, "Which rule")."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.growth.folds import kernels
from foldscape.growth.folds.gain import NO_GRADIENTS, Response
from foldscape.lazy import lazy

DirectionCriterion = Literal["newton", "gradmax", "align", "mix"]

LEAST_COSINE = 0.1
"""κ: how far the mistake has to lie on the new unit's active side, as a cosine."""


@dataclass(frozen=True, eq=False)
class Pivot:
    """The point through which every candidate runs, and the mistake that it has to wake for.

    Attributes:
        response: How the loss answers to the layer's next unit.
        anchor: (fan_in,) fold point, as the layer receives it.
        way: (fan_in,) from there to the mistake; zero where the layer cannot tell them apart, or there is none.
        norm: Norm of the incoming weights.
    """

    response: Response
    anchor: FloatArray
    way: FloatArray
    norm: float

    @lazy
    def axis(self) -> FloatArray | None:
        """Unit vector towards the mistake, or ``None`` where every side is as good."""
        length = float(np.linalg.norm(self.way))
        return self.way / length if length > 1e-12 * (1 + float(np.abs(self.anchor).max())) else None

    @property
    def reach(self) -> float:
        """Angle to either side of the axis within which a direction may lie, radians."""
        return math.pi if self.axis is None else math.acos(LEAST_COSINE)


@dataclass(frozen=True, eq=False)
class DirectionObjective:
    """A function of the incoming weights: factor times the criterion, plus weights · push.

    Attributes:
        pivot: Where the fold runs.
        code: ``kernels.NEWTON`` or ``kernels.GRADMAX``.
        factor: 0 leaves the criterion out.
        push: (fan_in,).
    """

    pivot: Pivot
    code: int
    factor: float
    push: FloatArray

    def values(self, weights: FloatArray) -> FloatArray:
        """Rate incoming weights (C, fan_in): (C,)."""
        return self._rated(weights, NO_GRADIENTS)

    def slopes(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Rate incoming weights and differentiate by them: (C,) and (C, fan_in)."""
        gradients = np.empty_like(weights)
        values = self._rated(weights, gradients)
        return values, self.factor * gradients + self.push

    def _rated(self, weights: FloatArray, gradients: FloatArray) -> FloatArray:
        anchor = self.pivot.anchor
        rated = self.pivot.response.rated(self.code, weights, -(weights @ anchor), anchor, gradients)
        values: FloatArray = self.factor * rated + weights @ self.push
        return values


def objective(
    pivot: Pivot, criterion: DirectionCriterion, best_gain: float = 0.0, alpha: float = 0.0
) -> DirectionObjective:
    """Give what a criterion maximises.

    Args:
        pivot: Where the fold runs.
        criterion: ``newton``, the predicted gain in nats; ``gradmax``, the squared norm of the loss's gradient by the
            outgoing weights; ``align``, the output of the new unit at the mistake; ``mix``, the predicted gain as a
            share of the best one, blended with the cosine between fold normal and the way to the mistake.
        best_gain: For ``mix``, the highest predicted gain of any direction.
        alpha: For ``mix``, the share of the cosine.

    Returns:
        What is to be maximised over the incoming weights.
    """
    nothing = np.zeros_like(pivot.way)
    if criterion == "align":
        return DirectionObjective(pivot, kernels.GRADMAX, 0.0, pivot.way)
    if criterion == "gradmax":
        return DirectionObjective(pivot, kernels.GRADMAX, 1.0, nothing)
    if criterion == "newton":
        return DirectionObjective(pivot, kernels.NEWTON, 1.0, nothing)
    push = nothing if pivot.axis is None else alpha / pivot.norm * pivot.axis
    return DirectionObjective(pivot, kernels.NEWTON, (1 - alpha) / best_gain if best_gain > 0 else 0.0, push)
