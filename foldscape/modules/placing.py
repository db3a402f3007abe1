"""Other tensors in the place of a module's own, for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

Replace = Callable[[torch.Tensor], torch.Tensor]


@contextmanager
def placed(module: nn.Module, parameter: Replace, buffer: Replace) -> Iterator[None]:
    """Put other tensors in the place of parameters and buffers, in evaluation mode, without hooks on backward passes.

    Every part gets new tables of parameters and buffers, and afterwards its own attributes back, the very objects that
    it had, whatever ``forward`` did to them and however many names a part or a tensor has.

    Args:
        module: The net.
        parameter: Gives what stands for a parameter.
        buffer: Gives what stands for a buffer, usually a copy.
    """
    own = [(part, dict(vars(part))) for part in module.modules()]
    try:
        for part, state in own:
            vars(part).update(
                training=False,
                _parameters=_replaced(state["_parameters"], parameter),
                _buffers=_replaced(state["_buffers"], buffer),
                _backward_hooks={},
                _backward_pre_hooks={},
                _compiled_call_impl=None,
            )
        yield
    finally:
        for part, state in own:
            now = vars(part)
            for name in now.keys() - state.keys():
                del now[name]
            now.update(state)


def _replaced(table: dict[str, torch.Tensor | None], replace: Replace) -> dict[str, torch.Tensor | None]:
    return {name: None if tensor is None else replace(tensor) for name, tensor in table.items()}
