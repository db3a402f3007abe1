"""Cross-entropy and its like: weighted, with labels that are ignored, of sequences, of a single output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

from foldscape.errors import InvalidInput
from foldscape.modules.arrays import form_of
from foldscape.modules.criterion import Criterion, Hits
from foldscape.modules.labels import as_classes, as_shares, logits_of


class ClassLoss(Criterion):
    """Cross-entropy, or the negative of given log likelihoods, of one class a sample, or one at each place of a sample.

    Args:
        function: ``cross_entropy`` of logits, or ``nll_loss`` of log likelihoods.
        logistic: Whether a net with a single output is given the logistic loss of labels 0 and 1.
        weight: (K,) weight of each class, or ``None``.
        ignore_index: A label that does not count.
        label_smoothing: As torch has it.
    """

    def __init__(
        self,
        function: Callable[..., torch.Tensor] = functional.cross_entropy,
        weight: torch.Tensor | None = None,
        ignore_index: int = -100,
        label_smoothing: float = 0.0,
        *,
        logistic: bool = False,
    ) -> None:
        self.function, self.weight, self.ignored, self.logistic = function, weight, ignore_index, logistic
        self.smoothing = {"label_smoothing": label_smoothing} if label_smoothing else {}
        self.has_logits = function is functional.cross_entropy
        self.is_likelihood = self.has_logits and weight is None and not label_smoothing

    def labels(self, labels: torch.Tensor, outputs: Any) -> torch.Tensor:
        """Take class numbers, or for cross-entropy also the probability of each class."""
        scores = logits_of(outputs)
        is_single = self._is_single(scores)
        classes = 2 if is_single else scores.shape[1]
        if is_single and not self.logistic:
            raise InvalidInput(
                f"The net gives {form_of(scores)}: a single output, of which torch's cross-entropy is always 0.",
                hint="Give loss='cross_entropy' or 'bce', which are logistic then, or a net of two outputs.",
            )
        if self.has_logits and not is_single and labels.is_floating_point() and labels.ndim == scores.ndim:
            return as_shares(labels, scores)
        flat = labels.reshape(len(labels)) if is_single and labels.ndim == 2 and labels.shape[1] == 1 else labels
        found = as_classes(flat, classes, self.ignored)
        if found.ndim != (1 if is_single else scores.ndim - 1):
            raise InvalidInput(
                f"Outputs {form_of(scores)} came with labels {form_of(labels)}.",
                hint="Classes stand along axis 1 of the outputs: (N, K) with labels (N,), or (N, K, T) with (N, T).",
            )
        self.is_likelihood &= bool((found != self.ignored).all())
        return found

    def mean(self, outputs: Any, labels: torch.Tensor) -> torch.Tensor:
        """Give the mean over the labels that count, weighted."""
        return self._of(outputs, labels, "mean")

    def terms(self, outputs: Any, labels: torch.Tensor) -> torch.Tensor:
        """Give each sample's loss times its weight, summed over its places."""
        each = self._of(outputs, labels, "none")
        return each if each.ndim == 1 else each.flatten(1).sum(1)

    def _of(self, outputs: Any, labels: torch.Tensor, reduction: str) -> torch.Tensor:
        scores = logits_of(outputs)
        if self._is_single(scores):
            flat, counts = scores.reshape(len(scores)), (labels != self.ignored).to(scores.dtype)
            lost = functional.binary_cross_entropy_with_logits(flat, labels * counts, counts, reduction="none")
            return lost if reduction == "none" else lost.sum() / counts.sum()
        options: dict[str, Any] = {"weight": self._weight(scores), "ignore_index": self.ignored, **self.smoothing}
        return self.function(scores, labels, reduction=reduction, **options)

    def masses(self, labels: torch.Tensor) -> torch.Tensor:
        """Give the weights of the labels that count, summed over each sample's places."""
        if labels.is_floating_point():
            return torch.full((len(labels),), float(labels[0].numel() // labels.shape[1]), device=labels.device)
        counts = labels != self.ignored
        weight = self._weight(torch.zeros((), dtype=torch.float64, device=labels.device))
        each = counts.double() if weight is None else weight[labels.where(counts, 0)] * counts
        return each.reshape(len(labels), -1).sum(1)

    def hits(self, outputs: Any, labels: torch.Tensor) -> Hits:
        """Count the labels that have the largest output, among those that count."""
        if labels.is_floating_point():
            return float("nan"), 1.0
        scores, counts = logits_of(outputs), labels != self.ignored
        found = scores.reshape(len(scores)) > 0 if self._is_single(scores) else scores.argmax(1)
        return ((found == labels) & counts).sum(), counts.sum()

    def _is_single(self, scores: torch.Tensor) -> bool:
        return self.has_logits and (scores.ndim == 1 or scores.shape[1:] == (1,))

    def _weight(self, like: torch.Tensor) -> torch.Tensor | None:
        return None if self.weight is None else self.weight.detach().to(like.device, like.dtype)
