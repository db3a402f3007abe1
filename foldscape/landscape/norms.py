"""Batch statistics that belong to other weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from foldscape.modules.samples import Batch


def has_norms(module: nn.Module) -> bool:
    """Tell whether a net has running statistics of batch normalisation."""
    return bool(_norms(module))


def statistics(module: nn.Module) -> set[str]:
    """Give the names of the buffers in which batch normalisation keeps its statistics."""
    parts = [(f"{name}." if name else "", part) for name, part in module.named_modules(remove_duplicate=False)]
    return {
        f"{prefix}{own}" for prefix, part in parts if isinstance(part, _BatchNorm) for own, _ in part.named_buffers()
    }


def renew_norms(module: nn.Module, batches: Sequence[Batch], run: Callable[[Batch], None]) -> None:
    """Compute the running statistics of batch normalisation anew, as the mean over batches weighted by their size.

    Args:
        module: The net, with copies of its buffers in place (``Net.placed``): these are changed.
        batches: Samples that go through the net together, usually of the training set.
        run: Runs the net on some.
    """
    norms = _norms(module)
    momenta = [(part, part.momentum) for part in norms]
    seen = 0
    try:
        for batch in batches:
            seen += batch.size
            for part in norms:
                part.training, part.momentum = True, batch.size / seen
            run(batch)
    finally:
        for part, momentum in momenta:
            part.training, part.momentum = False, momentum


def _norms(module: nn.Module) -> list[_BatchNorm]:
    return [part for part in module.modules() if isinstance(part, _BatchNorm) and part.track_running_stats]
