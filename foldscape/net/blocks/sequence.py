"""What sequences of vectors pass through: patches of pictures, places, normalisation, the mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from foldscape.net.blocks.layer import Layer, SampleShape, told
from foldscape.net.blocks.normalisation import NormedLayer

if TYPE_CHECKING:
    from torch import nn


def sequence_of(shape: SampleShape, width: int) -> SampleShape:
    """Give the shape of a sequence of so wide vectors.

    Args:
        shape: What comes.
        width: Numbers of a vector.

    Returns:
        The same shape.

    Raises:
        ValueError: If it is no such sequence.
    """
    if len(shape) != 2 or shape[1] != width:
        raise ValueError(f"{told(shape)} is no sequence of vectors of {width}")
    return shape


@dataclass(frozen=True)
class InPlacesLayer(Layer):
    """The places of a picture in a row: (channels, rows, columns) becomes (rows · columns, channels)."""

    def out(self, shape: SampleShape) -> SampleShape:
        """Give the shape of the row; see ``Layer.out``."""
        if len(shape) != 3:
            raise ValueError(f"{told(shape)} is no picture")
        return math.prod(shape[1:]), shape[0]

    def build(self) -> nn.Module:
        """Make the torch module."""
        from foldscape.net.blocks.modules.sequence import InPlacesModule

        return InPlacesModule()


@dataclass(frozen=True)
class PlaceLayer(Layer):
    """A vector for each place, added to what stands there.

    Attributes:
        places: Places of a sequence.
        width: Numbers of a vector.
    """

    places: int
    width: int

    def out(self, shape: SampleShape) -> SampleShape:
        """Give the same shape; see ``Layer.out``."""
        if shape[0] != self.places:
            raise ValueError(f"{told(shape)} has not {self.places} places")
        return sequence_of(shape, self.width)

    def tensors(self) -> Mapping[str, SampleShape]:
        """Give the vectors of all places, (places, width)."""
        return {"weight": (self.places, self.width)}

    def first(self, rng: np.random.Generator) -> list[npt.NDArray[np.float32]]:
        """Draw them with standard deviation 0.02 (arXiv 2010.11929, as published code has it)."""
        return [0.02 * rng.standard_normal((self.places, self.width)).astype(np.float32)]

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return f"a vector for each of {self.places} places"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from foldscape.net.blocks.modules.sequence import PlaceModule

        return PlaceModule(self.places, self.width)


@dataclass(frozen=True)
class LayerNormLayer(NormedLayer):
    """Normalisation of each vector by its own mean and variance (arXiv 1607.06450)."""

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return "layer norm"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from torch import nn

        return nn.LayerNorm(self.channels)


@dataclass(frozen=True)
class PlaceMeanLayer(Layer):
    """The mean of all vectors of a sequence."""

    def out(self, shape: SampleShape) -> SampleShape:
        """Give the shape of the mean; see ``Layer.out``."""
        if len(shape) != 2:
            raise ValueError(f"{told(shape)} is no sequence of vectors")
        return shape[1:]

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return "mean of all places"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from foldscape.net.blocks.modules.sequence import PlaceMeanModule

        return PlaceMeanModule()
