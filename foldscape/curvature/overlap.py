"""Where the gradient lies to the sharpest directions, and how far those turn in time.

Gur-Ari et al. (2018), "Gradient descent happens in a tiny subspace".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import FloatArray
from foldscape.errors import InvalidInput
from foldscape.net.mlp import Weights

PARALLEL = 0.98
OPPOSITE = -0.9
LARGE = 1.0


def gradient_overlap(gradient: ArrayLike, vectors: ArrayLike) -> float:
    """Give rho_K: the share of the gradient's squared norm that lies in the span of orthonormal vectors.

    Args:
        gradient: Gradient of shape (P,).
        vectors: Orthonormal vectors of shape (K, P), such as those of ``top_eigenpairs``.

    Returns:
        A number from 0 to 1; 0 for a zero gradient.

    Raises:
        InvalidInput: If the shapes do not fit.

    Example:
        >>> round(gradient_overlap([3.0, 4.0], [[1.0, 0.0]]), 6)
        0.36
    """
    g, rows = np.asarray(gradient, dtype=np.float64), np.atleast_2d(np.asarray(vectors, dtype=np.float64))
    if g.ndim != 1 or rows.shape[1] != len(g):
        raise InvalidInput(
            f"Vectors of shape {rows.shape} do not fit a gradient of shape {g.shape}.", hint="Give (K, P) and (P,)."
        )
    squared = float(g @ g)
    return float(np.square(rows @ g).sum() / squared) if squared != 0 else 0.0


def subspace_overlap(vectors: ArrayLike, others: ArrayLike) -> float:
    """Give the mean squared cosine between two spans, ||V W^T||_F^2 / K: 1 for the same, K / P for random ones.

    Args:
        vectors: Orthonormal vectors of shape (K, P).
        others: Orthonormal vectors of shape (L, P), such as those of an earlier step; K is the smaller number.

    Returns:
        From 0 to 1.

    Raises:
        InvalidInput: If the vectors differ in length; after growth, pad the old ones with zeros.
    """
    rows, columns = (np.atleast_2d(np.asarray(each, dtype=np.float64)) for each in (vectors, others))
    if rows.shape[1] != columns.shape[1]:
        raise InvalidInput(
            f"Vectors of {rows.shape[1]} and of {columns.shape[1]} parameters span no common space.",
            hint="After growth, pad the old vectors with zeros for the new parameters.",
        )
    return float(np.square(rows @ columns.T).sum() / min(len(rows), len(columns)))


@dataclass(frozen=True)
class FlatChannel:
    """Two units that weigh up almost the same and are answered with almost opposite weights.

    Along the difference of such a pair the loss falls for ever and ever more slowly, so that the curvature there is no
    property of a minimum.

    Attributes:
        layer: Hidden layer, from 0.
        units: The two units, from 0.
        incoming_cosine: Cosine between their incoming weights, biases included; close to 1.
        outgoing_cosine: Cosine between their outgoing weights; close to -1.
        outgoing_size: Smaller norm of the two outgoing weights over the mean of the layer's.
    """

    layer: int
    units: tuple[int, int]
    incoming_cosine: float
    outgoing_cosine: float
    outgoing_size: float


def flat_channels(net: Weights) -> list[FlatChannel]:
    """Find pairs of hidden units that head into a flat channel, the most parallel first.

    Args:
        net: The net; batch normalisation counts as folded in.

    Returns:
        Pairs whose incoming weights have a cosine above 0.98 and whose outgoing weights have one below -0.9 and are at
        least as long as the layer's mean.
    """
    plain = net.folded()
    found = []
    for layer, (weight, bias) in enumerate(zip(plain.weights[:-1], plain.biases[:-1], strict=True)):
        incoming = _cosines(np.column_stack([weight, bias]).astype(np.float64))
        outgoing_rows = plain.outgoing(layer).astype(np.float64)
        outgoing, sizes = _cosines(outgoing_rows), np.linalg.norm(outgoing_rows, axis=1)
        sizes = sizes / (sizes.mean() or 1.0)
        smaller = np.minimum(sizes[:, None], sizes)
        pairs = np.triu((incoming > PARALLEL) & (outgoing < OPPOSITE) & (smaller >= LARGE), 1)
        found += [
            FlatChannel(layer, (int(i), int(j)), float(incoming[i, j]), float(outgoing[i, j]), float(smaller[i, j]))
            for i, j in np.argwhere(pairs)
        ]
    return sorted(found, key=lambda pair: -pair.incoming_cosine)


def _cosines(rows: FloatArray) -> NDArray[np.float64]:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.where(norms > 0, norms, 1)
    return np.asarray(unit @ unit.T, dtype=np.float64)
