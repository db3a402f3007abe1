"""Normalisation of channels: by the batch (arXiv 1502.03167), or by groups of a sample's own (arXiv 1803.08494)."""

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
class NormedLayer(Layer):
    """Base: a factor and a shift a channel after normalising.

    Attributes:
        channels: Channels that come.
    """

    channels: int

    def tensors(self) -> Mapping[str, SampleShape]:
        """Give factor and shift of each channel."""
        return {"weight": (self.channels,), "bias": (self.channels,)}

    def first(self, rng: np.random.Generator) -> list[npt.NDArray[np.float32]]:
        """Give factors 1 and shifts 0."""
        return [np.ones(self.channels, np.float32), np.zeros(self.channels, np.float32)]


@dataclass(frozen=True)
class BatchNormLayer(NormedLayer):
    """Normalisation by mean and variance of the batch; at rest, and for a batch of one sample, by the running ones."""

    def buffers(self) -> Mapping[str, SampleShape]:
        """Give running mean and variance of each channel."""
        return {"running_mean": (self.channels,), "running_var": (self.channels,)}

    def first_buffers(self) -> list[npt.NDArray[np.float32]]:
        """Give mean 0 and variance 1."""
        return [np.zeros(self.channels, np.float32), np.ones(self.channels, np.float32)]

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return "batch norm"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from foldscape.net.blocks.modules.batch_norm import batch_norm

        return batch_norm(self.channels)


@dataclass(frozen=True)
class GroupNormLayer(NormedLayer):
    """Normalisation of each sample by mean and variance of groups of its channels.

    Attributes:
        groups: Groups of channels.
    """

    groups: int = 1

    @property
    def words(self) -> str:
        """What stands in a drawing."""
        return "group norm"

    def build(self) -> nn.Module:
        """Make the torch module."""
        from torch import nn

        return nn.GroupNorm(self.groups, self.channels)
