"""Dense nets as flat vectors, and which stretch of a vector belongs to which neuron.

The order is weight, bias, layer by layer, row by row: that of ``named_parameters()`` of a stack of linear layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foldscape.arrays import Vector
from foldscape.curvature import Block
from foldscape.curvature.blocks import block_table


def dense_blocks(weights: Sequence[NDArray[Any]]) -> tuple[Block, ...]:
    """Give the block table of a dense net with a bias everywhere.

    Args:
        weights: One (out, in) array a layer.

    Returns:
        A block a layer.
    """
    return block_table(
        (f"layers.{layer}.{kind}", shape)
        for layer, weight in enumerate(weights)
        for kind, shape in (("weight", weight.shape), ("bias", weight.shape[:1]))
    )


def flattened(weights: Sequence[NDArray[Any]], biases: Sequence[NDArray[Any]]) -> Vector:
    """Lay the parameters of a dense net end to end, (P,).

    Args:
        weights: One (out, in) array a layer.
        biases: One (out,) array a layer.

    Returns:
        (P,) float64.
    """
    parts = [part.ravel() for pair in zip(weights, biases, strict=True) for part in pair]
    return np.concatenate(parts).astype(np.float64)


def layers_of(theta: Vector, blocks: Sequence[Block]) -> tuple[list[Vector], list[Vector]]:
    """Cut a dense net's vector into weights and biases, as views.

    Args:
        theta: (P,) parameters.
        blocks: Their table, from ``dense_blocks``.

    Returns:
        Weights (out, in) and biases (out,) of each layer.
    """
    parts = [theta[block.span].reshape(block.shape) for block in blocks]
    return parts[::2], parts[1::2]


def rows(vector: Vector, block: Block) -> Vector:
    """Give a weight tensor's stretch as (filters, entries): one row for each output neuron or channel."""
    tensor = vector[block.span].reshape(block.shape)
    filters = block.shape[block.out_axis]
    return np.moveaxis(tensor, block.out_axis, 0).reshape(filters, block.numel // max(filters, 1))


def laid_back(filters: Vector, block: Block) -> Vector:
    """Give (filters, entries) as the stretch of the vector that they were taken from by ``rows``."""
    first = (block.shape[block.out_axis], *np.delete(block.shape, block.out_axis))
    return np.moveaxis(filters.reshape(first), 0, block.out_axis).ravel()


def weight_blocks(blocks: Sequence[Block]) -> Iterator[Block]:
    """Give the tensors with filters: those of two axes and more. Biases and normalisations have one."""
    return (block for block in blocks if len(block.shape) > 1)
