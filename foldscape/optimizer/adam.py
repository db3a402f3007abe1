"""Adam: Kingma and Ba (2015, arXiv 1412.6980), algorithm 1, with an age of its own for every entry.

Its edge: Cohen et al. (2022, arXiv 2207.14484), one of the Hessian in units of Adam's own step lengths.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from foldscape.model import in_forms
from foldscape.optimizer.base import Compiled, Edge, Optimizer, shown
from foldscape.optimizer.memory import Memory, MemoryRow

if TYPE_CHECKING:
    from torch import Tensor

    from foldscape.optimizer.base import Rows

LONGEST_TABLE = 1 << 16


class Adam(Optimizer):
    """Adam, with its usual coefficients."""

    model_config = shown(
        "Adam",
        rate=0.03,
        edge="38/η for Adam with its usual β₁, an edge of λ₁ in units of its own steps, D⁻½HD⁻½ with D from its "
        "second moments: the dotted line",
    )
    remembers: ClassVar[tuple[MemoryRow, ...]] = ("first", "second", "age")
    effort: ClassVar[float] = 1

    kind: Literal["adam"] = "adam"
    lr: float = Field(0.01, gt=0, le=100)
    """Learning rate."""
    beta1: float = Field(0.9, ge=0, lt=1, json_schema_extra=in_forms(advanced=True))
    """Decay of the mean of gradients."""
    beta2: float = Field(0.999, ge=0, lt=1, json_schema_extra=in_forms(advanced=True))
    """Decay of the mean of squared gradients."""
    epsilon: float = Field(1e-8, gt=0, le=1, json_schema_extra=in_forms(advanced=True))
    """Added to the root of the second moment."""

    def direction(self, gradients: list[Tensor], memory: Rows) -> list[Tensor]:
        """Give m̂ / (√v̂ + ε), of means m of the gradients and v of their squares, corrected by each entry's age."""
        import torch

        first, second, age = memory["first"], memory["second"], memory["age"]
        torch._foreach_add_(age, 1.0)
        torch._foreach_lerp_(first, gradients, 1 - self.beta1)
        torch._foreach_mul_(second, self.beta2)
        torch._foreach_addcmul_(second, gradients, gradients, 1 - self.beta2)
        directions = []
        for m, v, updates in zip(first, second, age, strict=True):
            mean = m / (1 - self.beta1**updates)
            root = (v / (1 - self.beta2**updates)).sqrt_().add_(self.epsilon)
            directions.append(mean / root)
        return directions

    def compiled(self) -> Compiled:
        """Take the kernels' Adam, with its bias corrections tabulated."""
        rates = {"beta1": self.beta1, "beta2": self.beta2, "epsilon": self.epsilon}
        return Compiled("adam", rates, bias_corrections(self.beta1, self.beta2))  # type: ignore[arg-type]

    def edge(self, lr: float) -> Edge:
        """Give (2 + 2 β₁) / ((1 - β₁) η): with its preconditioner held it is a momentum of (1 - β₁) times the gradient.

        Args:
            lr: Learning rate now.

        Returns:
            The edge.
        """
        factor = (2 + 2 * self.beta1) / (1 - self.beta1)
        return Edge(factor / lr, f"{factor:.4g}/η", "preconditioned")

    def step_scale(self, memory: Memory) -> np.ndarray:
        """Give D^-½ of its preconditioner D = (1 - β₁ᵗ) (√(v / (1 - β₂ᵗ)) + ε), by parameter.

        Args:
            memory: What it remembers.

        Returns:
            (P,) in the order of ``Weights.flat``; 0 for parameters that have not been updated yet.
        """
        second, age = (
            np.concatenate([part.ravel() for part in parts]).astype(float) for parts in (memory.second, memory.age)
        )
        scale = np.zeros(len(age))
        known = age > 0
        root = np.sqrt(second[known] / (1 - self.beta2 ** age[known])) + self.epsilon
        scale[known] = 1 / np.sqrt((1 - self.beta1 ** age[known]) * root)
        return scale


@lru_cache(maxsize=64)
def bias_corrections(beta1: float, beta2: float) -> np.ndarray:
    """Tabulate 1 / (1 - beta**age) by age, as far as it differs from 1 or up to a limit; age 0 never occurs.

    Beta and its power are rounded to float32, as in the torch engine: with 0.999 that changes the length of the first
    steps by some 1e-5 of it, and the two engines shall take the same steps.

    Args:
        beta1: Decay of the mean of gradients.
        beta2: Decay of the mean of squared gradients.

    Returns:
        (2, ages) float32, a row for each beta.
    """
    slowest = max(beta1, beta2)
    length = 2 + (math.ceil(-18 / math.log(slowest)) if slowest > 0 else 0)
    age = np.arange(1, min(length, LONGEST_TABLE))
    table = np.ones((2, len(age) + 1), np.float32)
    for row, beta in zip(table, (beta1, beta2), strict=True):
        row[1:] = 1 / (1 - (np.float64(np.float32(beta)) ** age).astype(np.float32))
    return table
