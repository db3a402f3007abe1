"""What turns the numbers of symbols, words or characters, into vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from foldscape.data.encoders.base import PADDING
from foldscape.net.blocks.layer import Layer, SampleShape, told

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class EmbeddingLayer(Layer):
    """A vector for each symbol; that of padding is zero and stays so.

    Attributes:
        symbols: Numbers in use, padding included.
        width: Numbers of a vector.
    """

    symbols: int
    width: int

    def out(self, shape: SampleShape) -> SampleShape:
        """Give (places, width); see ``Layer.out``."""
        if len(shape) != 1:
            raise ValueError(f"symbols stand in a row, and {told(shape)} is none")
        return *shape, self.width

    def tensors(self) -> Mapping[str, SampleShape]:
        """Give the vectors of all symbols, (symbols, width)."""
        return {"weight": (self.symbols, self.width)}

    def first(self, rng: np.random.Generator) -> list[npt.NDArray[np.float32]]:
        """Draw them with unit variance, that of padding zero."""
        drawn = rng.standard_normal((self.symbols, self.width)).astype(np.float32)
        drawn[PADDING] = 0
        return [drawn]

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return f"vectors of {self.width} for {self.symbols:,} symbols"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from foldscape.net.blocks.modules.symbols import EmbeddingModule

        return EmbeddingModule(self.symbols, self.width)


@dataclass(frozen=True)
class BagLayer(EmbeddingLayer):
    """The mean of the vectors of a sentence's symbols, padding left out."""

    def out(self, shape: SampleShape) -> SampleShape:
        """Give (width,); see ``Layer.out``."""
        return super().out(shape)[1:]

    def values(self, shape: SampleShape) -> int:
        """Count the vectors that are looked up; see ``Layer.values``."""
        return shape[0] * self.width

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return f"mean of {super().words}"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from foldscape.net.blocks.modules.symbols import BagModule

        return BagModule(self.symbols, self.width)
