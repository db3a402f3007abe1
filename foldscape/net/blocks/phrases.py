"""Filters that pass over a sequence, each of which tells the strongest of its answers (arXiv 1408.5882)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from foldscape.net.blocks.layer import Layer, SampleShape, told

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class PhraseLayer(Layer):
    """Filters of several widths over a sequence, and the largest answer of each.

    Attributes:
        inputs: Numbers of a place.
        filters: Filters of each width.
        widths: Places that a filter sees at once; odd.
    """

    inputs: int
    filters: int
    widths: tuple[int, ...] = (3, 5, 7)

    def out(self, shape: SampleShape) -> SampleShape:
        """Give one number a filter; see ``Layer.out``."""
        if len(shape) != 2 or shape[1] != self.inputs:
            raise ValueError(f"filters over {self.inputs} numbers a place take no {told(shape)}")
        return (self.filters * len(self.widths),)

    def tensors(self) -> Mapping[str, SampleShape]:
        """Give filters (filters, inputs, width) and biases of each width."""
        return {
            name: shape
            for width in self.widths
            for name, shape in (
                (f"over{width}.weight", (self.filters, self.inputs, width)),
                (f"over{width}.bias", (self.filters,)),
            )
        }

    def first(self, rng: np.random.Generator) -> list[npt.NDArray[np.float32]]:
        """Draw each width's uniform in ±1/sqrt(fan_in)."""
        bounds = [1 / math.sqrt(self.inputs * width) for width in self.widths for _ in range(2)]
        shapes = self.tensors().values()
        return [
            rng.uniform(-bound, bound, shape).astype(np.float32) for bound, shape in zip(bounds, shapes, strict=True)
        ]

    def multiplications(self, shape: SampleShape) -> int:
        """Count one a weight and place."""
        return shape[0] * self.filters * self.inputs * sum(self.widths)

    def values(self, shape: SampleShape) -> int:
        """Count the answers at all places; see ``Layer.values``."""
        return shape[0] * self.filters * len(self.widths)

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return f"{self.filters} filters over each of {', '.join(map(str, self.widths))} places"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from foldscape.net.blocks.modules.phrases import PhraseModule

        return PhraseModule(self.inputs, self.filters, self.widths)
