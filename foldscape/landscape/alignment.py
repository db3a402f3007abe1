"""The order of units in which one net matches another best: weight matching (Ainsworth et al. 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from foldscape.arrays import Vector
from foldscape.curvature import Block
from foldscape.errors import InvalidInput
from foldscape.landscape.vectors import flattened, layers_of

Order = NDArray[np.int64]
_SWEEPS = 100


@dataclass(frozen=True)
class Alignment:
    """A net with its hidden units in another order, which leaves its function as it was.

    Attributes:
        theta: (P,) net B in the new order.
        orders: For each hidden layer, which unit of B stands in each place, (width,).
        match: Inner product of the parameters of A and of B after each move, rising.
    """

    theta: Vector
    orders: tuple[Order, ...]
    match: tuple[float, ...]


def align(a: ArrayLike, b: ArrayLike, blocks: Sequence[Block]) -> Alignment:
    """Put the units of dense net B in the order that brings its parameters nearest to those of A.

    One hidden layer after the other takes the best order given its neighbours', until no order changes: from the
    order as it is, and from one that matches incoming weights only, layer by layer; the better end is taken.

    Args:
        a: (P,) net A.
        b: (P,) net B.
        blocks: Their block table: weight and bias, layer by layer.

    Returns:
        B in its new order, with that order and how far it is from A.

    Raises:
        InvalidInput: If the table is not that of a dense net with biases, or a vector does not fit it.
    """
    nets = [np.asarray(net, dtype=np.float64) for net in (a, b)]
    _check(nets, blocks)
    first, second = (list(zip(*layers_of(net, blocks), strict=True)) for net in nets)
    widths = [len(bias) for _, bias in second[:-1]]
    starts = [np.arange(width) for width in widths], _by_incoming(first, second, widths)
    orders, match = max((_ascended(first, second, start) for start in starts), key=lambda end: end[1][-1])
    weights, biases = zip(*_ordered(second, orders), strict=True)
    return Alignment(flattened(weights, biases), tuple(orders), tuple(match))


Layers = list[tuple[Vector, Vector]]


def _ascended(first: Layers, second: Layers, start: list[Order]) -> tuple[list[Order], list[float]]:
    """Improve the order of one layer at a time until none changes."""
    orders = list(start)
    match = [_match(first, second, orders)]
    for _ in range(_SWEEPS):
        before = match[-1]
        for layer in range(len(orders)):
            gain = _incoming(first, second, orders, layer)
            after = orders[layer + 1] if layer + 1 < len(orders) else np.arange(len(second[-1][1]))
            gain += first[layer + 1][0].T @ second[layer + 1][0][after]
            found = linear_sum_assignment(gain, maximize=True)[1]
            places = np.arange(len(found))
            if gain[places, found].sum() > gain[places, orders[layer]].sum():
                orders[layer] = found
                match.append(_match(first, second, orders))
        if match[-1] <= before:
            break
    return orders, match


def _by_incoming(first: Layers, second: Layers, widths: list[int]) -> list[Order]:
    """Match the units of each layer by what comes in, from the inputs on."""
    orders = [np.arange(width) for width in widths]
    for layer in range(len(orders)):
        orders[layer] = linear_sum_assignment(_incoming(first, second, orders, layer), maximize=True)[1]
    return orders


def _incoming(first: Layers, second: Layers, orders: list[Order], layer: int) -> Vector:
    """Inner products of incoming weights and biases: units of A by units of B."""
    weight, bias = second[layer]
    came = weight if layer == 0 else weight[:, orders[layer - 1]]
    return np.asarray(first[layer][0] @ came.T + np.outer(first[layer][1], bias))


def _ordered(layers: Layers, orders: list[Order]) -> Layers:
    ordered = []
    for layer, (weight, bias) in enumerate(layers):
        came = weight if layer == 0 else weight[:, orders[layer - 1]]
        ordered.append((came[orders[layer]], bias[orders[layer]]) if layer < len(orders) else (came, bias))
    return ordered


def _match(first: Layers, second: Layers, orders: list[Order]) -> float:
    pairs = zip(first, _ordered(second, orders), strict=True)
    return float(sum(np.vdot(w, v) + np.vdot(b, c) for (w, b), (v, c) in pairs))


def _check(nets: list[Vector], blocks: Sequence[Block]) -> None:
    shapes = [block.shape for block in blocks]
    chained = all(
        len(weight) == 2 and bias == weight[:1] and (i == 0 or weight[1] == shapes[2 * i - 1][0])
        for i, (weight, bias) in enumerate(zip(shapes[::2], shapes[1::2], strict=False))
    )
    size = sum(block.numel for block in blocks)
    if len(shapes) % 2 or not chained or any(net.shape != (size,) for net in nets):
        raise InvalidInput(
            f"Nets of {nets[0].size} and {nets[1].size} parameters with tensors {shapes} cannot be aligned.",
            hint="Both must be dense nets of the same layers, with a bias everywhere.",
        )
