"""A function of tensors as the list of operations that it came to, once: called again it costs no more than these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import fx
from torch.fx.experimental.proxy_tensor import make_fx

_aten = torch.ops.aten
IN_PLACE: dict[Any, Any] = {
    _aten.relu.default: _aten.relu_.default,
    _aten.clamp_min.default: _aten.clamp_min_.default,
    _aten.tanh.default: _aten.tanh_.default,
    _aten.add.Tensor: _aten.add_.Tensor,
}
"""Operations that may write over what they read."""
VIEWS = (_aten.view.default, _aten._unsafe_view.default, _aten.transpose.int)
MAKING = (_aten.bmm.default, _aten.mm.default, _aten.addmm.default, _aten.baddbmm.default, _aten.convolution.default)
"""Operations whose results are memory of their own."""


def traced(function: Callable[..., Any], *examples: Any) -> Callable[..., Any]:
    """Write down which operations a function does, with memory written over where nothing reads it again.

    Args:
        function: A function of tensors, or of lists of them, that does the same for all of these shapes.
        examples: Such tensors.

    Returns:
        A function that does the same for tensors of the same shapes, and may write over them.

    Raises:
        RuntimeError: If it looks into the numbers of its tensors.
    """
    found = make_fx(function)(*examples)
    for node in list(found.graph.nodes):
        if node.target is _aten.bmm.default:
            _turned(found.graph, node)
    for node in found.graph.nodes:
        if node.target in IN_PLACE:
            _over_its_input(node)
    found.graph.lint()
    found.recompile()
    return found


def _turned(graph: fx.Graph, product: fx.Node) -> None:
    """Multiply the other way round, so that the samples stand last in memory: all that follows runs over long rows."""
    rows, columns = product.args
    with graph.inserting_before(product):
        factors = [graph.call_function(_aten.transpose.int, (one, 1, 2)) for one in (columns, rows)]
        turned = graph.call_function(_aten.bmm.default, tuple(factors))
        back = graph.call_function(_aten.transpose.int, (turned, 1, 2))
    back.meta = product.meta
    product.replace_all_uses_with(back)
    graph.erase_node(product)


def _over_its_input(node: fx.Node) -> None:
    for place, given in enumerate(node.args[: 2 if node.target is _aten.add.Tensor else 1]):
        if isinstance(given, fx.Node) and _is_spent(given) and _form(given) == _form(node):
            node.args = (given, *(one for other, one in enumerate(node.args) if other != place))
            node.target = IN_PLACE[node.target]
            return


def _is_spent(node: fx.Node) -> bool:
    """Tell whether nobody else reads the memory of a node."""
    while len(node.users) == 1 and node.target in VIEWS and isinstance(node.args[0], fx.Node):
        node = node.args[0]
    made = node.op == "placeholder" or node.target in MAKING or node.target in IN_PLACE.values()
    return made and len(node.users) == 1


def _form(node: fx.Node) -> object:
    made = node.meta.get("val")
    return (made.shape, made.dtype) if isinstance(made, torch.Tensor) else node
