"""Attention, written out: what torch fuses has no second derivative on the processor."""

from __future__ import annotations

import math

from torch import Tensor, nn


class AttentionModule(nn.Module):
    """Attention of each place to all.

    Args:
        width: Numbers of a vector.
        heads: Parts of it that ask apart.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.asking = nn.Linear(width, 3 * width)
        self.mixing = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Give (N, places, width) of (N, places, width)."""
        count, places, width = x.shape
        parts = self.asking(x).reshape(count, places, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        questions, keys, values = parts.unbind()
        met = (questions @ keys.transpose(-2, -1) / math.sqrt(width // self.heads)).softmax(dim=-1)
        found: Tensor = self.mixing((met @ values).transpose(1, 2).reshape(count, places, width))
        return found
