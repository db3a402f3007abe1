"""The cell in which a point lies, in any dimension and at any depth: inequalities, and the net's one affine map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.lazy import lazy
from foldscape.net.mlp import Weights
from foldscape.net.passes import shape_of

TOUCHES = 1e-9  # distance to a facet, beside the size of the numbers, at which a point lies on it


@dataclass(frozen=True, eq=False)
class Polyhedron:
    """A convex polyhedron on which the net is affine.

    Attributes:
        pattern: (units,) 1 for each active unit, layer by layer.
        rows: (units, d) normals of unit length; inside the cell ``rows @ x >= limits``.
        limits: (units,).
        affine: (K, d) slope of each logit.
        offset: (K,) each logit at the origin.
    """

    pattern: np.ndarray
    rows: FloatArray
    limits: FloatArray
    affine: FloatArray
    offset: FloatArray

    @lazy
    def _size(self) -> FloatArray:
        return 1 + np.abs(self.limits)

    def holds(self, point: FloatArray) -> bool:
        """Whether a point lies in the cell or on its rim."""
        return bool((self.rows @ point - self.limits >= -TOUCHES * self._size).all())

    def facets_at(self, point: FloatArray) -> list[int]:
        """List the units on whose fold a point of the cell lies."""
        near = np.abs(self.rows @ point - self.limits) <= TOUCHES * self._size
        return [int(unit) for unit in np.flatnonzero(near & self.rows.any(axis=1))]

    def line(self, first: int, second: int) -> tuple[FloatArray, float]:
        """Give the normal and the offset of the hyperplane on which two logits of the cell's map are equal."""
        return self.affine[first] - self.affine[second], float(self.offset[first] - self.offset[second])


def cell_at(net: Weights, point: FloatArray) -> Polyhedron:
    """Give the cell of a piecewise-linear net in which a point lies.

    Args:
        net: The network, float64.
        point: (d,).

    Returns:
        The cell: its half-planes, and the affine map on it.
    """
    h, pattern = point, []
    for w, b in zip(net.weights[:-1], net.biases[:-1], strict=True):
        z = w @ h + b
        pattern.append(z > 0)
        h = net.activate(z)
    return polyhedron_of(net, np.concatenate([np.zeros(0, bool), *pattern]))


def polyhedron_of(net: Weights, pattern: np.ndarray) -> Polyhedron:
    """Give the cell of an activation pattern; it may be empty.

    Args:
        net: The network, float64.
        pattern: (units,) whether each unit is active, layer by layer.

    Returns:
        The cell: its half-planes, and the affine map on it.
    """
    slope = shape_of(net)[2]
    d = net.weights[0].shape[1]
    A, c, done = np.eye(d), np.zeros(d), 0
    rows, limits = [np.zeros((0, d))], [np.zeros(0)]
    for w, b in zip(net.weights[:-1], net.biases[:-1], strict=True):
        A, c = w @ A, w @ c + b
        active = pattern[done : done + len(b)]
        sign = np.where(active, 1.0, -1.0)
        rows.append(sign[:, None] * A)
        limits.append(-sign * c)
        factor = np.where(active, 1.0, slope)
        A, c = factor[:, None] * A, factor * c
        done += len(b)
    normals, right = np.concatenate(rows), np.concatenate(limits)
    length = np.linalg.norm(normals, axis=1)
    scale = np.where(length > 0, length, 1.0)
    return Polyhedron(
        pattern, normals / scale[:, None], right / scale, net.weights[-1] @ A, net.weights[-1] @ c + net.biases[-1]
    )
