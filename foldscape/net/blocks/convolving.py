"""A convolution with what normalises its answers, as several kinds of nets name them."""

from __future__ import annotations

from typing import Literal

from foldscape.net.blocks.block import NamedLayers
from foldscape.net.blocks.convolution import ConvLayer
from foldscape.net.blocks.layer import Layer
from foldscape.net.blocks.normalisation import BatchNormLayer, GroupNormLayer

Norm = Literal["batch", "group", "none"]
GROUPS = 4
"""Groups of channels, where these can be shared out among so many."""


def convolving(
    names: tuple[str, str], inputs: int, outputs: int, size: int, norm: Norm, stride: int = 1, groups: int = 1
) -> NamedLayers:
    """Give a convolution and its normalisation; without one the convolution has biases.

    Args:
        names: What the two are called.
        inputs: Channels that come.
        outputs: Channels that leave.
        size: Side of a filter.
        norm: What normalises: the batch, groups of a sample's own channels, or nothing.
        stride: Pixels from one place to the next.
        groups: Groups of channels that do not see each other.

    Returns:
        The layers, each with its name.

    Example:
        >>> [name for name, _ in convolving(("conv", "norm"), 3, 8, 3, "batch")]
        ['conv', 'norm']
    """
    conv = ConvLayer(inputs, outputs, size, stride, groups, bias=norm == "none")
    normed: dict[Norm, Layer] = {
        "batch": BatchNormLayer(outputs),
        "group": GroupNormLayer(outputs, GROUPS if outputs % GROUPS == 0 else 1),
    }
    return (names[0], conv), *(((names[1], normed[norm]),) if norm in normed else ())
