"""The network, as a spec."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from foldscape.model import Model, added

Activation = Literal["relu", "leaky_relu", "tanh"]
Wiring = Literal["layers", "dag"]
MAX_LAYERS = 4
MAX_WIDTH = 1024
MAX_PLANE_WIDTH = 64
MAX_NODES = 1024
"""Hidden nodes of a graph in all."""

Width = Annotated[int, Field(ge=1, le=MAX_WIDTH)]


class NetSpec(Model):
    """A fully connected network: widths of the hidden layers and their activation.

    With wiring ``dag`` it is a directed acyclic graph of nodes that random insertion can grow: without hidden layers
    every input leads to every output, else it starts as the fully connected net.
    """

    hidden: tuple[Width, ...] = Field((1,), max_length=MAX_LAYERS)
    """Width of each hidden layer, from the inputs on; 0 to 4 layers, up to 64 wide on plane data."""
    activation: Activation = "relu"
    """Activation of the hidden layers."""
    negative_slope: float = Field(0.1, ge=0, le=1)
    """Slope of leaky ReLU on its inactive side."""
    output_scale: float = Field(0, ge=0, le=10)
    """Factor on the first weights of the output layer; 0 lets each unit find the sign it is needed with."""

    wiring: Wiring = "layers"
    """Whether the net is a chain of layers, or a graph whose nodes may receive from any node before them."""
    bias: bool = True
    """Whether a graph has a constant input 1, whose edges are the biases; layers always have biases."""
    first_weights: Literal["fan_in", "uniform"] = "fan_in"
    """First weights uniform in ±1/√fan-in, or in ±1/2."""
    dropout: float = added(0.0, ge=0, lt=1)
    """Probability that an update leaves a hidden unit out for a sample; measuring and growing never do."""

    @model_validator(mode="after")
    def _can_be_wired(self) -> Self:
        if self.wiring == "layers" and not self.bias:
            raise ValueError("bias False is not possible with wiring layers; use wiring dag")
        if self.wiring == "dag" and sum(self.hidden) > MAX_NODES:
            raise ValueError(
                f"a graph of {sum(self.hidden)} hidden nodes is too large; hidden may add up to {MAX_NODES}"
            )
        return self

    @property
    def slope(self) -> float | None:
        """Slope on the inactive side of a piecewise-linear activation; ``None`` for tanh."""
        return {"relu": 0.0, "leaky_relu": self.negative_slope, "tanh": None}[self.activation]
