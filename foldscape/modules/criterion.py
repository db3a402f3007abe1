"""A loss of outputs and labels as a mean whose weights are known.

It is the sum of the samples' terms over the sum of their masses: the value on all data does not depend on how they are
cut. The mass is 1 for a mean over samples; with class weights it is the weight of the label, and 0 where a label is
ignored. A chunk counts by its share of the mass.
"""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import torch
from torch import nn

from foldscape.errors import InvalidInput
from foldscape.modules.arrays import Tree, form_of, leaves, mapped
from foldscape.modules.labels import logits_of

Hits = tuple[torch.Tensor | float, torch.Tensor | float]
"""How many answers are right, of how many."""


class Criterion(ABC):
    """A loss of outputs and labels.

    Attributes:
        is_likelihood: Whether it is the mean negative log likelihood of labels.
        is_known: Whether its masses are known, so that it need not be tried out whether it is a mean.
    """

    is_likelihood = False
    is_known = True

    def labels(self, labels: torch.Tensor, outputs: Any) -> torch.Tensor:
        """Check labels against the net's outputs on some samples, and bring them into the form that ``mean`` takes.

        Returns:
            The labels, first axis as it was.

        Raises:
            InvalidInput: If they do not fit.
        """
        return labels

    def to(self, dtype: torch.dtype) -> Criterion:
        """Give the same loss for outputs of another dtype."""
        return self

    def scores(self, outputs: Any) -> Tree:
        """Give what the loss reads of the outputs."""
        return logits_of(outputs)

    @abstractmethod
    def mean(self, outputs: Any, labels: torch.Tensor) -> torch.Tensor:
        """Give the loss of some samples: the sum of their terms over that of their masses, a scalar."""

    @abstractmethod
    def terms(self, outputs: Any, labels: torch.Tensor) -> torch.Tensor:
        """Give what each sample adds, (n,): its loss times its mass."""

    def masses(self, labels: torch.Tensor) -> torch.Tensor:
        """Give what each sample counts, (n,)."""
        return torch.ones(len(labels), device=labels.device)

    def hits(self, outputs: Any, labels: torch.Tensor) -> Hits:
        """Count right answers, and answers that could be right; NaN where this is no classification."""
        return float("nan"), 1.0


class Given(Criterion):
    """A callable of outputs and labels, taken to be a mean over the samples where trying it out does not contradict.

    Args:
        function: Takes the outputs as the net gives them, and the labels.
    """

    is_known = False

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self.function = function

    def labels(self, labels: torch.Tensor, outputs: Any) -> torch.Tensor:
        """Take them as they are, whole numbers as int64."""
        is_whole = not labels.is_floating_point() and not labels.is_complex() and labels.dtype != torch.bool
        return labels.long() if is_whole else labels

    def to(self, dtype: torch.dtype) -> Criterion:
        """Give it with its own tensors in another dtype, if it holds any."""
        held = self.function
        return Given(deepcopy(held).to(dtype)) if isinstance(held, nn.Module) else self

    def scores(self, outputs: Any) -> Tree:
        """Give the outputs; nothing of a kind that cannot be taken apart."""
        return outputs if any(True for _ in leaves(outputs)) else None

    def mean(self, outputs: Any, labels: torch.Tensor) -> torch.Tensor:
        """Call it."""
        return scalar(self.function(outputs, labels))

    def terms(self, outputs: Any, labels: torch.Tensor) -> torch.Tensor:
        """Call it for each sample alone."""
        singles = [slice(i, i + 1) for i in range(len(labels))]
        return torch.stack([self.mean(mapped(outputs, operator.itemgetter(one)), labels[one]) for one in singles])

    def hits(self, outputs: Any, labels: torch.Tensor) -> Hits:
        """Count the labels that have the largest output, where these are class numbers."""
        if not isinstance(outputs, torch.Tensor) or outputs.ndim != 2 or outputs.shape[1] < 2:
            return float("nan"), 1.0
        if labels.ndim != 1 or labels.is_floating_point():
            return float("nan"), 1.0
        counts = (labels >= 0) & (labels < outputs.shape[1])
        return ((outputs.argmax(1) == labels) & counts).sum(), counts.sum()


def scalar(value: Any) -> torch.Tensor:
    """Check that a loss gave one number.

    Returns:
        The number, of shape ().

    Raises:
        InvalidInput: If it did not.
    """
    if isinstance(value, torch.Tensor) and value.numel() == 1 and not value.is_complex():
        return value.reshape(())
    raise InvalidInput(f"The loss gave {form_of(value)}.", hint="It has to give one number, the mean over the samples.")
