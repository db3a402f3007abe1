"""Which axis of a weight counts the outputs: not always the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from torch import nn
from torch.nn.modules.conv import _ConvTransposeNd

from foldscape.curvature.blocks import Block

WEIGHTS = ("weight", "weight_v", "parametrizations.weight.original", "parametrizations.weight.original1")
"""Names under which a layer holds its weight, also under weight and spectral normalisation."""


def with_output_axes(blocks: Sequence[Block], module: nn.Module) -> tuple[Block, ...]:
    """Mark the weights of shape (inputs, outputs, ...): those of transposed convolutions and of ``Conv1D`` layers.

    A transposed convolution of several groups counts the outputs of one group; those at the same place of its groups
    stand together. Embeddings keep one row a token, and a table of positions (1, T, D) is one row.

    Args:
        blocks: The trained tensors.
        module: The net.
    """
    swapped = {f"{layer}.{weight}".lstrip(".") for layer in _swapped(module) for weight in WEIGHTS}
    return tuple(replace(one, out_axis=1) if one.name in swapped and len(one.shape) > 1 else one for one in blocks)


def _swapped(module: nn.Module) -> Iterator[str]:
    for name, part in module.named_modules(remove_duplicate=False):
        if isinstance(part, _ConvTransposeNd) or (type(part).__name__ == "Conv1D" and hasattr(part, "nf")):
            yield name
