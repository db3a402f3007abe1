"""ReLU for torch whose derivative at 0 is 1 (docs/growth.md, "GradMax"): the one place that says how it is written."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_BELOW = {torch.float64: -5e-324, torch.float32: -1.4e-45, torch.float16: -6e-8}


def relu(z: Tensor) -> Tensor:
    """Give z where it is at least 0, else 0; units born with zero incoming weights have a derivative to learn by.

    A threshold at the largest number below 0 is what torch has fused: a clamp has the same bits, and takes forty times
    as long to differentiate on pictures.

    Args:
        z: Numbers of any shape.

    Returns:
        The same shape.

    Example:
        >>> z = torch.tensor([-1.0, 0.0, 2.0], requires_grad=True)
        >>> torch.autograd.grad(relu(z).sum(), z)[0]
        tensor([0., 1., 1.])
    """
    return functional.threshold(z, _BELOW.get(z.dtype, -1e-40), 0.0)
