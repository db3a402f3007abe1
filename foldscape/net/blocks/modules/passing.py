"""Pass samples through a net at rest, some at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from foldscape.arrays import FloatArray
from foldscape.device import torch_device
from foldscape.errors import NotPossible
from foldscape.net.blocks.activation import ActivationLayer
from foldscape.net.blocks.convolution import ConvLayer
from foldscape.net.blocks.layer import Layer
from foldscape.net.blocks.linear import FlattenLayer, LinearLayer
from foldscape.net.blocks.modules.resident import resident
from foldscape.net.blocks.normalisation import BatchNormLayer
from foldscape.net.blocks.pooling import GlobalMeanLayer, PoolLayer, SubsampleLayer
from foldscape.net.blocks.scale import ScaleLayer
from foldscape.net.blocks.tying import TiedLayer

if TYPE_CHECKING:
    from foldscape.net.modular import ModularNet

CELLS = "Cells are known of nets with relu or leaky_relu, without max pooling and normalisation of samples."
AFFINE = (ConvLayer, LinearLayer, FlattenLayer, BatchNormLayer, GlobalMeanLayer, SubsampleLayer, ScaleLayer)
"""Layers that are affine in what comes, at rest."""
VALUES_AT_ONCE = 2**19
"""Numbers that the widest layer gives for the samples that pass together: so they stay in cache, or near it."""


def passed_outputs(net: ModularNet, x: FloatArray) -> FloatArray:
    """Give the outputs (N, K); see ``ModularNet.logits``."""
    module = net.placed()
    with torch.no_grad(), net.running():
        found = [module(part).cpu().numpy() for part in samples_in_parts(net, x)]
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
    module = net.placed()
    last = module.get_submodule(net.names[-1].rpartition(".")[0])
    kept: list[FloatArray] = []
    hook = last.register_forward_pre_hook(lambda _, given: kept.append(given[0].flatten(1).cpu().numpy().copy()))
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
    if net.makeup is net.spec:
        raise NotPossible(f"The blocks of {net.can.words} are not known, and so are not its cells.", hint=CELLS)
    if bent := next((name for name, layer, _ in net.plan.layers if not _keeps_cells(layer)), ""):
        raise NotPossible(f"{bent} cuts cells of its own, or has none.", hint=CELLS)
    bends = [name for name, layer, _ in net.plan.layers if isinstance(layer, ActivationLayer)]
    module, found = net.placed(), [np.zeros((0, 0), bool)]
    seen: list[npt.NDArray[np.bool_]] = []
    for name in bends:
        module.get_submodule(name).register_forward_pre_hook(
            lambda _, given: seen.append((given[0] > 0).flatten(1).cpu().numpy())
        )
    with torch.no_grad(), net.running():
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
    module = net.placed()
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
        into[:] += (active.amax(dim=places) if places else active).sum(dim=0).cpu().numpy()

    return activation.register_forward_pre_hook(count)


def samples_at_once(net: ModularNet) -> int:
    """Say how many samples pass together."""
    try:
        passed = [layer.out(shape) for _, layer, shape in net.plan.layers]
    except ValueError:  # a module of one's own has no plan
        passed = []
    return max(1, VALUES_AT_ONCE // max(1, math.prod(net.shape), *(math.prod(shape) for shape in passed)))


def samples_in_parts(net: ModularNet, x: FloatArray, size: int | None = None) -> Iterator[Tensor]:
    """Give samples (N, numbers) in parts of some size, in the net's precision and where it computes."""
    size = size or samples_at_once(net)
    place = torch_device(net.device)
    if place.type != "cpu":
        yield from torch.split(resident(x, place, dtype_of(net)), size)
        return
    for start in range(0, len(x), size):
        yield torch.from_numpy(np.ascontiguousarray(x[start : start + size], net.arrays[0].dtype))


def dtype_of(net: ModularNet) -> torch.dtype:
    """Give the type of a net's parameters."""
    return torch.from_numpy(net.arrays[0][:0]).dtype
