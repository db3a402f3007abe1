"""The losses of the small dense nets: value, logit gradient and logit Hessian, sample by sample.

Logits have shape (..., outputs, samples), the layout of the hand-written passes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foldscape.errors import InvalidInput

Array = NDArray[np.floating]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Loss:
    """A per-sample loss of the logits.

    Attributes:
        name: What a user types.
        mean: Mean loss in nats over the samples, shape (...,), from logits (..., outputs, samples).
        residual: First derivative by the logits, shape (outputs, samples), and the ``spread`` that
            the second derivative needs, same shape.
        curve: Second derivative by the logits applied to a direction of shape (..., outputs, samples).
        variance_of: w^T A w for the columns w of a matrix (outputs, columns) and the second derivative A of
            every sample, shape (columns, samples), from the matrix and the ``spread``.
    """

    name: str
    mean: Callable[[Array, Labels], Array]
    residual: Callable[[Array, Labels], tuple[Array, Array]]
    curve: Callable[[Array, Array], Array]
    variance_of: Callable[[Array, Array], Array]

    def variance(self, spread: Array) -> Array:
        """Give the diagonal of every sample's second derivative, shape (outputs, samples)."""
        return self.variance_of(np.eye(len(spread), dtype=spread.dtype), spread)


def _softmax_mean(logits: Array, labels: Labels) -> Array:
    top = logits.max(axis=-2, keepdims=True)
    log_sum = np.log(np.exp(logits - top).sum(axis=-2)) + top[..., 0, :]
    return np.asarray((log_sum - logits[..., labels, np.arange(len(labels))]).mean(axis=-1, dtype=np.float64))


def _softmax_residual(logits: Array, labels: Labels) -> tuple[Array, Array]:
    odds = np.exp(logits - logits.max(axis=-2, keepdims=True))
    chance = odds / odds.sum(axis=-2, keepdims=True)
    delta = chance.copy()
    delta[labels, np.arange(len(labels))] -= 1
    return delta, chance


def _softmax_curve(chance: Array, direction: Array) -> Array:
    weighted = chance * direction
    return np.asarray(weighted - chance * weighted.sum(axis=-2, keepdims=True))


def _softmax_variance_of(matrix: Array, chance: Array) -> Array:
    return np.asarray(np.square(matrix).T @ chance - np.square(matrix.T @ chance))


def _logistic_mean(logits: Array, labels: Labels) -> Array:
    score = logits[..., 0, :]
    return np.asarray((np.logaddexp(0, score) - labels * score).mean(axis=-1, dtype=np.float64))


def _logistic_residual(logits: Array, labels: Labels) -> tuple[Array, Array]:
    chance = 0.5 * (1 + np.tanh(0.5 * logits))
    return chance - labels.astype(chance.dtype), chance * (1 - chance)


def _logistic_curve(variance: Array, direction: Array) -> Array:
    return np.asarray(variance * direction)


def _logistic_variance_of(matrix: Array, variance: Array) -> Array:
    return np.asarray(np.square(matrix).T @ variance)


def _apart(outputs: Array, labels: Labels) -> Array:
    """Give the outputs minus the one-hot class; a single output is held against the label itself."""
    classes = np.arange(outputs.shape[-2]) + (outputs.shape[-2] == 1)
    return np.asarray(outputs - (classes[:, None] == labels))


def _squared_mean(outputs: Array, labels: Labels) -> Array:
    return np.asarray(0.5 * np.square(_apart(outputs, labels)).sum(axis=-2).mean(axis=-1, dtype=np.float64))


def _squared_residual(outputs: Array, labels: Labels) -> tuple[Array, Array]:
    return _apart(outputs, labels).astype(outputs.dtype), np.ones_like(outputs)


def _squared_curve(ones: Array, direction: Array) -> Array:
    return ones * direction


def _squared_variance_of(matrix: Array, ones: Array) -> Array:
    return np.asarray(np.square(matrix).T @ ones)


SOFTMAX = Loss("cross_entropy", _softmax_mean, _softmax_residual, _softmax_curve, _softmax_variance_of)
LOGISTIC = Loss("cross_entropy", _logistic_mean, _logistic_residual, _logistic_curve, _logistic_variance_of)
SQUARED = Loss("mse", _squared_mean, _squared_residual, _squared_curve, _squared_variance_of)

LOSSES: dict[str, Callable[[int], Loss]] = {
    "cross_entropy": lambda outputs: LOGISTIC if outputs == 1 else SOFTMAX,
    "mse": lambda outputs: SQUARED,
}


def loss_named(name: str, outputs: int) -> Loss:
    """Look a loss up by the name a user types.

    Args:
        name: ``cross_entropy``: softmax over the outputs, or the logistic loss of labels 0 and 1 if
            the net has a single output. ``mse``: half the squared distance from the one-hot class.
        outputs: Number of outputs of the net.

    Returns:
        The loss.

    Raises:
        InvalidInput: If the name is unknown.
    """
    if name not in LOSSES:
        raise InvalidInput(
            f"Loss {name!r} has no hand-written curvature.",
            hint=f"Choose one of {', '.join(sorted(LOSSES))}, or give Objective.of_module a callable loss.",
        )
    return LOSSES[name](outputs)
