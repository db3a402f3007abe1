"""What outputs are worth, sample by sample."""

from __future__ import annotations

import torch
from torch import Tensor

from foldscape.losses import Loss, derived


def losses_of(loss: Loss, outputs: Tensor, y: Tensor) -> Tensor:
    """Give the loss of each sample, (N,) float64."""
    return derived.each(loss, outputs.double(), y)


def rights_of(outputs: Tensor, y: Tensor) -> Tensor:
    """Give 1 for each sample whose class has the largest output, and 0 where another has it or some are no numbers."""
    return ((outputs.argmax(dim=1) == y) & outputs.isfinite().all(dim=1)).double()


def lengths_of(h: Tensor) -> Tensor:
    """Give the Euclidean norm of each sample, (N,) float64, from (N, ...)."""
    found: Tensor = torch.linalg.vector_norm(h.flatten(1).double(), dim=1)
    return found


def products_of(h: Tensor, other: Tensor) -> Tensor:
    """Give the scalar product sample by sample, (N,) float64, of two (N, ...)."""
    return (h.flatten(1).double() * other.flatten(1).double()).sum(dim=1)


def gaps_of(outputs: Tensor) -> Tensor:
    """Give how far the largest probability is above the second, (N,) float64."""
    top = outputs.double().softmax(dim=1).topk(2, dim=1).values
    return top[:, 0] - top[:, 1]
