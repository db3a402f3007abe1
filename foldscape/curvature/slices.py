"""The loss along a line through the net's parameters, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import Vector
from foldscape.curvature.objective import Objective
from foldscape.errors import InvalidInput

SHARE = 0.5
"""Half length of a slice when none is given, as a share of the parameters' norm."""


@dataclass(frozen=True)
class LossSlice:
    """Mean losses along a line.

    Attributes:
        offsets: Distances from the net along the unit direction, shape (points,), parameter units.
        losses: Mean losses in nats, shape (points,); not finite where the net's outputs are not.
        also: Losses of further objectives on the same line, by name, each of shape (points,).
        loss: Loss at the net itself, nats.
        slope: First derivative along the unit direction at the net.
        curvature: Second derivative d^T H d along the unit direction at the net.
    """

    offsets: NDArray[np.float64]
    losses: NDArray[np.float64]
    loss: float
    slope: float
    curvature: float
    also: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def fit(self) -> NDArray[np.float64]:
        """The parabola with the net's own loss, slope and curvature, shape (points,), nats."""
        return self.loss + self.slope * self.offsets + 0.5 * self.curvature * self.offsets**2


def loss_slice(
    objective: Objective,
    direction: ArrayLike,
    radius: float | None = None,
    points: int = 61,
    also: Objective | Mapping[str, Objective] | None = None,
    theta: ArrayLike | None = None,
) -> LossSlice:
    """Evaluate the loss along theta + t d, d the unit vector of a direction, for t from -radius to radius.

    Nothing is smoothed or fitted: each loss is that of a net with those parameters, and the
    curvature of the parabola is an exact Hessian product.

    Args:
        objective: The loss, usually on training data.
        direction: Direction of shape (P,), any length but zero.
        radius: Half length in parameter units; half the parameters' norm if None.
        points: Points on the line; with an odd number the middle one is the net itself.
        also: A further objective with the same parameters (named ``test``), or several by name.
        theta: Middle of the line, shape (P,); the net's own parameters if None.

    Returns:
        The slice.

    Raises:
        InvalidInput: If the direction is zero or not finite, or an argument does not fit.
    """
    middle = objective.point(theta)
    unit = _unit(objective.point(direction))
    reach = default_radius(middle) if radius is None else float(radius)
    if not 0 < reach < np.inf or points < 3:
        raise InvalidInput(
            f"A slice of radius {reach} with {points} points cannot be drawn.",
            hint="Give a finite radius above 0 and at least 3 points.",
        )
    others = {"test": also} if isinstance(also, Objective) else dict(also or {})
    offsets = np.linspace(-reach, reach, points)
    offsets[np.abs(offsets) < 1e-12 * reach] = 0.0
    line = middle + offsets[:, None] * unit
    return LossSlice(
        offsets=offsets,
        losses=objective.losses(line),
        loss=objective.loss(middle),
        slope=float(objective.gradient(middle) @ unit),
        curvature=float(unit @ objective.hvp(middle, unit)),
        also={name: _checked(other, objective).losses(line) for name, other in others.items()},
    )


def default_radius(theta: Vector) -> float:
    """Give half the norm of a parameter vector, or 1 if it is zero."""
    norm = float(np.linalg.norm(theta))
    return SHARE * norm if norm > 0 else 1.0


def _unit(direction: Vector) -> Vector:
    norm = float(np.linalg.norm(direction))
    if not 0 < norm < np.inf:
        raise InvalidInput(f"A direction of length {norm} points nowhere.", hint="Give a finite vector that is not 0.")
    return direction / norm


def _checked(other: Objective, objective: Objective) -> Objective:
    if other.size != objective.size:
        raise InvalidInput(
            f"A second objective has {other.size} parameters, the first {objective.size}.",
            hint="Both must be losses of the same net.",
        )
    return other
