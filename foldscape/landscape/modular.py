"""The landscape of nets that a torch module computes."""

from __future__ import annotations

import numpy as np

from foldscape.device import Device, torch_device
from foldscape.landscape.module import ModuleEvaluator
from foldscape.losses import Loss
from foldscape.net.modular import ModularNet


def evaluator_of(
    net: ModularNet, x: np.ndarray, y: np.ndarray, loss: str | Loss, threads: int, device: Device
) -> ModuleEvaluator:
    """Give what measures losses at points of parameter space; torch has its own threads."""
    del threads
    place = torch_device(device)
    return ModuleEvaluator(net.module().to(place), np.ascontiguousarray(x, net.arrays[0].dtype), y, loss)
