"""Outputs and labels as losses take them, or refused in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from foldscape.errors import InvalidInput
from foldscape.modules.arrays import form_of
from foldscape.net.labels import class_numbers


def logits_of(outputs: Any) -> torch.Tensor:
    """Take the outputs that a loss by name reads: the net's tensor, or the ``logits`` of an object or dict.

    Such objects keep the classes of a sequence in the last axis, torch's losses in axis 1: there they are brought.

    Returns:
        The tensor as it is; logits (n, T, K) of an object or dict as (n, K, T).

    Raises:
        InvalidInput: If the net gives neither.
    """
    if isinstance(outputs, torch.Tensor):
        return outputs
    found = outputs.get("logits") if isinstance(outputs, Mapping) else getattr(outputs, "logits", None)
    if isinstance(found, torch.Tensor):
        return found.movedim(-1, 1) if found.ndim == 3 else found
    raise InvalidInput(
        f"The net gives {form_of(outputs)}, and this loss reads one tensor, or the 'logits' of an object or dict.",
        hint="Give a callable of outputs and labels, or a BatchLoss.",
    )


def as_classes(labels: torch.Tensor, classes: int, ignored: int | None = None) -> torch.Tensor:
    """Take class numbers as int64.

    Args:
        labels: Whole numbers, of any dtype.
        classes: Number of classes K.
        ignored: A number that is no class and allowed.

    Returns:
        The same shape, int64.

    Raises:
        InvalidInput: If they are fractions, or run beyond the classes.
    """
    counted = labels if ignored is None else labels[labels != ignored]
    class_numbers((counted.double() if counted.is_floating_point() else counted).cpu().numpy(), classes)
    return labels.long()


def as_shares(labels: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """Take the probabilities of the classes, in the outputs' shape.

    Returns:
        The same labels, (n, K, ...).

    Raises:
        InvalidInput: If they have another shape, or are none.
    """
    sums = labels.sum(1)
    if (
        labels.shape[1:] != scores.shape[1:]
        or bool((labels < 0).any())
        or not torch.allclose(sums, torch.ones_like(sums), atol=1e-3)
    ):
        raise InvalidInput(
            f"Outputs {form_of(scores)} came with labels {form_of(labels)}, which are no probabilities of these "
            f"classes.",
            hint="Give class numbers, or rows that sum to 1.",
        )
    return labels


def as_targets(labels: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """Take targets of the outputs' shape as floating numbers, or class numbers as int64.

    Returns:
        Targets in the outputs' dtype, or (n,) int64 class numbers.

    Raises:
        InvalidInput: If they are neither.
    """
    each = scores.numel() // len(scores)
    if each == labels.numel() // len(labels) and (each == 1 or labels.shape[1:] == scores.shape[1:]):
        return labels.to(scores.dtype)
    if labels.ndim == 1 and scores.ndim == 2:
        return as_classes(labels, scores.shape[1])
    raise InvalidInput(
        f"Outputs {form_of(scores)} came with labels {form_of(labels)}.",
        hint="Give targets of the outputs' shape, or one class number a sample.",
    )
