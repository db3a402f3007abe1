"""What is applied number by number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from foldscape.net.blocks.layer import Layer

if TYPE_CHECKING:
    from torch import nn

Function = Literal["relu", "leaky_relu", "tanh", "relu6", "gelu"]
NAMES = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "tanh": "tanh", "relu6": "ReLU6", "gelu": "GELU"}
"""What people call them."""


@dataclass(frozen=True)
class ActivationLayer(Layer):
    """A function of each number by itself.

    Attributes:
        function: Which.
        slope: Slope of leaky ReLU on its inactive side.
    """

    function: Function = "relu"
    slope: float = 0.1

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return NAMES[self.function]

    def build(self) -> nn.Module:
        """Make the torch module."""
        from foldscape.net.blocks.modules.activation import activation

        return activation(self.function, self.slope)
