"""Pass samples through a net at rest, some at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from foldscape.arrays import FloatArray
from foldscape.errors import NotPossible
from foldscape.net.blocks.activation import ActivationLayer
from foldscape.net.blocks.convolution import ConvLayer
from foldscape.net.blocks.layer import Layer
from foldscape.net.blocks.linear import FlattenLayer, LinearLayer
from foldscape.net.blocks.normalisation import BatchNormLayer
from foldscape.net.blocks.pooling import GlobalMeanLayer, PoolLayer, SubsampleLayer
from foldscape.net.blocks.scale import ScaleLayer
from foldscape.net.blocks.tying import TiedLayer

if TYPE_CHECKING:
    from foldscape.net.modular import ModularNet

CELLS = "Cells are known of nets with relu or leaky_relu, without max pooling and normalisation of samples."
AFFINE = (ConvLayer, LinearLayer, FlattenLayer, BatchNormLayer, GlobalMeanLayer, SubsampleLayer, ScaleLayer)
"""Layers that are affine in what comes, at rest."""
VALUES_AT_ONCE = 2**20
"""Numbers of samples that pass together: what they become stays in cache, or near it."""


def passed_outputs(net: ModularNet, x: FloatArray) -> FloatArray:
    """Give the outputs (N, K); see ``ModularNet.logits``."""
    module = net.module()
    with torch.no_grad():
        found = [module(part).numpy() for part in samples_in_parts(net, x)]
    return np.concatenate(found) if found else np.zeros((0, net.outputs), net.arrays[0].dtype)


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


def signs(net: ModularNet, x: FloatArray) -> npt.NDArray[np.bool_]:
    """Give the signs of all pre-activations; see ``ModularNet.active_signs``.

    Args:
        net: The net.
        x: (N, numbers) samples.

    Returns:
        (N, units at all places).

    Raises:
        NotPossible: If something else than units with one kink cuts cells.
    """
    if bent := next((name for name, layer, _ in net.plan.layers if not _keeps_cells(layer)), ""):
        raise NotPossible(f"{bent} cuts cells of its own, or has none.", hint=CELLS)
    bends = [name for name, layer, _ in net.plan.layers if isinstance(layer, ActivationLayer)]
    module, found = net.module(), [np.zeros((0, 0), bool)]
    seen: list[npt.NDArray[np.bool_]] = []
    for name in bends:
        module.get_submodule(name).register_forward_pre_hook(
            lambda _, given: seen.append((given[0] > 0).flatten(1).numpy())
        )
    with torch.no_grad():
        for part in samples_in_parts(net, x):
            module(part)
            found.append(np.concatenate(seen, axis=1))
            seen.clear()
    return np.concatenate(found[1:]) if len(found) > 1 else found[0]


def _keeps_cells(layer: Layer) -> bool:
    """Whether a layer is affine at rest, or has units with one kink each."""
    if isinstance(layer, ActivationLayer):
        return layer.function in ("relu", "leaky_relu")
    if isinstance(layer, TiedLayer):
        return _keeps_cells(layer.layer)
    return isinstance(layer, AFFINE) or (isinstance(layer, PoolLayer) and layer.of == "mean")


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


def samples_in_parts(net: ModularNet, x: FloatArray, size: int | None = None) -> Iterator[Tensor]:
    """Give samples (N, numbers) in parts of some size, in the net's precision."""
    for start in range(0, len(x), size := size or max(1, VALUES_AT_ONCE // max(1, x.shape[1]))):
        yield torch.from_numpy(np.ascontiguousarray(x[start : start + size], net.arrays[0].dtype))
