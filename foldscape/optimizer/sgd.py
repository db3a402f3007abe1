"""Plain gradient descent on mini-batches: Robbins and Monro (1951), "A stochastic approximation method"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from foldscape.optimizer.base import Compiled, Edge, Optimizer, shown

if TYPE_CHECKING:
    from torch import Tensor

    from foldscape.optimizer.base import Rows


class SGD(Optimizer):
    """Stochastic gradient descent."""

    model_config = shown("SGD", rate=0.1, edge="2/η for gradient descent")

    kind: Literal["sgd"] = "sgd"

    def direction(self, gradients: list[Tensor], memory: Rows) -> list[Tensor]:
        """Follow the gradient."""
        return gradients

    def compiled(self) -> Compiled:
        """Take the kernels' plain descent."""
        return Compiled("descent")

    def effective_lr(self, lr: float) -> float:
        """Give η itself: nothing of a gradient is kept.

        Args:
            lr: Learning rate now.

        Returns:
            The learning rate.
        """
        return lr

    def edge(self, lr: float) -> Edge:
        """Give 2/η: on a quadratic of curvature λ a step multiplies the distance by 1 - ηλ.

        Args:
            lr: Learning rate now.

        Returns:
            The edge.
        """
        return Edge(2 / lr, "2/η")
