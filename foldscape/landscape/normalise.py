"""Sizes of neurons, and directions that respect them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np

from foldscape.arrays import Vector
from foldscape.curvature import Block
from foldscape.errors import InvalidInput
from foldscape.landscape.spec import Biases, Mode
from foldscape.landscape.vectors import laid_back, rows, weight_blocks

MODES: tuple[Mode, ...] = get_args(Mode)
_TINY = 1e-10


def normalised(drawn: Vector, theta: Vector, blocks: Sequence[Block], mode: Mode, biases: Biases) -> Vector:
    """Give a drawn direction the net's own sizes; see ``random_direction``.

    Args:
        drawn: (P,) direction.
        theta: (P,) net.
        blocks: Their block table.
        mode: What is given the norm that it has in the net.
        biases: Whether tensors of one axis are left out.

    Returns:
        (P,) the direction; 0 where biases stay.

    Raises:
        InvalidInput: If a name is unknown.
    """
    if mode not in MODES or biases not in get_args(Biases):
        raise InvalidInput(
            f"There is no normalisation {mode!r} with biases {biases!r}.",
            hint=f"Choose one of {', '.join(MODES)}, and zero or free.",
        )
    direction, layers = np.zeros_like(drawn), _layer_sizes(drawn, theta, blocks)
    for block in blocks:
        has_filters = len(block.shape) > 1
        if has_filters or biases == "free":
            by = "layer" if mode == "filter" and not has_filters else mode
            direction[block.span] = _like(drawn, theta, block, by, layers).ravel()
    return direction


def _like(drawn: Vector, theta: Vector, block: Block, mode: Mode, layers: dict[str, float]) -> Vector:
    if mode == "none":
        return drawn[block.span]
    if mode == "weight":
        return drawn[block.span] * theta[block.span]
    if mode == "layer":
        return drawn[block.span] * layers[block.edges]
    parts = rows(drawn, block)
    sizes = np.linalg.norm(rows(theta, block), axis=1) / (np.linalg.norm(parts, axis=1) + _TINY)
    return laid_back(parts * sizes[:, None], block)


def _layer_sizes(drawn: Vector, theta: Vector, blocks: Sequence[Block]) -> dict[str, float]:
    """Give the net's norm over the drawn one, for each tensor or group of edges."""
    squares: dict[str, tuple[float, float]] = {}
    for block in blocks:
        own, part = squares.get(block.edges, (0.0, 0.0))
        squares[block.edges] = own + float(np.sum(theta[block.span] ** 2)), part + float(np.sum(drawn[block.span] ** 2))
    return {edges: np.sqrt(own) / (np.sqrt(part) + _TINY) for edges, (own, part) in squares.items()}


def neuron_size(direction: Vector, theta: Vector, blocks: Sequence[Block]) -> float:
    """Give the length of a direction in neuron sizes: root mean square over neurons of ||d_j|| / ||theta_j||.

    A filter-normalised direction has length 1. Neurons whose weights are all zero have no size and do not count; nor
    do biases.

    Args:
        direction: (P,) direction.
        theta: (P,) net.
        blocks: Their block table.

    Returns:
        The length.
    """
    ratios = []
    for block in weight_blocks(blocks):
        own = np.linalg.norm(rows(theta, block), axis=1)
        moved = np.linalg.norm(rows(direction, block), axis=1)
        ratios.append(moved[own > _TINY] / own[own > _TINY])
    found = np.concatenate(ratios) if ratios else np.zeros(0)
    return float(np.sqrt(np.mean(found**2))) if found.size else 0.0
