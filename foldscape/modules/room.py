"""How much memory torch keeps for derivatives."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.autograd.graph import saved_tensors_hooks


def bytes_kept(work: Callable[[], object]) -> int:
    """Count the bytes that are kept for derivatives of what some work gives, each tensor's memory once.

    Returns:
        Bytes.

    Example:
        >>> x = torch.ones(1000, requires_grad=True)
        >>> bytes_kept(lambda: (x * x).exp())
        8000
    """
    sizes: dict[int, int] = {}

    def count(tensor: torch.Tensor) -> torch.Tensor:
        memory = tensor.untyped_storage()
        sizes[memory.data_ptr()] = memory.nbytes()
        return tensor

    with saved_tensors_hooks(count, lambda tensor: tensor):
        kept = work()
    del kept
    return sum(sizes.values())
