"""Running statistics of batch normalisation, computed anew on some data: an average of weights has none of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from foldscape.arrays import FloatArray
from foldscape.net.blocks.modules.passing import samples_in_parts

if TYPE_CHECKING:
    from foldscape.net.modular import ModularNet

AT_ONCE = 1024
"""Samples of a batch at most."""
Passing = Callable[[], object]


def running_norms_of(module: nn.Module) -> list[_BatchNorm]:
    """Give the batch normalisations of a module that keep running statistics."""
    return [part for part in module.modules() if isinstance(part, _BatchNorm) and part.track_running_stats]


def renew_norms(module: nn.Module, batches: Iterable[tuple[int, Passing]]) -> None:
    """Compute the running statistics of batch normalisation anew, as the mean over batches weighted by their size.

    Args:
        module: The net, at rest, whose buffers are changed.
        batches: Size of each batch, and what passes it through the net.
    """
    norms = running_norms_of(module)
    momenta, seen = [part.momentum for part in norms], 0
    try:
        for size, run in batches:
            seen += size
            for part in norms:
                part.training, part.momentum = True, size / seen
            run()
    finally:
        for part, momentum in zip(norms, momenta, strict=True):
            part.training, part.momentum = False, momentum


@contextmanager
def by_batch(module: nn.Module) -> Iterator[None]:
    """Let batch normalisation take the statistics of each batch, as in training, and leave the running ones alone."""
    norms = running_norms_of(module)
    momenta = [part.momentum for part in norms]
    for part in norms:
        part.training, part.momentum = True, 0.0
    try:
        yield
    finally:
        for part, momentum in zip(norms, momenta, strict=True):
            part.training, part.momentum = False, momentum


def renewed_buffers(net: ModularNet, x: FloatArray) -> tuple[FloatArray, ...]:
    """Give the buffers of a net with the statistics that it has on some points; see ``Weights.with_statistics_of``.

    Args:
        net: The net.
        x: (N, numbers) samples.

    Returns:
        Its buffers in their order, in the net's precision.
    """
    module = net.placed()
    even = -(-len(x) // -(-len(x) // AT_ONCE))  # no batch of one sample, which has no variance
    with torch.no_grad(), net.running():
        renew_norms(module, ((len(part), partial(module, part)) for part in samples_in_parts(net, x, even)))
    return tuple(buffer.cpu().numpy().copy() for buffer in module.buffers())
