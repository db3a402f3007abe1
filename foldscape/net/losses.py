"""The losses that a run can train on: of each example, and by its outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from foldscape.net.mlp import Array, cross_entropy, output_error

LossName = Literal["cross_entropy", "mse"]
Labels = npt.NDArray[np.int64]


class Loss(NamedTuple):
    """A loss of outputs (N, K) and classes (N,).

    Attributes:
        values: Loss of each example, (N,).
        error: Its gradient by the outputs, (N, K).
    """

    values: Callable[[Array, Labels], Array]
    error: Callable[[Array, Labels], Array]


def squared_error(outputs: Array, y: Labels) -> Array:
    """Half the squared distance of each example's outputs from its one-hot class: (N,) (arXiv 2103.00065)."""
    with np.errstate(over="ignore"):  # a diverging run is told by its loss
        losses: Array = 0.5 * np.square(distance(outputs, y)).sum(axis=1)
    return losses


def distance(outputs: Array, y: Labels) -> Array:
    """Outputs minus the one-hot class, which is the gradient of ``squared_error``: (N, K)."""
    apart = outputs.copy()
    apart[np.arange(len(y)), y] -= 1
    return apart


LOSSES: dict[LossName, Loss] = {
    "cross_entropy": Loss(cross_entropy, output_error),
    "mse": Loss(squared_error, distance),
}
