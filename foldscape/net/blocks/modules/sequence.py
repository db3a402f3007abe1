"""Rows of places, vectors of places, and means over them."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class InPlacesModule(nn.Module):
    """The places of a picture in a row."""

    def forward(self, x: Tensor) -> Tensor:
        """Turn pictures (N, C, rows, columns) into sequences (N, rows · columns, C)."""
        return x.flatten(2).transpose(1, 2)


class PlaceModule(nn.Module):
    """A vector for each place.

    Args:
        places: Places of a sequence.
        width: Numbers of a vector.
    """

    def __init__(self, places: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(places, width))

    def forward(self, x: Tensor) -> Tensor:
        """Add each place's vector."""
        return x + self.weight


class PlaceMeanModule(nn.Module):
    """The mean of all vectors of a sequence."""

    def forward(self, x: Tensor) -> Tensor:
        """Give the means (N, width)."""
        return x.mean(dim=1)
