"""How a net is called: with one input, several, or named ones."""

from __future__ import annotations

import inspect
from typing import Any

from torch import nn

from foldscape.modules.arrays import Tree


def arguments(module: nn.Module, inputs: Tree) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Give positional and named arguments.

    A tuple fills as many positions, and a dict gives its entries by name, where ``forward`` takes them so; else
    ``forward`` gets the tuple or dict itself.
    """
    if isinstance(inputs, dict) and _takes(module, (), inputs):
        return (), inputs
    if isinstance(inputs, tuple) and _takes(module, inputs, {}):
        return inputs, {}
    return (inputs,), {}


def _takes(module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> bool:
    try:
        inspect.signature(module.forward).bind(*args, **named)
    except (TypeError, ValueError):
        return False
    return True
