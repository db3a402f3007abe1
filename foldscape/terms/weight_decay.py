"""Weight decay: Krogh and Hertz (1991), "A simple weight decay can improve generalization"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from foldscape.measures.column import Column
from foldscape.optimizer.memory import Blocks
from foldscape.terms.base import Term, TermMoment

if TYPE_CHECKING:
    from torch import Tensor


class WeightDecay(Term):
    """Half the squared norm of all parameters: each is drawn towards 0; the same as ``optimizer.weight_decay``.

    Example:
        >>> WeightDecay(strength=0.1).value((np.array([3.0, 4.0]),), {}, 0)
        1.25
    """

    column: ClassVar[Column] = Column("term_weight_decay", "weight decay's part of the loss", "nats", mean="arithmetic")
    kind: Literal["weight_decay"] = "weight_decay"
    strength: float = Field(1e-4, ge=0, le=10)
    """Share of each parameter that is added to its gradient; 0 is as if it were not there."""

    @property
    def is_fused(self) -> bool:
        """Whether compiled code carries it out within its update."""
        return True

    def value(self, theta: Blocks, held: Mapping[str, Blocks], step: int) -> float:
        """Give strength/2 ||theta||²."""
        return 0.5 * self.strength * sum(float(np.sum(np.square(block, dtype=np.float64))) for block in theta)

    def add_gradient(self, gradient: list[Tensor], moment: TermMoment) -> None:
        """Add strength times theta."""
        import torch

        torch._foreach_add_(gradient, list(moment.theta), alpha=self.strength)
