"""Count the multiplications of a module's way forward, and tell whether all of them were seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode, flop_registry

LOOKED_UP = {"embedding", "_embedding_bag", "_embedding_bag_forward_only"}
"""Operations that take rows of a weight and multiply by none."""


class Counted:
    """What was counted of one way forward.

    Args:
        module: The net.
    """

    def __init__(self, module: nn.Module) -> None:
        self._weights = {
            one.untyped_storage().data_ptr(): one.ndim
            for one in (*module.parameters(), *module.buffers())
            if one.requires_grad and one.ndim > 1 and one.numel()
        }
        self._seen: set[int] = set()
        self.operations = 0

    def see(self, tensors: list[Tensor]) -> None:
        """Note what an operation that is counted reads."""
        self._seen |= {tensor.untyped_storage().data_ptr() for tensor in tensors}

    def multiplications(self, samples: int) -> int | None:
        """Give the multiplications of one sample; ``None`` where a weight took part in something that is not counted.

        Args:
            samples: Samples that went through.

        Returns:
            Their number, half of the operations: each multiplies and adds.
        """
        is_whole = self.operations > 0 and self._weights.keys() <= self._seen
        return round(self.operations / 2 / samples) if is_whole else None


class _Watching(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self, counted: Counted) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._counted = counted

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func._overloadpacket in flop_registry or func._overloadpacket.__name__ in LOOKED_UP:
            self._counted.see([one for one in (*args, *(kwargs or {}).values()) if isinstance(one, Tensor)])
        return func(*args, **(kwargs or {}))


@contextmanager
def counting(module: nn.Module) -> Iterator[Counted]:
    """Count what a module multiplies within the block.

    Args:
        module: The net, whose parameters have their shapes.

    Yields:
        What will have been counted after the block.
    """
    counted, counter = Counted(module), FlopCounterMode(display=False)
    with counter, _Watching(counted), torch.enable_grad():
        yield counted
    counted.operations = counter.get_total_flops()
