"""How far two members of an ensemble are from each other: in parameters, in predictions, in errors, in the loss."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from foldscape.arrays import FloatArray, Labels
from foldscape.data.base import Split
from foldscape.ensembles.rows import PairDistance
from foldscape.errors import FoldscapeError
from foldscape.geometry.cell_distance import cell_distance
from foldscape.landscape.connection import POINTS, linear_connection
from foldscape.landscape.evaluator import Evaluator
from foldscape.net.mlp import Weights


def disagreement(first: FloatArray, second: FloatArray) -> float:
    """Give the share of points on which the likeliest classes of two predictions (N, K) differ."""
    return float((first.argmax(axis=1) != second.argmax(axis=1)).mean())


def error_correlation(first: FloatArray, second: FloatArray, y: Labels) -> float:
    """Correlate being wrong over points.

    Args:
        first: (N, K) a prediction.
        second: (N, K) another.
        y: (N,) classes.

    Returns:
        The correlation coefficient of two rows of 0 and 1; NaN where one of them does not vary.

    Example:
        >>> one, two = np.eye(2)[[0, 0, 1, 1]], np.eye(2)[[0, 1, 1, 0]]
        >>> error_correlation(one, two, np.array([0, 1, 1, 0])), error_correlation(one, one, np.array([0, 1, 1, 0]))
        (nan, 1.0)
    """
    wrong = np.stack([(one.argmax(axis=1) != y).astype(np.float64) for one in (first, second)])
    centred = wrong - wrong.mean(axis=1, keepdims=True)
    norms = np.sqrt((centred**2).sum(axis=1))
    return float(centred[0] @ centred[1] / (norms[0] * norms[1])) if norms.all() else math.nan


def barrier(evaluator: Evaluator, first: Weights, second: Weights, points: int = POINTS) -> float:
    """Give the height of the loss on the straight line between two nets; see ``linear_connection``.

    Args:
        evaluator: Measures the loss of nets of this shape.
        first: A net.
        second: Another that shares its parameter space.
        points: Points on the line, both ends included.

    Returns:
        The height; at least 0. Batch normalisation counts as folded in where a net does not keep its statistics.
    """
    start, end = (net.folded().vector() for net in (first, second))
    return linear_connection(evaluator, start, end, points).barrier


def cells_between(first: Weights, second: Weights, x: FloatArray) -> float:
    """Give ``cell_distance``, or NaN where it means nothing of these nets."""
    try:
        return cell_distance(first, second, x)
    except FoldscapeError:
        return math.nan


def pair_distance(
    nets: tuple[Weights, Weights],
    predictions: tuple[FloatArray, FloatArray],
    split: Split,
    evaluator: Callable[[], Evaluator],
    points: int = POINTS,
) -> PairDistance:
    """Hold two nets against each other.

    Args:
        nets: The nets.
        predictions: Their class probabilities (N, K) on the test points.
        split: The points: cells and errors are of the test points, the barrier of the training points.
        evaluator: Gives what measures the training loss of nets of their shape; asked where they share one.
        points: Points of the line between them.

    Returns:
        All pairwise measures.
    """
    near = nets[0].shares_space(nets[1])
    return PairDistance(
        distance=float(np.linalg.norm(nets[0].vector() - nets[1].vector())) if near else math.nan,
        disagreement=disagreement(*predictions),
        error_correlation=error_correlation(*predictions, split.test_y),
        barrier=barrier(evaluator(), *nets, points) if near else math.nan,
        cell_distance=cells_between(*nets, split.test_x),
    )
