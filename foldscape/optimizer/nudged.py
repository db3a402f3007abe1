"""Nudged SGD: Jastrzębski et al. (2019, arXiv 1807.05031), section 5: other step lengths along the sharpest directions.

With V the K sharpest directions, gradient descent follows g + (γ - 1) V Vᵀ g instead of g: γ below 1 slows it along
them, γ above 1 speeds it up. On a quadratic it converges along v_k where γ η λ_k < 2, and elsewhere where η λ < 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from foldscape.model import in_forms
from foldscape.optimizer.base import Compiled, Edge, Nudge, Optimizer, WantedDirections, shown
from foldscape.optimizer.memory import MemoryRow

if TYPE_CHECKING:
    from typing import ClassVar

    from torch import Tensor

    from foldscape.arrays import Float64Array
    from foldscape.optimizer.base import Rows


class NudgedSGD(Optimizer):
    """Stochastic gradient descent whose steps are longer or shorter along the sharpest directions."""

    model_config = shown("nudged SGD", rate=0.1)
    remembers: ClassVar[tuple[MemoryRow, ...]] = ("first",)

    kind: Literal["nudged"] = "nudged"
    momentum: float = Field(0, ge=0, lt=1)
    """Share of the last velocity that is kept; 0 is plain descent."""
    gamma: float = Field(0.1, ge=0, le=100, json_schema_extra=in_forms(auto=False))
    """Factor on a step's part along the sharpest directions: below 1 slows them, above 1 speeds them up."""
    auto: bool = False
    """Give each direction a factor of its own that keeps it stable: the least of 1 and edge/λ, 2/(ηλ) at μ = 0."""
    k: int = Field(5, ge=0, le=20)
    """How many of the sharpest directions; 0 is plain SGD."""
    every: int | None = Field(None, ge=1, le=1_000_000)
    """Updates from one search for the directions to the next; empty (``null``): at the beginning of each epoch."""
    points: int = Field(500, ge=1, le=10_000, json_schema_extra=in_forms(advanced=True))
    """Training points on which they are found, a fixed draw; all where there are no more."""
    corrects: Literal["gradient", "velocity"] = Field("gradient", json_schema_extra=in_forms(advanced=True))
    """What is nudged: the gradient before it goes into the velocity, or what the velocity does to the weights."""

    @property
    def sharpest(self) -> WantedDirections | None:
        """The k sharpest directions on a fixed draw of training points."""
        return WantedDirections(self.k, self.points, self.every) if self.k else None

    def factors(self, lr: float, curvatures: Float64Array) -> Float64Array:
        """Give γ for each direction; with ``auto`` the least of 1 and (2 + 2μ)/(ηλ_k)."""
        if not self.auto:
            return np.full(len(curvatures), float(self.gamma))
        stable = np.ones(len(curvatures))
        rising = curvatures > 0
        stable[rising] = np.minimum(1, self._edge(lr) / curvatures[rising])
        return stable

    def direction(self, gradients: list[Tensor], memory: Rows) -> list[Tensor]:
        """Keep v = μ v + g and follow v, as where nothing is nudged."""
        import torch

        torch._foreach_mul_(memory["first"], self.momentum)
        torch._foreach_add_(memory["first"], gradients)
        return memory["first"]

    def update(
        self, parameters: list[Tensor], gradients: list[Tensor], memory: Rows, lr: float, nudge: Nudge | None = None
    ) -> None:
        """Do one update, nudged before or after the gradient goes into the velocity."""
        import torch

        if self.corrects == "gradient":
            gradients = nudged(gradients, nudge)
        direction = self.direction(gradients, memory)
        if self.corrects == "velocity":
            direction = nudged(direction, nudge)
        torch._foreach_add_(parameters, direction, alpha=-lr)

    def compiled(self) -> Compiled:
        """Take the kernels' momentum; what is nudged there is the gradient, or the velocity."""
        rule: Literal["momentum", "nudged_velocity"] = "momentum" if self.corrects == "gradient" else "nudged_velocity"
        return Compiled(rule, {"kept": self.momentum})

    def edge(self, lr: float) -> Edge | None:
        """Give the edge of plain descent or momentum, which holds beside the nudged directions.

        Args:
            lr: Learning rate now.

        Returns:
            The edge where nothing is nudged; else ``None``, for the sharpest direction has another.
        """
        if self.k and (self.auto or self.gamma != 1):
            return None
        return Edge(self._edge(lr), "(2+2μ)/η" if self.momentum else "2/η")

    def _edge(self, lr: float) -> float:
        return (2 + 2 * self.momentum) / lr


def nudged(rows: list[Tensor], nudge: Nudge | None) -> list[Tensor]:
    """Give d + Σ (γ_k - 1) v_k v_kᵀ d for a step d.

    Args:
        rows: The step, one tensor a parameter array; not changed.
        nudge: The directions; ``None`` changes nothing.

    Returns:
        The step along which to go; the same tensors, bit for bit, where every factor is 1.
    """
    import torch

    if nudge is None or (nudge.factors == 1).all():
        return rows
    flat = torch.cat([row.reshape(-1) for row in rows])
    more = torch.from_numpy(nudge.factors - 1).to(flat)
    step = flat + (more * (nudge.directions @ flat)) @ nudge.directions
    parts = torch.split(step, [row.numel() for row in rows])
    return [part.view_as(row) for part, row in zip(parts, rows, strict=True)]
