"""Another net, or an earlier state, as a parameter vector: only where the vector is all that tells it from this net."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from foldscape.curvature import Block
from foldscape.errors import InvalidInput
from foldscape.landscape.norms import statistics
from foldscape.modules.unwrapping import unwrapped

PREFIXES = ("module.", "_orig_mod.")
"""What wrappers put before the names of a state."""


def vector_of_state(state: Any, module: nn.Module, blocks: Sequence[Block], *, renewed: bool) -> NDArray[np.float64]:
    """Take the parameter vector (P,) of a state.

    Args:
        state: A module, a ``state_dict()``, or the vector itself.
        module: The net that is measured.
        blocks: Its block table.
        renewed: Whether the statistics of batch normalisation are computed anew at every point, so that it does not
            matter if they differ.

    Raises:
        InvalidInput: If the state is that of another module, or differs from the net in more than its trained
            parameters: what stood at its place in a landscape would be another function.
    """
    if not isinstance(state, nn.Module | Mapping):
        return np.asarray(state, dtype=np.float64)
    own = unwrapped(module)
    tensors = dict(_tensors(unwrapped(state))) if isinstance(state, nn.Module) else _unprefixed(state)
    for block in blocks:
        _check_tensor(block, tensors.get(block.name))
    _check_rest(tensors, own, {block.name for block in blocks}, statistics(own) if renewed else set())
    return np.concatenate([tensors[block.name].detach().cpu().double().numpy().ravel() for block in blocks])


def _tensors(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Give all parameters and buffers, under every name they have."""
    yield from module.named_parameters(remove_duplicate=False)
    yield from module.named_buffers(remove_duplicate=False)


def _unprefixed(state: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    tensors = {name: one for name, one in state.items() if isinstance(one, torch.Tensor)}
    for prefix in PREFIXES:
        if tensors and all(name.startswith(prefix) for name in tensors):
            tensors = {name.removeprefix(prefix): one for name, one in tensors.items()}
    return tensors


def _check_tensor(block: Block, tensor: torch.Tensor | None) -> None:
    if tensor is None:
        raise InvalidInput(f"A state has no {block.name}.", hint="Give states of the same module.")
    if tuple(tensor.shape) != block.shape:
        raise InvalidInput(
            f"{block.name} has shape {block.shape} in this net and {tuple(tensor.shape)} in the other.",
            hint="Give a module of the same shapes.",
        )


def _check_rest(tensors: dict[str, torch.Tensor], module: nn.Module, trained: set[str], free: set[str]) -> None:
    """Refuse a state that differs in what stands in no vector: frozen tensors, buffers, names that are tied here."""
    own = dict(_tensors(module))
    if unknown := tensors.keys() - own.keys():
        raise InvalidInput(f"A state has {min(unknown)}, which this net has not.", hint="Give the same net.")
    names = {id(own[name]): name for name in trained}
    counters = {name for name in statistics(module) if name.endswith("num_batches_tracked")}
    for name in (name for name in own if name in tensors and name not in trained | free | counters):
        expected = tensors[names[id(own[name])]] if id(own[name]) in names else own[name]
        if not torch.equal(tensors[name].detach().cpu(), expected.detach().cpu()):
            raise InvalidInput(
                f"The other net differs from this one in {name}, which is no trained parameter: at its place would "
                "stand another function.",
                hint="Give norm_data='data', which computes the statistics of batch normalisation anew at every point."
                if name in statistics(module)
                else "Give nets that agree in all that is not trained, or the parameter vector alone.",
            )
