"""The nearest training point of each test point, exactly: candidates by matrix products, the choice in float64."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from foldscape.arrays import BoolArray, Float64Array, FloatArray, Int64Array
from foldscape.errors import InvalidInput

Points = Any
"""(n, d) numbers: an array, or a sparse matrix of scipy."""
Distance = Literal["euclidean", "cosine"]
TABLE = 2**24
"""Distances held at once."""


@dataclass(frozen=True)
class Neighbours:
    """The nearest training point of each of M test points.

    Attributes:
        index: (M,) which training point; of several that are equally near the first.
        distance: (M,) how far it is: the novelty of the test point.
    """

    index: Int64Array
    distance: Float64Array

    def __len__(self) -> int:
        return len(self.index)


def nearest(train: Points, test: Points, distance: Distance = "euclidean") -> Neighbours:
    """Find the nearest training point of each test point.

    A matrix product in the precision of the points leaves those that its rounding cannot tell from the nearest; these
    are measured by their differences in float64, so that a copy is at distance 0 and the result is that of brute force.

    Args:
        train: (N, d) training points, an array or a sparse matrix.
        test: (M, d) test points, of the same form.
        distance: ``euclidean``, or ``cosine``, which is 1 less the cosine: 1 from a point that is zero to all others.

    Returns:
        Index and distance of the nearest, (M,) each.

    Raises:
        InvalidInput: If there is no training point, the points have different lengths, or one is not finite.

    Example:
        >>> found = nearest(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[3.0, 3.0]]))
        >>> found.index.tolist(), found.distance.tolist()
        ([1], [1.0])
    """
    _check(train, test)
    if distance == "cosine":
        return _by_cosine(train, test)
    index, squared = _squared(train, test)
    return Neighbours(index, np.sqrt(squared))


def _check(train: Points, test: Points) -> None:
    if not train.shape[0]:
        raise InvalidInput("There is no training point to be near to.", hint="Give at least one.")
    if train.shape[1] != test.shape[1]:
        raise InvalidInput(
            f"Training points of {train.shape[1]} numbers cannot be held against test points of {test.shape[1]}.",
            hint="Represent both alike.",
        )
    for name, points in (("training", train), ("test", test)):
        if not np.isfinite(_numbers(points)).all():
            raise InvalidInput(f"A {name} point is not finite.", hint="Leave out NaN and infinity.")


def _by_cosine(train: Points, test: Points) -> Neighbours:
    """Half the squared distance of two points of length 1 is 1 less their cosine; points that are zero stand apart."""
    train, train_zero = _scaled(train)
    test, test_zero = _scaled(test)
    index, found = np.zeros(test.shape[0], np.int64), np.ones(test.shape[0])
    some, others = np.flatnonzero(~test_zero), np.flatnonzero(~train_zero)
    if len(some) and len(others):
        near, squared = _squared(train[others], test[some])
        index[some], found[some] = others[near], squared / 2
    if test_zero.any() and train_zero.any():
        index[test_zero], found[test_zero] = int(np.argmax(train_zero)), 0
    return Neighbours(index, found)


def _squared(train: Points, test: Points) -> tuple[Int64Array, Float64Array]:
    """Give of each test point the nearest training point, and its squared distance."""
    quick, sought = _for_products(train, test)
    own, theirs = _squared_lengths(quick), _squared_lengths(sought)
    longest = np.sqrt(own.max())
    slack = 2 * _rounding(quick) * longest * (longest + np.sqrt(theirs))
    halves = (own / 2).astype(_numbers(quick).dtype)
    index, found = np.zeros(test.shape[0], np.int64), np.zeros(test.shape[0])
    rows = max(1, TABLE // train.shape[0])
    for first in range(0, test.shape[0], rows):
        part = slice(first, first + rows)
        table = halves - _product(sought[part], quick)  # half the squared distance, less what is the row's alone
        bound = table.min(axis=1) + slack[part]
        for row, (line, most) in enumerate(zip(table, bound, strict=True), first):
            index[row], found[row] = _chosen(train, test[row], np.flatnonzero(line <= most))
    return index, found


def _chosen(train: Points, point: Points, candidates: Int64Array) -> tuple[int, float]:
    squared = np.square(_dense(train[candidates]) - _dense(point)).sum(axis=1)
    best = int(np.argmin(squared))
    return int(candidates[best]), float(squared[best])


def _for_products(train: Points, test: Points) -> tuple[Points, Points]:
    """Give dense points in single precision about their mean, where products round least; sparse ones as they are."""
    if not isinstance(train, np.ndarray) or not isinstance(test, np.ndarray):
        return train, test
    mean = train.mean(axis=0, dtype=np.float64)
    return (train - mean).astype(np.float32), (test - mean).astype(np.float32)


def _rounding(points: Points) -> float:
    """Bound the rounding of a product relative to both lengths: its terms, and a few for moving and halving."""
    terms = points.shape[1] if isinstance(points, np.ndarray) else int(np.diff(points.indptr).max(initial=1))
    return float((terms + 4) * np.finfo(_numbers(points).dtype).eps)


def _scaled(points: Points) -> tuple[Points, BoolArray]:
    """Give points of length 1, float64, and which are zero and stay so; equal points stay equal."""
    if not isinstance(points, np.ndarray):
        points = points.astype(np.float64)
        points.sum_duplicates()  # columns in order, so that lengths of equal points are summed alike
    lengths = np.sqrt(_squared_lengths(points))
    zero = lengths == 0
    share = (1 / np.where(zero, 1, lengths))[:, None]
    if isinstance(points, np.ndarray):
        return points * share, zero
    return points.multiply(share).tocsr(), zero


def _squared_lengths(points: Points) -> Float64Array:
    if isinstance(points, np.ndarray):
        return np.asarray(np.einsum("nd,nd->n", points, points, dtype=np.float64))
    return np.asarray(points.astype(np.float64).multiply(points).sum(axis=1)).ravel()


def _product(some: Points, others: Points) -> FloatArray:
    product = some @ others.T
    return np.asarray(product if isinstance(product, np.ndarray) else product.toarray())


def _dense(points: Points) -> Float64Array:
    return np.asarray(points if isinstance(points, np.ndarray) else points.toarray(), np.float64)


def _numbers(points: Points) -> FloatArray:
    return np.asarray(points if isinstance(points, np.ndarray) else points.data)
