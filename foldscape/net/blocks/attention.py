"""Attention of each place of a sequence to all (arXiv 1706.03762, section 3.2)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from foldscape.net.blocks.layer import Layer, SampleShape
from foldscape.net.blocks.sequence import sequence_of

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class AttentionLayer(Layer):
    """Each place takes up a mean of what the others offer, by how well its question meets their keys, in each head.

    Attributes:
        width: Numbers of a vector.
        heads: Parts of the vector that ask apart; they divide ``width``.

    Example:
        >>> AttentionLayer(8, 2).multiplications((5, 8)) == 4 * 5 * 8 * 8 + 2 * 5 * 5 * 8
        True
    """

    width: int
    heads: int

    def out(self, shape: SampleShape) -> SampleShape:
        """Give the same shape; see ``Layer.out``."""
        return sequence_of(shape, self.width)

    def tensors(self) -> Mapping[str, SampleShape]:
        """Give what makes questions, keys and values, one below the other, and what mixes the answers."""
        width = self.width
        return {
            "asking.weight": (3 * width, width),
            "asking.bias": (3 * width,),
            "mixing.weight": (width, width),
            "mixing.bias": (width,),
        }

    def first(self, rng: np.random.Generator) -> list[npt.NDArray[np.float32]]:
        """Draw all uniform in ±1/sqrt(width)."""
        bound = 1 / math.sqrt(self.width)
        return [rng.uniform(-bound, bound, shape).astype(np.float32) for shape in self.tensors().values()]

    def multiplications(self, shape: SampleShape) -> int:
        """Count those by weights, and those of questions by keys and of their answers by values."""
        places = shape[0]
        return 4 * places * self.width**2 + 2 * places**2 * self.width

    def values(self, shape: SampleShape) -> int:
        """Count questions, keys, values and answers, and how well each meets each, before and after it is a share."""
        return 4 * shape[0] * self.width + 2 * self.heads * shape[0] ** 2

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return f"attention, {self.heads} heads" if self.heads > 1 else "attention"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from foldscape.net.blocks.modules.attention import AttentionModule

        return AttentionModule(self.width, self.heads)
