"""A loss of the whole net and a batch, for nets whose loss is no function of outputs and labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from foldscape.losses import LOSSES, loss_of
from foldscape.losses import Loss as LossOfClasses


@dataclass(frozen=True)
class BatchLoss:
    """A loss that runs the net itself: for models that give their own loss, and for equations without labels.

    Give it as ``loss=`` wherever a loss is taken. The batches are then handed over as they come, arrays as tensors: a
    loader of anything, one dict, one tensor, a tuple of tensors. The net that ``of`` gets is the module with the
    parameters of the point that is measured.

    Attributes:
        of: Takes the module and a batch, gives the mean loss over the batch's samples, a scalar tensor. Samples are
            what the first axes of the batch's tensors count; where these differ, the batch stays whole and counts as
            one sample.

    Example:
        >>> import torch
        >>> from foldscape import curvature
        >>> def residual(net, points):  # u' = u on the line
        ...     x = points.requires_grad_()
        ...     u = net(x)
        ...     slope = torch.autograd.grad(u.sum(), x, create_graph=True)[0]
        ...     return (slope - u).square().mean()
        >>> net = torch.nn.Sequential(torch.nn.Linear(1, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
        >>> found = curvature.top_eigenpairs(net, torch.linspace(0, 1, 20)[:, None], loss=curvature.BatchLoss(residual))
        >>> found.converged
        True
    """

    of: Callable[[Any, Any], Any]


LossLike = str | LossOfClasses | Callable[[Any, Any], Any] | BatchLoss
"""A loss: one of ``foldscape.losses`` or its kind, ``bce``, a callable of outputs and labels that gives a mean over the
samples, or one of net and batch."""


def known_loss(loss: LossLike) -> LossOfClasses | None:
    """Give the loss of ``foldscape.losses`` that is meant; ``None`` where it is another."""
    if isinstance(loss, LossOfClasses):
        return loss
    return loss_of(loss) if isinstance(loss, str) and loss in LOSSES else None
