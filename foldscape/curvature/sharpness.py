"""How much the loss rises within a ball around the parameters: SAM, ASAM and average sharpness.

Foret et al. (2021), "Sharpness-aware minimization for efficiently improving generalization"; Kwon et al. (2021),
"ASAM", measures the ball in units of the parameters' own sizes, which per-neuron rescaling does not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Vector
from foldscape.curvature.objective import Objective, objective_of
from foldscape.curvature.trace import Estimate
from foldscape.errors import InvalidInput
from foldscape.modules.batch_loss import LossLike


@dataclass(frozen=True)
class Sharpness:
    """The rise of the mean loss within a ball, in nats.

    Attributes:
        one_step: Rise after one step of length rho along the gradient, as the optimiser takes it.
        ascent: Largest rise that projected ascent found; at least ``one_step``, at most the true maximum.
        average: Mean rise under Gaussian steps with standard deviation rho a coordinate.
        rho: Radius of the ball.
        adaptive: Whether lengths are measured in units of the parameters' sizes (ASAM).
        steps: Ascent steps taken.
        loss: Loss at the parameters themselves, nats.
        gradient_norm: Norm of the gradient there, measured as the ball is.
    """

    one_step: float
    ascent: float
    average: Estimate
    rho: float
    adaptive: bool
    steps: int
    loss: float
    gradient_norm: float


def sharpness(
    objective: Objective | Any,
    *data: Any,
    loss: LossLike = "cross_entropy",
    rho: float = 0.05,
    adaptive: bool = False,
    steps: int = 20,
    draws: int = 20,
    rng: np.random.Generator | int | None = 0,
    theta: ArrayLike | None = None,
) -> Sharpness:
    """Measure SAM sharpness, or ASAM sharpness if adaptive.

    A point of the ball is theta + T u with ||u|| <= rho, T = 1 or, adaptive, T = |theta|. The steepest u is
    T g / ||T g||.

    Args:
        objective: An ``Objective``, or a torch module, followed by its data.
        *data: If a module was given: inputs (N, ...) and labels (N,), or one thing that holds both, such as a loader.
        loss: Its loss: a name or one of ``foldscape.losses``, a callable of outputs and labels, or a ``BatchLoss``.
        rho: Radius; 0.05 is usual for SAM, 0.5 to 2 for ASAM.
        adaptive: Whether to measure in units of the parameters' sizes.
        steps: Steps of projected ascent, each of half the radius at first, shorter later.
        draws: Random steps behind the average, at least 2.
        rng: Generator or seed of those.
        theta: Point to measure at; the net's own parameters if None.

    Returns:
        The rises.

    Raises:
        InvalidInput: If the radius is not positive and finite, or there are fewer than 2 draws.
    """
    objective = objective_of(objective, data, loss)
    if not 0 < rho < np.inf or draws < 2 or steps < 0:
        raise InvalidInput(
            f"A radius of {rho}, {steps} steps and {draws} draws measure no sharpness.",
            hint="Give a finite radius above 0, no negative number of steps, and at least 2 draws.",
        )
    point = objective.point(theta)
    stretch = np.abs(point) if adaptive else np.ones_like(point)
    here = objective.loss(point)
    pull = stretch * objective.gradient(point)
    norm = float(np.linalg.norm(pull))
    first = np.zeros_like(pull) if norm == 0 else rho * pull / norm
    one_step = objective.loss(point + stretch * first) - here
    return Sharpness(
        one_step=one_step,
        ascent=max(one_step, _ascent(objective, point, stretch, first, rho, steps) - here),
        average=_average(objective, point, stretch * rho, here, draws, np.random.default_rng(rng)),
        rho=rho,
        adaptive=adaptive,
        steps=steps,
        loss=here,
        gradient_norm=norm,
    )


def perturbation(
    objective: Objective, rho: float = 0.05, *, adaptive: bool = False, theta: ArrayLike | None = None
) -> Vector:
    """Give the step of length rho along the gradient that SAM takes before it differentiates, shape (P,).

    Args:
        objective: The loss.
        rho: Radius; 0 gives no step at all.
        adaptive: Whether to measure in units of the parameters' sizes (ASAM).
        theta: Point to start from; the net's own parameters if None.

    Returns:
        The step in parameter units; zero where the gradient is.
    """
    point = objective.point(theta)
    stretch = np.abs(point) if adaptive else np.ones_like(point)
    pull = stretch * objective.gradient(point)
    norm = float(np.linalg.norm(pull))
    return np.zeros_like(pull) if norm == 0 else rho * stretch * pull / norm


def _ascent(objective: Objective, point: Vector, stretch: Vector, start: Vector, rho: float, steps: int) -> float:
    """Climb within the ball, u in units of the stretch; give the largest loss met."""
    step, highest = start, -np.inf
    for number in range(steps):
        pull = stretch * objective.gradient(point + stretch * step)
        norm = float(np.linalg.norm(pull))
        if not 0 < norm < np.inf:
            break
        step = step + rho / (2 + number) * pull / norm
        step *= min(1.0, rho / float(np.linalg.norm(step)))
        highest = max(highest, objective.loss(point + stretch * step))
    return highest


def _average(
    objective: Objective, point: Vector, width: Vector, here: float, draws: int, rng: np.random.Generator
) -> Estimate:
    """Average the rise over pairs of opposite steps, whose slopes cancel."""
    pairs = (draws + 1) // 2
    steps = width * rng.standard_normal((pairs, len(point)))
    rises = 0.5 * (objective.losses(point + steps) + objective.losses(point - steps)) - here
    error = float(rises.std(ddof=1) / np.sqrt(pairs)) if pairs > 1 else np.inf
    return Estimate(float(rises.mean()), error, 2 * pairs)
