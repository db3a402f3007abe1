"""Put arrays into a torch module."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn


def module_with(module: nn.Module, arrays: Sequence[np.ndarray], buffers: Sequence[np.ndarray]) -> nn.Module:
    """Give a module copies of parameters and buffers, in the precision of those, at rest.

    Args:
        module: The module, with parameters and buffers of the same shapes.
        arrays: Parameters, in the order of ``named_parameters``.
        buffers: Buffers, in the order of ``named_buffers``.

    Returns:
        The module.
    """
    module = module.to(torch.from_numpy(np.zeros(0, arrays[0].dtype)).dtype).eval()
    with torch.no_grad():
        for into, array in zip([*module.parameters(), *module.buffers()], [*arrays, *buffers], strict=True):
            into.copy_(torch.from_numpy(np.array(array)))
    return module.requires_grad_()
