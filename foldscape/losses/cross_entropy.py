"""The cross-entropy of a softmax, with label smoothing; of a single output the logistic loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from foldscape.arrays import FloatArray, Labels
from foldscape.losses.base import Form, Loss, at
from foldscape.model import in_forms

if TYPE_CHECKING:
    from torch import Tensor


class CrossEntropy(Loss):
    """Minus the logarithm of the probability that the net gives to the true class, in nats.

    With label smoothing ε (Szegedy et al. 2016, arXiv 1512.00567, section 7) the net is asked for less than certainty.
    The training loss is then the smoothed one, which is what training makes small, and so are the test loss, curvature
    and landscapes; losses of different ε cannot be compared.
    """

    title = "cross-entropy"
    unit = "nats"
    takes_one_output = True

    kind: Literal["cross_entropy"] = "cross_entropy"
    label_smoothing: float = Field(0, ge=0, lt=1)
    """Share ε of the certainty that the true class gives away to other classes."""
    smoothing_over: Literal["others", "all"] = Field("others", json_schema_extra=in_forms(label_smoothing=True))
    """Who gets it: the others, ε/(K-1) each, or all K classes, ε/K each, as in PyTorch.

    So the true class keeps 1-ε with ``others``, and 1-ε+ε/K with ``all``."""

    @model_validator(mode="before")
    @classmethod
    def _says_nothing_of_nothing(cls, given: Any) -> Any:
        """Forget who gets the share where there is none, so that one loss has one spec."""
        if isinstance(given, dict) and not given.get("label_smoothing") and given.get("smoothing_over") == "all":
            return {name: value for name, value in given.items() if name != "smoothing_over"}
        return given

    @property
    def is_likelihood(self) -> bool:
        """Only without smoothing."""
        return not self.label_smoothing

    @property
    def form(self) -> Form:
        """The softmax."""
        return Form.SOFTMAX

    def targets(self, classes: int) -> tuple[float, float]:
        """Give the probability that is asked of the true class, and of each other one.

        Args:
            classes: Number of classes K.

        Returns:
            1 - ε and ε/(K-1), or 1 - ε + ε/K and ε/K.

        Example:
            >>> CrossEntropy(label_smoothing=0.5).targets(3)
            (0.5, 0.25)
        """
        eps = self.label_smoothing
        if self.smoothing_over == "all":
            return 1 - eps + eps / classes, eps / classes
        return 1 - eps, eps / (classes - 1)

    def each(self, outputs: Tensor, y: Tensor) -> Tensor:
        """Give the loss of each example; classes are from 0 to 1 for a single output."""
        from torch.nn import functional

        classes = outputs.shape[1]
        own, other = self.targets(max(classes, 2))
        if classes == 1:
            wanted = outputs.new_full(outputs.shape, other).masked_fill(y[:, None] == 1, own)
            return functional.binary_cross_entropy_with_logits(outputs, wanted, reduction="none")[:, 0]
        lost = functional.cross_entropy(outputs, y, reduction="none")
        if not other:
            return lost
        return lost + other * (classes * outputs.gather(1, y[:, None])[:, 0] - outputs.sum(1))

    def mean_of(self, outputs: Tensor, y: Tensor) -> Tensor:
        """Give the mean over the examples; without smoothing by torch's fused kernel."""
        from torch.nn import functional

        return functional.cross_entropy(outputs, y) if self.is_softmax else super().mean_of(outputs, y)

    def of_many(self, others: Tensor, mine: Tensor, best_other: Tensor, own: Tensor, labels: Tensor) -> Tensor:
        """Give log(sum of all odds) over the true class's, exact where it is small."""
        import torch

        share = self.targets(others.shape[1])[1]
        drawn = self._drawn(others, mine, own, share) if share else None
        best = torch.maximum(mine, best_other)
        odds = others.sub_(best[:, None]).exp_().sum(1)
        behind = mine.sub_(best)
        lost = odds.add_(behind.expm1()).log1p_().sub_(behind)
        return lost if drawn is None else lost.add_(drawn)

    @staticmethod
    def _drawn(others: Tensor, mine: Tensor, own: Tensor, share: float) -> Tensor:
        """Give what smoothing adds; the true class's outputs stand at minus infinity and are left out of the sum."""
        flat = others.view(len(others), -1)
        rest = flat.index_fill(1, own, 0.0).view_as(others).sum(1)
        return share * ((others.shape[1] - 1) * mine - rest)

    def values(self, outputs: FloatArray, y: Labels, axis: int = -1) -> FloatArray:
        """Give the loss of each example."""
        classes = outputs.shape[axis]
        if classes == 1:
            score = outputs.squeeze(axis)
            return np.asarray(np.logaddexp(0, score) - self._asked(y, outputs) * score)
        lost = cross_entropy(outputs, y, axis)
        if other := self.targets(classes)[1]:
            lost += other * (classes * outputs[at(y, axis)] - outputs.sum(axis=axis))
        return lost

    def error(self, outputs: FloatArray, y: Labels, axis: int = -1) -> FloatArray:
        """Give softmax minus what is asked for."""
        if outputs.shape[axis] == 1:
            return np.asarray(_logistic(outputs) - np.expand_dims(self._asked(y, outputs), axis))
        return self._minus_asked(softmax(outputs, axis), y, axis)

    def residual(self, outputs: FloatArray, y: Labels) -> tuple[FloatArray, FloatArray]:
        """Give the gradient, and the probabilities; of a single output their variance."""
        if len(outputs) == 1:
            chance = _logistic(outputs)
            return chance - self._asked(y, outputs), chance * (1 - chance)
        chance = softmax(outputs, axis=-2)
        return self._minus_asked(chance.copy(), y, axis=-2), chance

    def curve(self, spread: FloatArray, direction: FloatArray) -> FloatArray:
        """Apply diag p - ppᵀ, which smoothing does not change: what is asked for does not depend on the outputs."""
        weighted = spread * direction
        if len(spread) == 1:
            return np.asarray(weighted)
        return np.asarray(weighted - spread * weighted.sum(axis=-2, keepdims=True))

    def variance_of(self, matrix: FloatArray, spread: FloatArray) -> FloatArray:
        """Give the variance of the columns under the probabilities."""
        mean_square = np.square(matrix).T @ spread
        return np.asarray(mean_square if len(spread) == 1 else mean_square - np.square(matrix.T @ spread))

    def _asked(self, y: Labels, outputs: FloatArray) -> FloatArray:
        """Give the probability (N,) that is asked of class 1, for nets with a single output."""
        own, other = self.targets(2)
        return np.where(y == 1, own, other).astype(outputs.dtype)

    def _minus_asked(self, chance: FloatArray, y: Labels, axis: int) -> FloatArray:
        """Subtract what is asked for from probabilities, in place."""
        own, other = self.targets(chance.shape[axis])
        if other:
            chance -= other
        chance[at(y, axis)] -= own - other
        return chance


def softmax(outputs: FloatArray, axis: int = -1) -> FloatArray:
    """Give the probabilities of the classes, which lie in ``axis``."""
    chance: FloatArray = np.exp(outputs - outputs.max(axis=axis, keepdims=True))
    chance /= chance.sum(axis=axis, keepdims=True)
    return chance


def cross_entropy(outputs: FloatArray, y: Labels, axis: int = -1) -> FloatArray:
    """Give the plain cross-entropy of each example in nats, (..., N) from outputs (..., N, K)."""
    top = outputs.max(axis=axis, keepdims=True)
    total = np.log(np.exp(outputs - top).sum(axis=axis)) + top.squeeze(axis)
    losses: FloatArray = total - outputs[at(y, axis)]
    return losses


def output_error(outputs: FloatArray, y: Labels) -> FloatArray:
    """Give the gradient of each example's plain cross-entropy by its outputs, softmax minus one-hot: (N, K)."""
    return CrossEntropy().error(outputs, y)


def _logistic(outputs: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * outputs)))
