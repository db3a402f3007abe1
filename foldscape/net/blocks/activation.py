"""What is applied number by number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from foldscape.net.blocks.layer import Layer

if TYPE_CHECKING:
    from torch import nn

Function = Literal["relu", "leaky_relu", "tanh", "relu6", "gelu"]


@dataclass(frozen=True)
class ActivationLayer(Layer):
    """A function of each number by itself.

    Attributes:
        function: Which.
        slope: Slope of leaky ReLU on its inactive side.
    """

    function: Function = "relu"
    slope: float = 0.1

    def build(self) -> nn.Module:
        """Make the torch module."""
        from foldscape.net.blocks.modules.activation import activation

        return activation(self.function, self.slope)
