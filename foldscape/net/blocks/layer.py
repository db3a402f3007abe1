"""What every layer of a plan says of itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from torch import nn

SampleShape = tuple[int, ...]
"""Shape of one sample: (features,), (channels, rows, columns), or (places, channels) of a sequence."""


@dataclass(frozen=True)
class Layer:
    """Base of the layers: something that a sample passes through. One without settings changes nothing."""

    def out(self, shape: SampleShape) -> SampleShape:
        """Give the shape that a sample leaves with.

        Args:
            shape: The shape with which it comes.

        Returns:
            Its shape behind the layer.

        Raises:
            ValueError: If such a sample cannot pass, with both shapes in words.
        """
        return shape

    def tensors(self) -> Mapping[str, SampleShape]:
        """Give the trained parameters, in the order of the module that ``build`` makes: name and shape."""
        return {}

    def buffers(self) -> Mapping[str, SampleShape]:
        """Give what is kept beside them and not trained: name and shape."""
        return {}

    def multiplications(self, shape: SampleShape) -> int:
        """Count the multiplications of one sample's way forward by weights; what has none takes none.

        Args:
            shape: The shape with which it comes.

        Returns:
            Their number.
        """
        return 0

    def values(self, shape: SampleShape) -> int:
        """Count the numbers that a layer with weights makes of one sample: memory that is written and read.

        Args:
            shape: The shape with which it comes.

        Returns:
            Their number; by default those that leave.
        """
        return math.prod(self.out(shape)) if self.tensors() else 0

    def first(self, rng: np.random.Generator) -> list[npt.NDArray[np.float32]]:
        """Draw its first parameters: by default uniform in ±1/sqrt(fan_in), as torch's are.

        Args:
            rng: The only source of chance.

        Returns:
            One array a parameter, in the order of ``tensors``.
        """
        shapes = self.tensors()
        bound = 1 / math.sqrt(math.prod(shapes["weight"][1:])) if shapes else 0.0
        return [rng.uniform(-bound, bound, shape).astype(np.float32) for shape in shapes.values()]

    def first_buffers(self) -> list[npt.NDArray[np.float32]]:
        """Give what ``buffers`` names at the start."""
        return [np.zeros(shape, np.float32) for shape in self.buffers().values()]

    @property
    def is_weighted(self) -> bool:
        """Whether it has trained parameters."""
        return bool(self.tensors())

    @property
    def words(self) -> str:
        """What stands in a drawing; empty for what is not drawn."""
        return ""

    def build(self) -> nn.Module:
        """Make the torch module; its parameters are overwritten."""
        raise NotImplementedError


def sample_words(shape: SampleShape) -> str:
    """Say what samples of a shape are.

    Returns:
        Their shape with a word for it.

    Example:
        >>> sample_words((2,)), sample_words((3, 32, 32))
        ('samples of 2 numbers', 'pictures of 3×32×32')
    """
    if len(shape) == 1:
        return f"samples of {shape[0]} numbers"
    return f"pictures of {told(shape)}" if len(shape) == 3 else f"samples of {told(shape)}"


def told(shape: SampleShape) -> str:
    """Say a shape as people do.

    Returns:
        Its sides with a times sign between them.

    Example:
        >>> told((3, 32, 32)), told((64,))
        ('3×32×32', '64')
    """
    return "×".join(map(str, shape))
