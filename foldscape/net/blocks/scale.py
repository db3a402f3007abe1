"""One factor on everything that passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from foldscape.net.blocks.layer import Layer, SampleShape

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class ScaleLayer(Layer):
    """A trained factor, as on what a residual block adds (arXiv 1901.09321).

    Attributes:
        begin: The factor at the start.
    """

    begin: float = 0.1

    def tensors(self) -> Mapping[str, SampleShape]:
        """Give the factor."""
        return {"weight": (1,)}

    def first(self, rng: np.random.Generator) -> list[npt.NDArray[np.float32]]:
        """Give the factor at the start."""
        return [np.full(1, self.begin, np.float32)]

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return "factor"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from foldscape.net.blocks.modules.scale import ScaleModule

        return ScaleModule()
