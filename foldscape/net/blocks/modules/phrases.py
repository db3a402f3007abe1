"""Filters over sequences."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class PhraseModule(nn.Module):
    """The largest answer of each filter along a sequence.

    Args:
        inputs: Numbers of a place.
        filters: Filters of each width.
        widths: Places that a filter sees at once.
    """

    def __init__(self, inputs: int, filters: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        for width in widths:
            self.add_module(f"over{width}", nn.Conv1d(inputs, filters, width, padding=width // 2))

    def forward(self, x: Tensor) -> Tensor:
        """Give the largest answers (N, filters · widths) over sequences (N, places, inputs)."""
        turned = x.transpose(1, 2)
        return torch.cat([filters(turned).amax(dim=2) for filters in self.children()], dim=1)
