"""What torch recorded while it computed a tensor."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch.autograd.graph import Node


def nodes(tensor: torch.Tensor) -> Iterator[Node]:
    """Give every node of the graph behind a tensor once."""
    left, seen = [tensor.grad_fn], set()
    while left:
        node = left.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        yield node
        left += [following for following, _ in node.next_functions]


def graph_leaves(tensor: torch.Tensor) -> Iterator[torch.Tensor]:
    """Give the tensors without a history by which torch would differentiate a tensor."""
    return (node.variable for node in nodes(tensor) if hasattr(node, "variable"))


def types(tensor: torch.Tensor) -> set[torch.dtype]:
    """Give the types of the numbers that were computed on the way to a tensor."""
    return {made.dtype for node in nodes(tensor) for made in node._input_metadata}


def refuse_cut(gradient: torch.Tensor) -> None:
    """Refuse a gradient some part of which torch would leave out, silently, when it is differentiated again.

    A function that is differentiable once only puts an error node into the graph. It leads to no parameter, so that
    torch never comes by when it is asked for the derivative by the parameters alone.

    Raises:
        RuntimeError: If there is such a node.
    """
    if any("Error" in node.name() or node.name().endswith("NotImplemented") for node in nodes(gradient)):
        raise RuntimeError("a function that can be differentiated only once")
