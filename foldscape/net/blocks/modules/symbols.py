"""Vectors of symbols; those of padding are zero, whatever stands in the table."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from foldscape.data.encoders.base import PADDING


class EmbeddingModule(nn.Module):
    """The vector of each symbol of a sentence.

    Args:
        symbols: Numbers in use.
        width: Numbers of a vector.
    """

    def __init__(self, symbols: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(symbols, width))

    def forward(self, x: Tensor) -> Tensor:
        """Give the vectors (N, places, width) of symbols (N, places), given as numbers of any type."""
        return nn.functional.embedding(x.long(), self.weight) * (x != PADDING).unsqueeze(-1)


class BagModule(EmbeddingModule):
    """The mean of the vectors of a sentence; that of an empty one is zero."""

    def forward(self, x: Tensor) -> Tensor:
        """Give the means (N, width)."""
        read = (x != PADDING).sum(dim=1, keepdim=True).clamp_min(1)
        return super().forward(x).sum(dim=1) / read
