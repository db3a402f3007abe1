"""How far apart two nets are in cells of the loss surface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.errors import InvalidInput, NotPossible

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from foldscape.net.mlp import Weights

AT_ONCE = 1024
"""Samples whose signs are held at once: a net of pictures has many places at which a unit may be active."""


def activation_signs(net: Weights, x: FloatArray) -> NDArray[np.bool_]:
    """Say which hidden units are active on which points, in double precision.

    Args:
        net: A piecewise linear net of any kind; batch normalisation counts as folded in.
        x: (N, d) points.

    Returns:
        (N, units): whether the pre-activation is above 0, layer by layer; of a net of pictures at each place.

    Raises:
        NotPossible: If the activation is smooth, so that the loss surface has no cells, or the net reads characters,
            or something else than units cuts cells, as max pooling does.
        InvalidInput: If the points do not have the net's number of inputs.
    """
    if net.activation == "tanh":
        raise NotPossible("With tanh the loss surface has no cells.", hint="Cell distance needs relu or leaky_relu.")
    if "numbers" not in net.can.readable:
        raise NotPossible(
            f"The cells of {net.can.words} are not known.", hint="Cell distance needs inputs that are numbers."
        )
    if x.ndim != 2 or x.shape[1] != net.features:
        raise InvalidInput(f"The points have the shape {x.shape}, the net takes (N, {net.features}).")
    return net.active_signs(x)


def cell_distance(first: Weights, second: Weights, x: FloatArray) -> float:
    """Give the share of (sample, unit) pairs whose activation differs between two nets.

    As long as no activation changes its sign on any sample, a net with piecewise linear activations is a product of
    linear maps of its layers: the loss surface is cut into cells, and a minimum of one is a minimum of all that looks
    like it (He, Wang and Su 2020, "Piecewise linear activations substantially shape the loss surfaces of neural
    networks", arXiv 2003.12236). Two moments of a run are in one cell where this is 0.

    Args:
        first: A net.
        second: Another of the same hidden widths; units are compared by their places.
        x: (N, d) samples.

    Returns:
        The share, from 0 to 1.

    Raises:
        InvalidInput: If the hidden widths differ, or there is no sample or no hidden unit.
        NotPossible: If an activation is smooth.

    Example:
        >>> from foldscape.net.mlp import Weights
        >>> net = Weights((np.eye(2)[:1], np.ones((2, 1))), (np.zeros(1), np.zeros(2)))
        >>> moved = Weights(net.weights, (np.array([-1.5]), np.zeros(2)))
        >>> cell_distance(net, moved, np.array([[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0], [-2.0, 0.0]]))
        0.25
    """
    if first.hidden != second.hidden:
        raise InvalidInput(
            f"The hidden widths differ: {list(first.hidden)} and {list(second.hidden)}.",
            hint="Cell distance compares unit by unit.",
        )
    if not len(x) or not first.neurons:
        raise InvalidInput(f"{len(x)} samples and {first.neurons} hidden units make no pairs.", hint="Give some.")
    differing, pairs = 0, 0
    for start in range(0, len(x), AT_ONCE):
        some = x[start : start + AT_ONCE]
        apart = activation_signs(first, some) != activation_signs(second, some)
        differing, pairs = differing + int(apart.sum()), pairs + apart.size
    return differing / pairs
