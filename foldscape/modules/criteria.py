"""The losses: by name, of torch, or any callable of outputs and labels."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from foldscape.errors import InvalidInput
from foldscape.losses import LOSSES, derived
from foldscape.losses import Loss as LossOfClasses
from foldscape.modules.arrays import form_of
from foldscape.modules.batch_loss import LossLike, known_loss
from foldscape.modules.class_loss import ClassLoss
from foldscape.modules.criterion import Criterion, Given, Hits
from foldscape.modules.labels import as_classes, as_targets, logits_of


class OfTargets(Criterion):
    """A loss of ``foldscape.losses`` that takes targets in the outputs' shape, as a mean over the samples.

    Args:
        loss: The loss.
    """

    def __init__(self, loss: LossOfClasses) -> None:
        self.loss, self.is_likelihood = loss, loss.is_likelihood

    def labels(self, labels: torch.Tensor, outputs: Any) -> torch.Tensor:
        """Take targets of the outputs' shape, or class numbers; a single output is held against the label itself."""
        return as_targets(labels, logits_of(outputs))

    def mean(self, outputs: Any, labels: torch.Tensor) -> torch.Tensor:
        """Give the mean over the samples."""
        return self.terms(outputs, labels).mean()

    def terms(self, outputs: Any, labels: torch.Tensor) -> torch.Tensor:
        """Give each sample's loss."""
        return derived.each(self.loss, logits_of(outputs), labels)

    def hits(self, outputs: Any, labels: torch.Tensor) -> Hits:
        """Count the classes that have the largest output."""
        if labels.is_floating_point():
            return float("nan"), 1.0
        return (logits_of(outputs).argmax(1) == labels).sum(), float(len(labels))


class OfClasses(OfTargets):
    """A loss of ``foldscape.losses`` of one class a sample."""

    def labels(self, labels: torch.Tensor, outputs: Any) -> torch.Tensor:
        """Take class numbers, of outputs with one row a sample; those of a single output are 0 and 1."""
        scores = logits_of(outputs)
        flat = labels.reshape(len(labels)) if labels.ndim == 2 and labels.shape[1] == 1 else labels
        if scores.ndim != 2 or flat.ndim != 1:
            raise InvalidInput(
                f"Outputs {form_of(scores)} came with labels {form_of(labels)}, and the loss {self.loss.label} "
                f"takes one "
                "class a sample.",
                hint="Give outputs (N, K) and labels (N,), or a callable of outputs and labels.",
            )
        self.loss.check_outputs(scores.shape[1])
        return as_classes(flat, max(scores.shape[1], 2))

    def hits(self, outputs: Any, labels: torch.Tensor) -> Hits:
        """Count the classes that have the largest output, or the sign of a single one."""
        scores = logits_of(outputs)
        found = scores[:, 0] > 0 if scores.shape[1] == 1 else scores.argmax(1)
        return (found == labels).sum(), float(len(labels))


class Logistic(Criterion):
    """Binary cross-entropy of logits: the mean over samples and, with several outputs, over these."""

    def labels(self, labels: torch.Tensor, outputs: Any) -> torch.Tensor:
        """Take a label from 0 to 1 for each output."""
        scores = logits_of(outputs)
        found = labels.to(scores.dtype)
        if found.numel() // len(found) != scores.numel() // len(scores) or not bool(
            ((found >= 0) & (found <= 1)).all()
        ):
            raise InvalidInput(
                f"Outputs {form_of(scores)} came with labels {form_of(labels)} from {labels.min():g} to "
                f"{labels.max():g}.",
                hint="bce takes one label from 0 to 1 for each output; cross_entropy takes class numbers.",
            )
        return found

    def mean(self, outputs: Any, labels: torch.Tensor) -> torch.Tensor:
        """Give the mean over samples and outputs."""
        return self.terms(outputs, labels).mean()

    def terms(self, outputs: Any, labels: torch.Tensor) -> torch.Tensor:
        """Give each sample's mean over its outputs."""
        scores = logits_of(outputs)
        targets = labels.to(scores.dtype).reshape(scores.shape)
        lost = functional.binary_cross_entropy_with_logits(scores, targets, reduction="none")
        return lost.reshape(len(lost), -1).mean(1)

    def hits(self, outputs: Any, labels: torch.Tensor) -> Hits:
        """Count the signs that are right, of nets with a single output."""
        scores = logits_of(outputs)
        if scores.numel() != len(scores):
            return float("nan"), 1.0
        return ((scores.reshape(-1) > 0) == (labels.reshape(-1) > 0.5)).sum(), float(len(scores))


CRITERIA: dict[str, Callable[[], Criterion]] = {"bce": Logistic}
"""Losses of modules alone, by the name that a user types."""

_OF_CLASSES: dict[Any, Callable[..., torch.Tensor]] = {
    nn.CrossEntropyLoss: functional.cross_entropy,
    nn.NLLLoss: functional.nll_loss,
    functional.cross_entropy: functional.cross_entropy,
    functional.nll_loss: functional.nll_loss,
}
_OPTIONS = ("weight", "ignore_index", "label_smoothing")
MEANS = ("mean", "batchmean")
"""Reductions of torch's losses that are means."""


def criterion_of(loss: LossLike) -> Criterion:
    """Take a loss by name, one of torch's, or any callable of outputs and labels.

    Returns:
        The criterion.

    Raises:
        InvalidInput: If there is no such loss, or it is a sum.
    """
    if (known := known_loss(loss)) is not None:
        return _criterion_of(known)
    if isinstance(loss, str) and loss in CRITERIA:
        return CRITERIA[loss]()
    if isinstance(loss, str) or not callable(loss):
        raise InvalidInput(
            f"There is no loss {loss!r}.",
            hint=f"Choose one of {', '.join(sorted({*CRITERIA, *LOSSES}))}, or give a callable of outputs and labels.",
        )
    function, options = _taken_apart(loss)
    reduction = options.get("reduction", "mean")
    if reduction not in MEANS:
        raise InvalidInput(
            f"The loss has reduction={reduction!r}.", hint="A mean over the samples is wanted: reduction='mean'."
        )
    if function is None:
        return Given(loss)
    return ClassLoss(function, **{name: options[name] for name in _OPTIONS if name in options})


def _criterion_of(loss: LossOfClasses) -> Criterion:
    """Take the plain cross-entropy by torch's own, which also knows sequences and shares of classes."""
    if loss.is_softmax:
        return ClassLoss(logistic=True)
    return OfTargets(loss) if loss.takes_targets else OfClasses(loss)


def _taken_apart(loss: Callable[[Any, Any], Any]) -> tuple[Callable[..., torch.Tensor] | None, dict[str, Any]]:
    """Give the loss of classes that a callable is, or ``None``, and its options."""
    base, options = (
        loss,
        {"reduction": reduction} if isinstance(reduction := getattr(loss, "reduction", None), str) else {},
    )
    if isinstance(loss, partial):
        base, options = loss.func, dict(loss.keywords)
        if loss.args or options.keys() - {*_OPTIONS, "reduction"}:
            return None, options
    elif type(loss) in _OF_CLASSES:
        options |= {name: getattr(loss, name) for name in _OPTIONS if hasattr(loss, name)}
    return next((function for known, function in _OF_CLASSES.items() if known in (base, type(base))), None), options
