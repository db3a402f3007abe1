"""One factor on everything that passes."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ScaleModule(nn.Module):
    """A trained factor."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        """Apply it."""
        return x * self.weight
