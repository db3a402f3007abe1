"""Pass samples through a net at rest, some at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from foldscape.arrays import FloatArray

if TYPE_CHECKING:
    from foldscape.net.modular import ModularNet

VALUES_AT_ONCE = 2**20
"""Numbers of samples that pass together: what they become stays in cache, or near it."""


def passed_outputs(net: ModularNet, x: FloatArray, *, differentiates: bool = False) -> FloatArray:
    """Give the outputs (N, K); see ``ModularNet.logits``. A graph is made where the module itself differentiates."""
    module = net.module()
    with torch.set_grad_enabled(differentiates), net.running():
        found = [module(part).detach().numpy() for part in samples_in_parts(net, x)]
    return np.concatenate(found) if found else np.zeros((0, net.outputs), net.arrays[0].dtype)


def dense_gradients(loss: Tensor, parameters: Sequence[Tensor]) -> list[Tensor]:
    """Differentiate by parameters, some of which may take no part, or be rows of a table.

    Returns:
        One tensor a parameter.
    """
    found = torch.autograd.grad(loss, list(parameters), allow_unused=True, materialize_grads=True)
    return [one.to_dense() if one.layout != torch.strided else one for one in found]


def outputs_of_batch(net: ModularNet, x: FloatArray) -> FloatArray:
    """Give the outputs (N, K) for samples (N, numbers) taken as one batch in training: normalised by its statistics."""
    module = net.astype(np.float64).module().train()
    for norm in module.modules():
        if isinstance(norm, nn.modules.batchnorm._BatchNorm):
            norm.momentum = 0.0
    with torch.no_grad():
        found: FloatArray = module(torch.tensor(x, dtype=torch.float64)).numpy()
    return found


def before_last(net: ModularNet, x: FloatArray) -> FloatArray:
    """Give what the last layer with weights receives; see ``ModularNet.representation``."""
    module = net.module()
    last = module.get_submodule(net.names[-1].rpartition(".")[0])
    kept: list[FloatArray] = []
    hook = last.register_forward_pre_hook(lambda _, given: kept.append(given[0].flatten(1).numpy().copy()))
    try:
        with torch.no_grad():
            for part in samples_in_parts(net, x):
                module(part)
    finally:
        hook.remove()
    return np.concatenate(kept)


def counts_of_active(net: ModularNet, x: FloatArray) -> list[npt.NDArray[np.int64]]:
    """Count samples by inner unit; see ``ModularNet.active_counts``."""
    module = net.module()
    counts = [np.zeros(width, np.int64) for width in net.hidden]
    watched = [block.activated for block in net.plan.blocks if block.inner]
    hooks = [_counting(module.get_submodule(name), into) for name, into in zip(watched, counts, strict=True)]
    try:
        with torch.no_grad():
            for part in samples_in_parts(net, x):
                module(part)
    finally:
        for hook in hooks:
            hook.remove()
    return counts


def _counting(activation: nn.Module, into: npt.NDArray[np.int64]) -> torch.utils.hooks.RemovableHandle:
    def count(_: nn.Module, given: tuple[Tensor, ...]) -> None:
        active = given[0] > 0
        channel = 1 if active.dim() == 4 else active.dim() - 1
        places = [axis for axis in range(1, active.dim()) if axis != channel]
        into[:] += (active.amax(dim=places) if places else active).sum(dim=0).numpy()

    return activation.register_forward_pre_hook(count)


def samples_in_parts(net: ModularNet, x: FloatArray) -> Iterator[Tensor]:
    """Give samples (N, numbers) in parts, in the net's precision."""
    for start in range(0, len(x), size := max(1, VALUES_AT_ONCE // max(1, x.shape[1]))):
        yield torch.from_numpy(np.ascontiguousarray(x[start : start + size], net.arrays[0].dtype))
