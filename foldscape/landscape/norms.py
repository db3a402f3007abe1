"""Evaluation mode for a while, and batch statistics that belong to other weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Put every part of a module in evaluation mode, and back into the mode it was in."""
    modes = [(part, part.training) for part in module.modules()]
    for part, _ in modes:
        part.training = False
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training


def renew_norms(module: nn.Module, X: torch.Tensor, chunk: int) -> None:
    """Compute the running statistics of batch normalisation anew, as the mean over chunks weighted by their size.

    Args:
        module: The net, with copies of its buffers in place (``Net.placed``): these are changed.
        X: Inputs, usually the training set.
        chunk: Samples that go through the net together.
    """
    norms = [part for part in module.modules() if isinstance(part, _BatchNorm) and part.track_running_stats]
    momenta = [(part, part.momentum) for part in norms]
    seen = 0
    try:
        with torch.no_grad():
            for inputs in torch.split(X, chunk):
                seen += len(inputs)
                for part in norms:
                    part.training, part.momentum = True, len(inputs) / seen
                module(inputs)
    finally:
        for part, momentum in momenta:
            part.training, part.momentum = False, momentum
