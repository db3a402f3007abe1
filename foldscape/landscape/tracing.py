"""Recognise a chain of dense layers in any module, by tracing what its forward does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import fx, nn

from foldscape.curvature.stack import DenseStack, agrees, stacked
from foldscape.modules.placing import placed
from foldscape.modules.unwrapping import unwrapped

STILL = (nn.Identity, nn.Dropout)
"""Layers that do nothing in evaluation mode."""
PLAIN: dict[Any, type[nn.Module]] = {
    torch.relu: nn.ReLU,
    nn.functional.relu: nn.ReLU,
    "relu": nn.ReLU,
    torch.tanh: nn.Tanh,
    nn.functional.tanh: nn.Tanh,
    "tanh": nn.Tanh,
}
"""Functions and methods of one input that are layers."""


def traced_stack(module: nn.Module, X: Any) -> DenseStack | None:
    """Take a net apart that passes its inputs through linear layers and activations, one after another.

    Args:
        module: Any module.
        X: Its inputs, first axis N; what is not flat must be flattened first by the module.

    Returns:
        The parts, or None unless the module is such a chain, each layer used once, in the order of its parameters, and
        the chain gives the module's own outputs.
    """
    module = unwrapped(module)
    layers = _chain(module)
    if layers is None or not len(X):
        return None
    dense = [layer for layer in layers if type(layer) not in (nn.Flatten, nn.Identity)]
    stack = stacked(dense, module.named_parameters())
    return stack if stack is not None and agrees(stack, module, X) else None


def _chain(module: nn.Module) -> list[nn.Module] | None:
    """Give the layers of a module in the order in which they are passed; None where it branches or does more."""
    try:
        with placed(module, lambda own: own, torch.clone):
            graph = fx.Tracer().trace(module)
    except Exception:  # What cannot be traced is no chain: forward may do anything with what it gets.
        return None
    layers: list[nn.Module] = []
    last: fx.Node | None = None
    for node in graph.nodes:
        if node.op == "output":
            return layers if node.args == (last,) else None
        if node.op == "placeholder":
            if last is not None:
                return None
        elif node.all_input_nodes != [last] or (layer := _layer(module, node, not layers)) is None:
            return None
        elif not isinstance(layer, STILL):
            layers.append(layer)
        last = node
    return None


def _layer(module: nn.Module, node: fx.Node, is_first: bool) -> nn.Module | None:
    """Give the layer that a node stands for; None if it is none of those that are known."""
    if node.op == "call_module":
        layer = module.get_submodule(str(node.target))
        if isinstance(layer, nn.Flatten):
            return nn.Identity() if (layer.start_dim, layer.end_dim) == (1, -1) else None
        return layer
    if is_first and _flattens(node):
        return nn.Identity()
    made: Callable[[], nn.Module] | None = PLAIN.get(node.target)
    return made() if made is not None and len(node.args) == 1 and not node.kwargs.get("inplace") else None


def _flattens(node: fx.Node) -> bool:
    is_flatten = node.target in (torch.flatten, "flatten")
    return is_flatten and (*node.args[1:], *node.kwargs.values()) in ((1,), (1, -1))
