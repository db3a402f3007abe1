"""The squared error of the outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from foldscape.arrays import FloatArray, Labels
from foldscape.losses.base import Form, Loss, at

if TYPE_CHECKING:
    from torch import Tensor


class MeanSquaredError(Loss):
    """Half the squared distance of the outputs from the one-hot class (as Cohen et al. 2021, arXiv 2103.00065)."""

    title = "half squared error"
    unit = "of squared error"
    axis = "loss, half squared error"
    takes_one_output = True
    takes_targets = True

    kind: Literal["mse"] = "mse"

    @property
    def form(self) -> Form:
        """The outputs themselves."""
        return Form.SQUARED

    def each(self, outputs: Tensor, y: Tensor) -> Tensor:
        """Give the loss of each example; a single output is held against the class number itself."""
        from torch.nn import functional

        if y.is_floating_point() or outputs.shape[-1] == 1:
            wanted = y.to(outputs.dtype).reshape(outputs.shape)
        else:
            wanted = functional.one_hot(y, outputs.shape[1])
        return 0.5 * (outputs - wanted).square().reshape(len(outputs), -1).sum(1)

    def of_many(self, others: Tensor, mine: Tensor, best_other: Tensor, own: Tensor, labels: Tensor) -> Tensor:
        """Give the losses with one pass over the outputs."""
        others.view(len(others), -1).index_copy_(1, own, mine - 1)
        return 0.5 * others.square_().sum(1)

    def values(self, outputs: FloatArray, y: Labels, axis: int = -1) -> FloatArray:
        """Give the loss of each example."""
        with np.errstate(over="ignore"):  # a diverging run is told by its loss
            losses: FloatArray = 0.5 * np.square(self.error(outputs, y, axis)).sum(axis=axis)
        return losses

    def error(self, outputs: FloatArray, y: Labels, axis: int = -1) -> FloatArray:
        """Give the outputs minus the one-hot class."""
        if outputs.shape[axis] == 1:
            return np.asarray(outputs - np.expand_dims(y, axis), outputs.dtype)
        apart: FloatArray = outputs.copy()
        apart[at(y, axis)] -= 1
        return apart

    def residual(self, outputs: FloatArray, y: Labels) -> tuple[FloatArray, FloatArray]:
        """Give the gradient, and ones."""
        return self.error(outputs, y, axis=-2), np.ones_like(outputs)

    def curve(self, spread: FloatArray, direction: FloatArray) -> FloatArray:
        """Apply the identity."""
        return spread * direction

    def variance_of(self, matrix: FloatArray, spread: FloatArray) -> FloatArray:
        """Give the squared norms of the columns."""
        return np.asarray(np.square(matrix).T @ spread)
