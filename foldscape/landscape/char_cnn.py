"""The landscape of nets that read characters, by the way of any torch module."""

from __future__ import annotations

import numpy as np

from foldscape.device import Device, torch_device
from foldscape.engine.char_cnn.module import CharCnnModule, ids_of
from foldscape.landscape.module import ModuleEvaluator
from foldscape.losses import Loss
from foldscape.net.char_cnn import CharCnn


def evaluator_of(
    net: CharCnn, x: np.ndarray, y: np.ndarray, loss: str | Loss, threads: int, device: Device
) -> ModuleEvaluator:
    """Give what measures losses at points of parameter space; torch has its own threads."""
    del threads
    place = torch_device(device)
    return ModuleEvaluator(CharCnnModule(net).to(place), ids_of(x), y, loss)
