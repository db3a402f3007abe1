"""Recognise a torch module that is a plain stack of dense layers, so that it can be measured by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import nn

from foldscape.errors import NotPossible
from foldscape.modules.net import Net
from foldscape.modules.unwrapping import unwrapped

CHECKED = 4
"""Samples on which a stack is held against its module."""

BARE = {nn.Sequential, nn.Linear, nn.ReLU, nn.Tanh, nn.LeakyReLU, nn.Flatten, nn.Identity}
"""Parts that do the same in training as in evaluation mode."""

_AGREED: WeakKeyDictionary[nn.Module, tuple[int, ...]] = WeakKeyDictionary()
"""Layers of bare stacks that were held against their module: their outputs cannot change but with the weights."""

MOVED = 0.1
"""How far the parameters are moved for that, relative and in units."""


@dataclass(frozen=True)
class DenseStack:
    """The parts of a plain dense net, as ``Objective.of_mlp`` takes them.

    Attributes:
        weights: Weights of shape (outputs, inputs), layer by layer.
        biases: Biases of shape (outputs,), or None.
        activation: The one activation between the layers.
        negative_slope: Slope of a leaky ReLU, None for the others.
        names: Names of the tensors in their module, layer by layer.
    """

    weights: list[torch.Tensor]
    biases: list[torch.Tensor | None]
    activation: str
    negative_slope: float | None
    names: tuple[str, ...] = ()

    @property
    def tensors(self) -> list[torch.Tensor]:
        """Weights and biases in the order of ``named_parameters()``."""
        pairs = zip(self.weights, self.biases, strict=True)
        return [tensor for pair in pairs for tensor in pair if tensor is not None]

    @property
    def size(self) -> int:
        """Number of parameters."""
        return sum(tensor.numel() for tensor in self.tensors)

    @property
    def single(self) -> bool:
        """Whether the net computes in single precision."""
        return self.weights[0].dtype == torch.float32

    def outputs(self, X: torch.Tensor, tensors: Sequence[torch.Tensor]) -> torch.Tensor:
        """Pass inputs (samples, inputs) through the layers, with other tensors in the place of ``tensors``."""
        parts = iter(tensors)
        bend = {"relu": torch.relu, "tanh": torch.tanh}.get(self.activation)
        for layer, bias in enumerate(self.biases):
            if layer:
                X = bend(X) if bend else nn.functional.leaky_relu(X, self.negative_slope or 0.0)
            X = nn.functional.linear(X, next(parts), None if bias is None else next(parts))
        return X


def dense_stack(module: nn.Module, X: Any) -> DenseStack | None:
    """Take a dense net apart.

    Args:
        module: Any module.
        X: Its inputs.

    Returns:
        The parts, or None unless the module is exactly an ``nn.Sequential`` of linear layers with
        more than one output, with one kind of activation between them, on flat inputs, whose
        tensors are the module's parameters, all trained, each once and in their order, and which
        together give the module's own outputs on some of the inputs.
    """
    if type(module) is not nn.Sequential:
        module = unwrapped(module)
    if type(module) is not nn.Sequential or len(getattr(X, "shape", ())) != 2 or not len(X):
        return None
    parts = module._modules
    own = [
        (f"{part}.{name}", one)
        for part, layer in (("", module), *parts.items())
        for name, one in (layer._parameters.items() if layer is not None else ())
        if one is not None
    ]
    stack = stacked([layer for layer in parts.values() if type(layer) not in (nn.Flatten, nn.Identity)], own)
    return stack if stack is not None and agrees(stack, module, X) else None


def stacked(layers: Sequence[nn.Module | None], own: Iterable[tuple[str, nn.Parameter]]) -> DenseStack | None:
    """Take layers for a dense net, if a module's own parameters are their tensors: all trained, each once, in order."""
    linear = [layer for layer in layers[::2] if type(layer) is nn.Linear]
    named = [_kind(layer) for layer in layers[1::2]]
    kinds = {kind for kind in named if kind is not None} or {("relu", None)}
    if len(linear) != len(named) + 1 or None in named or len(kinds) != 1 or linear[-1].out_features < 2:
        return None
    activation, slope = kinds.pop()
    names, tensors = zip(*own, strict=True)
    stack = DenseStack([one.weight for one in linear], [one.bias for one in linear], activation, slope, names)
    places = [id(one) for one in stack.tensors]
    is_whole = places == [id(one) for one in tensors] and len(set(places)) == len(places)
    return stack if is_whole and all(one.requires_grad for one in tensors) else None


def agrees(stack: DenseStack, module: nn.Module, X: Any) -> bool:
    """Tell whether a stack gives a module's own outputs on some of its inputs, spread over the data.

    What else may run is told by that alone: hooks, a forward put in the place of the class's own. The parameters are
    moved before, since masks and the like show where weights are not as they left them.

    Returns:
        True if they agree to 1e-5 of the largest output; False too where the module fails, or its tensors are not all
        in one place and of one type, float32 or float64.
    """
    weight, tensors = stack.weights[0], stack.tensors
    dtype, device = weight.dtype, weight.device
    if dtype not in (torch.float32, torch.float64) or any(o.dtype != dtype or o.device != device for o in tensors):
        return False
    is_bare, layers = _is_bare(module), tuple(map(id, module.children()))
    if is_bare and _AGREED.get(module) == layers:
        return True
    some = torch.as_tensor(X[:: max(1, len(X) // CHECKED)][:CHECKED]).detach().to(device, dtype)
    try:
        if is_bare:
            with torch.no_grad():
                is_same = _same(module(some), stack.outputs(some, tensors))
            if is_same:
                _AGREED[module] = layers
            return is_same
        net = Net(module)
        moved = net.tensor(net.theta * (1 + MOVED * np.cos(np.arange(net.size))) + MOVED * np.sin(np.arange(net.size)))
        cut = torch.split(moved, [tensor.numel() for tensor in tensors])
        parts = [part.view(own.shape) for part, own in zip(cut, tensors, strict=True)]
        return _same(net(moved, some.clone()), stack.outputs(some.flatten(1), parts))
    except (NotPossible, RuntimeError):  # The module itself says what is wrong, where it is measured.
        return False


def _same(own: Any, found: torch.Tensor) -> bool:
    if not isinstance(own, torch.Tensor) or own.shape != found.shape:
        return False
    largest = float(own.abs().max())
    return not float((own - found).abs().max()) > 1e-5 * largest  # So written, outputs that are not finite agree.


def _is_bare(module: nn.Module) -> bool:
    """Tell whether nothing but the layers' own forward can run, so that weights of any size give the same function.

    Returns:
        Whether it is so.
    """
    return type(module) is nn.Sequential and not any(
        type(part) not in BARE or part._forward_hooks or part._forward_pre_hooks or "forward" in vars(part)
        for part in (module, *module._modules.values())
    )


def _kind(layer: nn.Module | None) -> tuple[str, float | None] | None:
    if type(layer) is nn.ReLU:
        return "relu", None
    if type(layer) is nn.Tanh:
        return "tanh", None
    if type(layer) is nn.LeakyReLU:
        return "leaky_relu", layer.negative_slope
    return None
