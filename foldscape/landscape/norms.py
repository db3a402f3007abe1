"""Batch statistics that belong to other weights."""

from __future__ import annotations

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from foldscape.net.blocks.modules.statistics import running_norms_of


def has_norms(module: nn.Module) -> bool:
    """Tell whether a net has running statistics of batch normalisation."""
    return bool(running_norms_of(module))


def statistics(module: nn.Module) -> set[str]:
    """Give the names of the buffers in which batch normalisation keeps its statistics."""
    parts = [(f"{name}." if name else "", part) for name, part in module.named_modules(remove_duplicate=False)]
    return {
        f"{prefix}{own}" for prefix, part in parts if isinstance(part, _BatchNorm) for own, _ in part.named_buffers()
    }
