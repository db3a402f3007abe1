"""Losses and right answers of many nets' outputs at once, with as few passes over them as can be."""

from __future__ import annotations

import torch

from foldscape.net.losses import LossName


def scored(
    outputs: torch.Tensor, labels: torch.Tensor, own: torch.Tensor, loss: LossName
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give loss (float64) and right answers of each point, summed over the samples; overwrites the outputs.

    Args:
        outputs: (points, classes, samples), contiguous.
        labels: (samples,) classes.
        own: (samples,) place of each sample's class among (classes, samples), laid end to end.
        loss: Which loss.
    """
    flat = outputs.view(len(outputs), -1)
    mine = flat.index_select(1, own)
    flat.index_fill_(1, own, -torch.inf)
    others = outputs.amax(1)
    right, tied = mine > others, mine == others
    if tied.any():  # The first of equal ones is the answer.
        right |= tied & (labels < outputs.argmax(1))
    if loss == "mse":
        flat.index_copy_(1, own, mine - 1)
        lost = 0.5 * outputs.square_().sum(1)
    else:
        lost = _cross_entropy(outputs, mine, others)
    return lost.sum(1).double(), right.sum(1)


def _cross_entropy(others: torch.Tensor, mine: torch.Tensor, best_other: torch.Tensor) -> torch.Tensor:
    """Give log(sum of all odds) over the own class's, exact where it is small.

    Args:
        others: (points, classes, samples) outputs, minus infinity for the own class; overwritten.
        mine: (points, samples) outputs of the own class.
        best_other: (points, samples) the largest of the others.
    """
    best = torch.maximum(mine, best_other)
    odds = others.sub_(best[:, None]).exp_().sum(1)
    behind = mine.sub_(best)
    return odds.add_(behind.expm1()).log1p_().sub_(behind)
