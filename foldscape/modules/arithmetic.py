"""Which kernels of torch run while a module is measured: those that can be differentiated twice."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel


@contextmanager
def differentiating() -> Iterator[None]:
    """Record what is computed for derivatives, whatever the caller's mode is."""
    with torch.inference_mode(False), torch.enable_grad():
        yield


@contextmanager
def plain_kernels(module: nn.Module, device: torch.device) -> Iterator[None]:
    """Run attention, recurrent layers and compiled code by kernels whose derivatives torch knows.

    Fused attention, cuDNN's recurrent layers and compiled graphs have a first derivative only, and autocast would round
    to half precision.

    Args:
        module: The net.
        device: Where it is.
    """
    with ExitStack() as stack:
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        stack.enter_context(_no_fast_path())
        if torch.is_autocast_enabled(device.type):
            stack.enter_context(torch.autocast(device.type, enabled=False))
        if device.type == "cuda" and any(isinstance(part, nn.RNNBase) for part in module.modules()):
            stack.enter_context(torch.backends.cudnn.flags(enabled=False))
        if "torch._dynamo" in sys.modules:  # Only then can anything be compiled, and the import takes seconds.
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        yield


@contextmanager
def _no_fast_path() -> Iterator[None]:
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
