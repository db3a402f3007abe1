"""Losses and right answers of many nets' outputs at once, with as few passes over them as can be."""

from __future__ import annotations

import torch

from foldscape.losses import Loss


def scored(
    outputs: torch.Tensor, labels: torch.Tensor, own: torch.Tensor, loss: Loss
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give loss (float64) and right answers of each point, summed over the samples; overwrites the outputs.

    Args:
        outputs: (points, classes, samples), contiguous.
        labels: (samples,) classes.
        own: (samples,) place of each sample's class among (classes, samples), laid end to end.
        loss: Which loss.

    Returns:
        (nets,) sums of the loss, and (nets,) counts.
    """
    flat = outputs.view(len(outputs), -1)
    mine = flat.index_select(1, own)
    flat.index_fill_(1, own, -torch.inf)
    others = outputs.amax(1)
    right, tied = mine > others, mine == others
    if tied.any():  # The first of equal ones is the answer.
        right |= tied & (labels < outputs.argmax(1))
    return loss.of_many(outputs, mine, others, own, labels).sum(1).double(), right.sum(1)
