"""Loss sensitivity: how much the loss of each example hangs on its input, and how unevenly.

Arpit et al. 2017 (arXiv 1706.05394), section 3.2: the mean over training of the L1 norm of the gradient of an example's
loss by its input. It is spread unevenly over real data, evenly over random ones; the Gini coefficient says how much.
"""

from __future__ import annotations

import numpy as np

from foldscape.arrays import Float64Array, FloatArray, Labels
from foldscape.losses import Loss, loss_of
from foldscape.net.input_gradient import outputs_and_gradient
from foldscape.net.mlp import Weights

AT_ONCE = 4096
"""Points that pass through at once."""


def sensitivity(net: Weights, x: FloatArray, y: Labels, loss: str | Loss = "cross_entropy") -> Float64Array:
    """Give the L1 norm of the gradient of each example's loss by its input.

    Args:
        net: The net.
        x: (N, d) inputs.
        y: (N,) the classes that it is given.
        loss: The loss.

    Returns:
        (N,) norms, in the loss's unit for a data unit.

    Example:
        >>> net = Weights((np.array([[1.0, 0.0], [0.0, 0.0]]),), (np.zeros(2),))
        >>> sensitivity(net, np.zeros((1, 2)), np.array([0]))
        array([0.5])
    """
    measured, found = loss_of(loss), [np.zeros(0)]
    for start in range(0, len(x), AT_ONCE):
        labels = y[start : start + AT_ONCE]
        _, gradient = outputs_and_gradient(
            net,
            x[start : start + AT_ONCE],
            lambda outputs, labels=labels: measured.error(outputs, labels),  # type: ignore[misc]
        )
        found.append(np.abs(gradient).sum(axis=1, dtype=np.float64))
    return np.concatenate(found)


def gini(values: FloatArray) -> float:
    """Give the Gini coefficient: the mean difference of two values over twice their mean.

    Args:
        values: (N,) numbers of 0 or more.

    Returns:
        0 where all are equal, towards 1 where one has all; NaN where they are no numbers or all 0.

    Example:
        >>> gini(np.array([1.0, 1.0, 1.0])), gini(np.array([0.0, 0.0, 1.0]))
        (0.0, 0.6666666666666666)
    """
    ordered = np.sort(np.asarray(values, np.float64))
    total, count = ordered.sum(), len(ordered)
    if not (np.isfinite(total) and total > 0):
        return float("nan")
    ranks = np.arange(1, count + 1)
    return float(((2 * ranks - count - 1) * ordered).sum() / (count * total))
