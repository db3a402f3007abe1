"""Gradient descent with momentum: Polyak (1964), and Nesterov's form as in Sutskever et al. (2013).

Edges: Cohen et al. (2021, arXiv 2103.00065), appendix B.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from foldscape.optimizer.base import Compiled, Edge, Optimizer, shown
from foldscape.optimizer.memory import MemoryRow

if TYPE_CHECKING:
    from torch import Tensor

    from foldscape.optimizer.base import Rows


class Momentum(Optimizer):
    """Stochastic gradient descent with momentum."""

    model_config = shown("momentum", rate=0.1, edge="(2+2μ)/η for momentum, (2+2μ)/((1+2μ)η) for Nesterov's")
    remembers: ClassVar[tuple[MemoryRow, ...]] = ("first",)

    kind: Literal["momentum"] = "momentum"
    momentum: float = Field(0.9, ge=0, lt=1)
    """Share of the last velocity that is kept."""
    nesterov: bool = False
    """Look ahead along the velocity (Nesterov)."""

    def direction(self, gradients: list[Tensor], memory: Rows) -> list[Tensor]:
        """Keep v = μ v + g and follow v, or g + μ v for Nesterov's."""
        import torch

        velocity = memory["first"]
        torch._foreach_mul_(velocity, self.momentum)
        torch._foreach_add_(velocity, gradients)
        if not self.nesterov:
            return velocity
        torch._foreach_add_(gradients, velocity, alpha=self.momentum)
        return gradients

    def compiled(self) -> Compiled:
        """Take the kernels' momentum of either form."""
        return Compiled("nesterov" if self.nesterov else "momentum", {"kept": self.momentum})

    def effective_lr(self, lr: float) -> float:
        """Give η (1 + μ + μ² + …) = η/(1 - μ), of either form.

        Args:
            lr: Learning rate now.

        Returns:
            The effective learning rate.
        """
        return lr / (1 - self.momentum)

    def edge(self, lr: float) -> Edge:
        """Give the edge of the form in use; without momentum that of gradient descent.

        Args:
            lr: Learning rate now.

        Returns:
            The edge.
        """
        mu = self.momentum
        if not mu:
            return Edge(2 / lr, "2/η")
        if self.nesterov:
            return Edge((2 + 2 * mu) / ((1 + 2 * mu) * lr), "(2+2μ)/((1+2μ)η)")
        return Edge((2 + 2 * mu) / lr, "(2+2μ)/η")
