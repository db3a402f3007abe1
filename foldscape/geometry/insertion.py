"""The partition of a net that has got one more unit, from the partition it had before."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from foldscape.geometry._insert import insert_fold
from foldscape.geometry._plane import ROUNDINGS
from foldscape.geometry.errors import GeometryError
from foldscape.geometry.network import Network, as_network
from foldscape.geometry.partition import Partition, partition, partition_of_arrays


def with_fold(found: Partition, layer: int, weight: ArrayLike, bias: float) -> Partition:
    """Add a unit with zero outgoing weights to a hidden layer, and cut only the cells that its fold crosses.

    Args:
        found: The partition of the net without the unit.
        layer: The hidden layer that the unit joins, as its last, from 0.
        weight: Its incoming weights, (fan_in,); in a net with wide layers, from the inputs and all layers before.
        bias: Its bias.

    Returns:
        What `partition` gives for the net with the unit, in another order: cells that the fold does not cross keep
        their corners to the last bit. Where folds meet in a point or a line everything is cut anew.

    Raises:
        GeometryError: If there is no such layer, or the weights do not fit it or are not finite.

    Example:
        >>> found = partition([[[1.0, 0.0]], [[1.0]]], [[0.0], [-0.5]], (-1, 1, -1, 1))
        >>> sorted(with_fold(found, 0, [0.0, 1.0], 0.5).cells.areas.tolist())
        [0.5, 0.5, 1.5, 1.5]
    """
    net = found.cells.net
    grown = _with_unit(net, layer, np.asarray(weight, dtype=np.float64), float(bias))
    if found.made.plain:
        received = net.received(layer, found.made.xy[: found.made.known[layer]])
        w = grown.weights[layer][-1]
        tolerance = ROUNDINGS * (abs(bias) + np.abs(received).max(axis=0) @ np.abs(w))
        told: Any
        done, told = insert_fold(
            tuple(found.made), received @ w + bias, np.array([tolerance]), layer, grown.sizes, found.box
        )
        if done:
            return partition_of_arrays(grown, found.box, *told[:-1])
    return partition(grown.weights, grown.biases, found.box, negative_slope=grown.slope)


def _with_unit(net: Network, layer: int, weight: np.ndarray, bias: float) -> Network:
    if not 0 <= layer < len(net.widths):
        raise GeometryError(f"Layer {layer}: this net has {len(net.widths)} hidden layers, counted from 0.")
    weights, biases = list(net.weights), list(net.biases)
    if weight.shape != (weights[layer].shape[1],):
        raise GeometryError(
            f"The unit has weights {weight.shape}: in layer {layer} it receives {weights[layer].shape[1]} numbers."
        )
    weights[layer] = np.concatenate([weights[layer], weight[None]])
    biases[layer] = np.concatenate([biases[layer], [bias]])
    column = weights[layer + 1].shape[1]  # after the last unit that the next layer hears
    for above in range(layer + 1, len(weights) if net.wide else layer + 2):
        weights[above] = np.insert(weights[above], column, 0.0, axis=1)
    return as_network(weights, biases, net.slope)
