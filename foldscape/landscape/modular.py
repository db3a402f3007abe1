"""The landscape of nets that a torch module computes."""

from __future__ import annotations

import numpy as np

from foldscape.device import Device, torch_device
from foldscape.landscape.module import ModuleEvaluator
from foldscape.losses import Loss
from foldscape.net.modular import ModularNet


def evaluator_of(
    net: ModularNet,
    x: np.ndarray,
    y: np.ndarray,
    loss: str | Loss,
    threads: int,
    device: Device,
    renewed_on: np.ndarray | None = None,
) -> ModuleEvaluator:
    """Give what measures losses at points of parameter space; torch has its own threads."""
    del threads
    module, dtype = net.module().to(torch_device(device)), net.arrays[0].dtype
    norms = None if renewed_on is None else np.ascontiguousarray(renewed_on, dtype)
    return ModuleEvaluator(module, np.ascontiguousarray(x, dtype), y, loss, norm_data=norms)
