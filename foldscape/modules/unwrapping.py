"""The module that a wrapper holds."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from foldscape.errors import InvalidInput

HELD_AS = {"OptimizedModule": "_orig_mod", "DataParallel": "module", "DistributedDataParallel": "module"}
"""Wrappers that change how a module is run but not what it computes, and the name under which they hold it."""


def unwrapped(module: Any) -> nn.Module:
    """Take a module out of ``torch.compile`` and of the parallel wrappers: what they hold is what is measured.

    Args:
        module: A torch module, wrapped or not.

    Raises:
        InvalidInput: If it is none, or one whose parameters cannot be put in place.

    Example:
        >>> net = torch.nn.Linear(2, 2)
        >>> unwrapped(torch.nn.DataParallel(net)) is net
        True
    """
    while isinstance(module, nn.Module) and type(module).__name__ in HELD_AS:
        module = getattr(module, HELD_AS[type(module).__name__])
    if not isinstance(module, nn.Module):
        raise InvalidInput(
            f"A {type(module).__name__} is no torch module.", hint="Give a torch.nn.Module, such as nn.Sequential."
        )
    if any(isinstance(part, torch.jit.ScriptModule) for part in module.modules()):
        raise InvalidInput(
            f"The {type(module).__name__} is scripted or traced: other parameters cannot be put in its place.",
            hint="Give the module that it was made from.",
        )
    return module
