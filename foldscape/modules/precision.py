"""The arithmetic in which a module is measured: never half precision, and each tensor in its own otherwise.

A curvature or a step of a slice is a small difference of losses, which bfloat16 and float16 round away. Their weights
are numbers of single precision too, so that the same net is measured there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

Lift = Callable[[torch.dtype], torch.dtype]

SHORT: dict[Any, torch.dtype] = {
    torch.Tensor.half: torch.float16,
    torch.Tensor.bfloat16: torch.bfloat16,
    torch.Tensor.float: torch.float32,
}
"""Casts that name their type."""


def to_single(dtype: torch.dtype) -> torch.dtype:
    """Give the type in which numbers of a type are measured: single precision for the shorter ones."""
    return torch.float32 if dtype.is_floating_point and dtype.itemsize < torch.float32.itemsize else dtype


def to_double(dtype: torch.dtype) -> torch.dtype:
    """Give double precision for every real floating type."""
    return torch.float64 if dtype.is_floating_point else dtype


class Lifted(TorchFunctionMode):
    """Lets code that names floating types work in other ones.

    Args:
        lift: Gives the type that stands for one named.
    """

    def __init__(self, lift: Lift) -> None:
        super().__init__()
        self.lift = lift

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Put other types into a call."""
        if func in SHORT:
            return args[0].to(self.lift(SHORT[func]))
        named = {name: self._lifted(value) for name, value in (kwargs or {}).items()}
        return func(*[self._lifted(value) for value in args], **named)

    def _lifted(self, value: Any) -> Any:
        return self.lift(value) if isinstance(value, torch.dtype) else value


@contextmanager
def lifted(lift: Lift) -> Iterator[None]:
    """Let code that names floating types, or relies on torch's default, work in other ones."""
    default = torch.get_default_dtype()
    torch.set_default_dtype(lift(default))
    try:
        with Lifted(lift):
            yield
    finally:
        torch.set_default_dtype(default)
