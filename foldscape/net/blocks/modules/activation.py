"""Activations; a ReLU's derivative at 0 is 1, as everywhere here (docs/growth.md, "GradMax")."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from foldscape.net.relu import relu


class Relu(nn.Module):
    """ReLU with derivative 1 at 0."""

    def forward(self, z: Tensor) -> Tensor:
        """Apply it."""
        return relu(z)


class CappedRelu(nn.Module):
    """ReLU cut off at 6 (arXiv 1801.04381), with derivative 1 at 0."""

    def forward(self, z: Tensor) -> Tensor:
        """Apply it."""
        return relu(z) - relu(z - 6)


class LeakyRelu(nn.Module):
    """Leaky ReLU with derivative 1 at 0.

    Args:
        slope: Slope on the inactive side.
    """

    def __init__(self, slope: float) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, z: Tensor) -> Tensor:
        """Apply it."""
        return torch.where(z >= 0, z, self.slope * z)


def activation(function: str, slope: float) -> nn.Module:
    """Make an activation by its name."""
    if function == "relu":
        return Relu()
    if function == "leaky_relu":
        return LeakyRelu(slope)
    others: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "relu6": CappedRelu, "gelu": nn.GELU}
    return others[function]()
