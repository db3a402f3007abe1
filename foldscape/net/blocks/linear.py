"""Layers whose units read everything that comes, and what makes a picture a row of numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foldscape.net.blocks.layer import Layer, SampleShape, told

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class LinearLayer(Layer):
    """Weighted sums of all numbers along the last axis.

    Attributes:
        inputs: Numbers that come.
        outputs: Numbers that leave.
        bias: Whether each sum has a bias.
    """

    inputs: int
    outputs: int
    bias: bool = True

    def out(self, shape: SampleShape) -> SampleShape:
        """Give the shape of the sums; see ``Layer.out``."""
        if not shape or shape[-1] != self.inputs:
            raise ValueError(f"a layer of {self.inputs} inputs takes no {told(shape)}")
        return *shape[:-1], self.outputs

    def tensors(self) -> Mapping[str, SampleShape]:
        """Give weights (outputs, inputs), and biases if there are any."""
        found: dict[str, SampleShape] = {"weight": (self.outputs, self.inputs)}
        return found | ({"bias": (self.outputs,)} if self.bias else {})

    def multiplications(self, shape: SampleShape) -> int:
        """Count one a weight and place."""
        return math.prod(shape[:-1]) * self.inputs * self.outputs

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return f"linear {self.outputs}"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from torch import nn

        return nn.Linear(self.inputs, self.outputs, self.bias)


@dataclass(frozen=True)
class FlattenLayer(Layer):
    """All numbers of a sample in one row."""

    def out(self, shape: SampleShape) -> SampleShape:
        """Give the shape of the row; see ``Layer.out``."""
        return (math.prod(shape),)

    def build(self) -> nn.Module:
        """Make the torch module."""
        from torch import nn

        return nn.Flatten()
