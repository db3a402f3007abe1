"""How wide the tunnel is that a net lies in: how far the loss stays low along random and the sharpest directions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Float64Array, Vector
from foldscape.curvature.blocks import Block
from foldscape.curvature.eigenpairs import top_eigenpairs
from foldscape.curvature.objective import Objective, objective_of
from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape.direction import Direction, random_direction
from foldscape.modules.batch_loss import LossLike

TunnelScale = Literal["filter", "unit"]
LOOKS = 41
"""Radii at which a ray is looked at before the first rise is found between two of them."""
NEAREST = 1e-4
"""The first of them, as a share of the largest; each is a quarter larger than the one before."""
AT_ONCE = 8
"""Radii of a look: behind the first that has risen there is no other."""

Along = Callable[[Float64Array, Vector], Float64Array]
"""Gives the losses (radii,) at radii (radii,) along a direction (P,)."""


@dataclass(frozen=True)
class TunnelWidth:
    """Radii at which the loss has first risen by a set amount.

    Attributes:
        rays: (D,) radius along each random ray; infinite where it does not rise within the largest radius.
        sides: (2,) the same along the sharpest direction, up and down; NaN where that was not found.
        rise: By how much the loss rises, nats.
        largest: Largest radius looked at, in ``unit``.
        unit: What radii are counted in.
        loss: Loss in the middle, nats.
    """

    rays: Float64Array
    sides: Float64Array
    rise: float
    largest: float
    unit: str
    loss: float

    @property
    def random(self) -> float:
        """Median over the random rays; NaN where half of them or more lie beyond the largest radius."""
        middle = float(np.median(self.rays))
        return middle if np.isfinite(middle) else float("nan")

    @property
    def sharpest(self) -> float:
        """The nearer side along the sharpest direction; NaN where it is beyond the largest radius, or not found."""
        nearer = float(self.sides.min())
        return nearer if np.isfinite(nearer) else float("nan")

    @property
    def reached(self) -> float:
        """Share of the random rays along which it rises within the largest radius."""
        return float(np.isfinite(self.rays).mean())


def tunnel_width(
    objective: Any,
    *data: Any,
    loss: LossLike = "cross_entropy",
    rise: float = 0.1,
    scale: TunnelScale = "filter",
    draws: int = 10,
    largest: float = 4.0,
    rng: int = 0,
    theta: ArrayLike | None = None,
    sharpest: ArrayLike | None = None,
    blocks: Sequence[Block] | None = None,
    along: Along | None = None,
) -> TunnelWidth:
    """Find how far the loss stays low around a net (the tunnels of Fort & Jastrzębski 2019, arXiv 1906.04724).

    Along a ray theta + r d the width is the smallest r at which the loss lies ``rise`` above that of the middle. On a
    quadratic around its minimum that is sqrt(2 rise / d^T H d). It is looked for at 41 radii, each a quarter larger
    than the one before, and then found to ten digits between two of them; a narrower ridge in between is passed over.
    A loss that is not finite has risen.

    Args:
        objective: An ``Objective``, or a torch module, followed by its data.
        *data: If a module was given: inputs (N, ...) and labels (N,), or one thing that holds both, such as a loader.
        loss: Its loss: a name or one of ``foldscape.losses``, a callable of outputs and labels, or a ``BatchLoss``.
        rise: By how much the loss has to rise, nats.
        scale: Radii are counted in the sizes of the net's neurons, random directions being filter-normalised
            (``filter``), or in parameter units, random directions being uniform on the sphere (``unit``).
        draws: Random rays.
        largest: Largest radius, in sizes of the net: of its neurons, or the norm of its parameters.
        rng: Seed of the random rays.
        theta: Middle, shape (P,); the net's own parameters if None.
        sharpest: (P,) the sharpest direction where it is known; looked for if None.
        blocks: Which stretches of the parameters are neurons; the objective's own if None.
        along: Gives losses at radii along a direction, as ``Evaluator.on_line`` does many times quicker in single
            precision; the objective itself if None.

    Returns:
        The radii.

    Raises:
        InvalidInput: If a number is too small, the scale is unknown, or the loss in the middle is not finite.

    Example:
        >>> from torch import nn
        >>> import torch
        >>> _ = torch.manual_seed(0)
        >>> net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
        >>> found = tunnel_width(net, torch.randn(20, 2), torch.arange(20) % 2)
        >>> found.rays.shape, found.unit
        ((10,), 'neuron sizes')
    """
    measured = objective_of(objective, data, loss)
    point = measured.point(theta)
    if not (0 < rise < np.inf and 0 < largest < np.inf and draws >= 1) or scale not in ("filter", "unit"):
        raise InvalidInput(
            f"A rise of {rise} within {largest} along {draws} rays on the scale {scale!r} has no width.",
            hint="Give finite numbers above 0, at least one ray, and the scale filter or unit.",
        )
    if along is None:

        def along(radii: Float64Array, ray: Vector) -> Float64Array:
            return measured.losses(point + radii[:, None] * ray)

    here = float(along(np.zeros(1), np.zeros_like(point))[0])
    if not np.isfinite(here):
        raise InvalidInput("The loss in the middle is not finite.", hint="Measure an earlier step of the run.")
    reach = largest * (1.0 if scale == "filter" else float(np.linalg.norm(point)) or 1.0)
    table = tuple(measured.blocks if blocks is None else blocks)
    rays = np.stack([_random(table, point, scale, rng + draw) for draw in range(draws)])
    sides = _sharpest(measured, table, point, scale, sharpest)
    found = np.array([first_rise(along, ray, here + rise, reach) for ray in (*rays, *sides)])
    ends = found[draws:] if len(sides) else np.full(2, np.nan)
    return TunnelWidth(found[:draws], ends, rise, reach, _UNITS[scale], here)


_UNITS = {"filter": "neuron sizes", "unit": "parameter units"}


def _random(blocks: tuple[Block, ...], point: Vector, scale: TunnelScale, seed: int) -> Vector:
    mode: Literal["filter", "none"] = "filter" if scale == "filter" else "none"
    drawn = random_direction(point, blocks, seed, mode, "zero" if scale == "filter" else "free")
    return _scaled(drawn, scale, point)


def _sharpest(
    objective: Objective, blocks: tuple[Block, ...], point: Vector, scale: TunnelScale, given: ArrayLike | None
) -> Float64Array:
    """Give both sides of the sharpest direction, (2, P); (0, P) where it did not converge or has no size."""
    nothing = np.zeros((0, point.size))
    if given is None:
        pair = top_eigenpairs(objective, theta=point)
        if not pair.converged:
            return nothing
        given = pair.vectors[0]
    try:
        along = _scaled(Direction("v1", objective.point(given), blocks), scale, point)
    except NotPossible:
        return nothing
    return np.stack([along, -along])


def _scaled(direction: Direction, scale: TunnelScale, point: Vector) -> Vector:
    return direction.scaled("neuron-relative" if scale == "filter" else "unit", point).vector


def first_rise(along: Along, ray: Vector, level: float, reach: float) -> float:
    """Give the radius at which the loss along a ray first reaches a level.

    Args:
        along: Gives losses at radii along a direction.
        ray: (P,) the direction, as long as a radius of 1.
        level: The level, nats, above the loss in the middle.
        reach: Largest radius.

    Returns:
        The radius; infinite where it does not reach the level.
    """

    def above(radii: Float64Array) -> Float64Array:
        losses = along(radii, ray)
        return np.where(np.isfinite(losses), losses - level, 1.0)

    radii = np.concatenate([[0.0], np.geomspace(NEAREST * reach, reach, LOOKS)])
    for first in range(1, len(radii), AT_ONCE):
        risen = above(radii[first : first + AT_ONCE]) >= 0
        if risen.any():
            place = first + int(risen.argmax())
            return _root(lambda r: float(above(np.array([r]))[0]), radii[place - 1], radii[place])
    return float("inf")


def _root(above: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq  # takes longer to load than all else here

    return float(brentq(above, low, high, xtol=1e-12 * high, rtol=1e-10))
