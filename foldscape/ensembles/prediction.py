"""What an ensemble predicts, and how well: accuracy, negative log likelihood, calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float64Array, FloatArray, Labels
from foldscape.errors import InvalidInput
from foldscape.losses.cross_entropy import softmax
from foldscape.net.mlp import Weights

BINS = 15
"""Bins of confidence of the calibration error, as in Guo et al. 2017."""


@dataclass(frozen=True)
class PredictionScore:
    """How well class probabilities do on some points.

    Attributes:
        accuracy: Share of points whose likeliest class is right.
        nll: Mean negative log likelihood of the right class, nats; infinite where one has probability 0.
        ece: Expected calibration error, a share: how far confidence lies from accuracy (Guo et al. 2017, arXiv
            1706.04599, equation 3, with 15 bins of equal width).
    """

    accuracy: float
    nll: float
    ece: float


def probabilities(net: Weights, x: FloatArray) -> Float64Array:
    """Give the softmax of a net's outputs, with its own running statistics where it has any.

    Args:
        net: The net; stays as it is.
        x: (N, d) inputs.

    Returns:
        (N, K) probabilities, float64.
    """
    return np.asarray(softmax(net.logits(x).astype(np.float64)), np.float64)


def accuracy_on(net: Weights, x: FloatArray, y: Labels) -> float:
    """Give the share of points (N, d) whose likeliest class is right; NaN where there is none."""
    return float((net.logits(x).argmax(axis=1) == y).mean()) if len(y) else math.nan


def mean_prediction(predictions: Sequence[FloatArray], weights: npt.ArrayLike | None = None) -> Float64Array:
    r"""Give the prediction of an ensemble, $p = \sum_i w_i \, \mathrm{softmax}(o_i)$.

    The bits do not depend on the order of the members, and members that agree give what each of them gives: what is
    summed are differences from the least of each probability, in the order of their size.

    Args:
        predictions: M arrays (N, K), the members' probabilities.
        weights: (M,) weights, none negative and not all 0; equal if ``None``. They are divided by their sum.

    Returns:
        (N, K) probabilities.

    Raises:
        InvalidInput: If there is no member, or the weights are not of its kind.

    Example:
        >>> mean_prediction([np.array([[0.9, 0.1]]), np.array([[0.5, 0.5]])], weights=[3, 1])
        array([[0.8, 0.2]])
    """
    if not len(predictions):
        raise InvalidInput("An ensemble of 0 members predicts nothing.", hint="Give at least 1.")
    stacked = np.stack([np.asarray(one, np.float64) for one in predictions])
    shares = shares_of(np.ones(len(stacked)) if weights is None else weights, len(stacked))
    least = stacked.min(axis=0)
    parts = np.sort(shares[:, None, None] * (stacked - least), axis=0)
    found: Float64Array = least + parts.sum(axis=0)
    return found


def shares_of(weights: npt.ArrayLike, members: int) -> Float64Array:
    """Divide weights by their sum.

    Args:
        weights: (M,) weights.
        members: M.

    Returns:
        (M,) shares, which sum to 1.

    Raises:
        InvalidInput: If they are not M finite numbers of which none is negative and one is positive.
    """
    given = np.asarray(weights, np.float64)
    if given.shape != (members,) or not np.isfinite(given).all() or (given < 0).any() or not given.sum() > 0:
        raise InvalidInput(
            f"The weights {given.tolist()} are not those of {members} members.",
            hint="Give each a number of at least 0, and one of them more.",
        )
    shares: Float64Array = given / math.fsum(given.tolist())
    return shares


def score(probability: FloatArray, y: Labels) -> PredictionScore:
    """Score class probabilities.

    Args:
        probability: (N, K) probabilities.
        y: (N,) classes.

    Returns:
        Accuracy, negative log likelihood and calibration error.

    Raises:
        InvalidInput: If there are no points.

    Example:
        >>> score(np.array([[0.75, 0.25], [0.75, 0.25]]), np.array([0, 1]))
        PredictionScore(accuracy=0.5, nll=0.8369882167858358, ece=0.25)
    """
    if not len(y):
        raise InvalidInput("There are no points to score a prediction on.", hint="Give some.")
    right = probability.argmax(axis=1) == y
    with np.errstate(divide="ignore"):
        nll = float(-np.log(probability[np.arange(len(y)), y]).mean())
    return PredictionScore(float(right.mean()), nll, calibration_error(probability.max(axis=1), right))


def calibration_error(confidence: FloatArray, right: npt.NDArray[np.bool_], bins: int = BINS) -> float:
    """Give the mean distance of accuracy from confidence over bins of confidence, weighted by their points.

    Args:
        confidence: (N,) probability of the likeliest class.
        right: (N,) whether that is right.
        bins: Bins of equal width; each holds its upper edge.

    Returns:
        The share, from 0 to 1.
    """
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    gaps = np.bincount(place, weights=confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))
