"""Which kernels of torch run while a module is measured: those that can be differentiated twice."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.overrides import TorchFunctionMode

from foldscape.device import DEVICES, steady


@contextmanager
def differentiating() -> Iterator[None]:
    """Record what is computed for derivatives, and in its own precision, whatever the caller's mode is."""
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        for kind in DEVICES:
            if torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False))
        yield


@contextmanager
def plain_kernels(module: nn.Module, device: torch.device) -> Iterator[None]:
    """Run attention, recurrent layers and compiled code by kernels whose derivatives torch knows.

    Fused attention, cuDNN's recurrent layers and compiled graphs have a first derivative only. On a card they are those
    that give the same bits each time.

    Args:
        module: The net.
        device: Where it is.
    """
    with ExitStack() as stack:
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        stack.enter_context(_no_fast_path())
        stack.enter_context(steady(device))
        if device.type == "cuda" and any(isinstance(part, nn.RNNBase) for part in module.modules()):
            stack.enter_context(torch.backends.cudnn.flags(enabled=False))
        if "torch._dynamo" in sys.modules:  # Only then can anything be compiled, and the import takes seconds.
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        if any(_is_weight_normed(part) for part in module.modules()):
            stack.enter_context(_PlainWeightNorm())
        yield


class _PlainWeightNorm(TorchFunctionMode):
    """Writes weight normalisation out: the derivative of its fused kernel's derivative is wrong (torch 2.13)."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is not torch._weight_norm:
            return func(*args, **(kwargs or {}))
        direction, size, axis = args
        return direction * (size / torch.norm_except_dim(direction, 2, axis))


def _is_weight_normed(part: nn.Module) -> bool:
    hooks = (type(hook).__name__ for hook in part._forward_pre_hooks.values())
    return type(part).__name__ == "_WeightNorm" or "WeightNorm" in hooks


@contextmanager
def _no_fast_path() -> Iterator[None]:
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
