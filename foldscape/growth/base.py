"""What every growth rule offers, and the record each growth leaves (science 0.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from foldscape.model import Model

if TYPE_CHECKING:
    from foldscape.net.mlp import Weights


@dataclass(frozen=True)
class NewUnit:
    """A unit to be born.

    Attributes:
        incoming: (fan_in,) incoming weights.
        bias: Its bias.
        outgoing: (fan_out,) outgoing weights; all zero keeps the function.
        score: The rule's own criterion for this unit.
        explanation: What the rule looked at, in plain JSON.
    """

    incoming: np.ndarray
    bias: float
    outgoing: np.ndarray
    score: float
    explanation: dict[str, Any]


class GrowthRule(Model):
    """Base of the growth rules."""

    kind: str
    layer: int = Field(0, ge=0, le=3)
    """Hidden layer that receives the unit, from 0."""

    def propose(self, net: Weights, x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> NewUnit:
        """Choose the next unit of hidden layer ``layer``.

        Args:
            net: The network as it is.
            x: (N, d) training inputs.
            y: (N,) classes.
            rng: The only source of chance.

        Returns:
            The unit to add; nothing is changed here.
        """
        raise NotImplementedError


class ByHand(Model):
    """The net grows when somebody presses the button."""

    kind: Literal["by_hand"] = "by_hand"


class Periodic(Model):
    """The net grows by one unit every so many epochs."""

    kind: Literal["periodic"] = "periodic"
    start: int = Field(5, ge=0)
    """Epoch of the first birth."""
    every: int = Field(10, ge=1)
    """Epochs between births."""
    births: int = Field(3, ge=1, le=4096)
    """Number of births."""


Schedule = Annotated[ByHand | Periodic, Field(discriminator="kind")]
