"""Memory: how much torch keeps for derivatives, and how the process holds on to what is used again and again."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

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


@cache
def keep_memory() -> None:
    """Let the process keep some tens of MB that were freed, instead of giving them back and asking for them again.

    The C library gives back what lies free beyond twice the largest piece that it was ever given back, up to 32 MB: it
    is given one. Without, half of the time of a pass may go into memory that the system hands out page by page.
    """
    torch.empty(2**23 - 2**12, dtype=torch.float32)
