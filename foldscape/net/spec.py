"""The network, as a spec."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from foldscape.model import Model

Activation = Literal["relu", "leaky_relu", "tanh"]
MAX_LAYERS = 4
MAX_WIDTH = 1024
MAX_PLANE_WIDTH = 64

Width = Annotated[int, Field(ge=1, le=MAX_WIDTH)]


class NetSpec(Model):
    """A fully connected network: widths of the hidden layers and their activation."""

    hidden: tuple[Width, ...] = Field((1,), max_length=MAX_LAYERS)
    """Width of each hidden layer, from the inputs on; 0 to 4 layers, up to 64 wide on plane data."""
    activation: Activation = "relu"
    """Activation of the hidden layers."""
    negative_slope: float = Field(0.1, ge=0, le=1)
    """Slope of leaky ReLU on its inactive side."""
    output_scale: float = Field(0, ge=0, le=10)
    """Factor on the first weights of the output layer; 0 lets each unit find the sign it is needed with."""

    @property
    def slope(self) -> float | None:
        """Slope on the inactive side of a piecewise-linear activation; ``None`` for tanh."""
        return {"relu": 0.0, "leaky_relu": self.negative_slope, "tanh": None}[self.activation]
