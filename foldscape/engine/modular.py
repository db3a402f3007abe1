"""The engine of nets that a torch module computes: the torch engine with another forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from foldscape.engine.torch_engine import TorchEngine, as_array, given_by
from foldscape.modules.room import keep_memory
from foldscape.net.mlp import Weights
from foldscape.net.modular import ModularNet

if TYPE_CHECKING:
    from foldscape.data.base import Split
    from foldscape.spec import RunSpec


class ModularEngine(TorchEngine):
    """Mini-batch training of a net that a torch module computes; see ``TorchEngine``."""

    _net: ModularNet
    _lays_out = 0  # a batch of pictures takes longer than finding it does

    @property
    def weights(self) -> ModularNet:
        """A copy of the present parameters and buffers."""
        buffers = [as_array(part) for part in self._module.buffers()]
        return self._net.with_flat(list(map(as_array, self._params))).with_buffers(buffers)

    def _place(self, weights: Weights) -> list[Tensor]:
        keep_memory()  # what a batch of pictures becomes is freed and asked for at every update
        self._net = replace(cast(ModularNet, weights), device=self._called)
        self._module = self._net.placed()
        if self._device.type == "cuda":  # the layout that its convolutions are written for
            self._module = self._module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._norms = [part for part in self._module.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm)]
        return list(self._module.parameters())

    @property
    def _widths(self) -> list[int]:
        return []

    def _logits(self, h: Tensor, factors: Sequence[Tensor | None], momentum: float | None) -> Tensor:
        self._module.train(momentum is not None)
        for norm in self._norms:
            norm.momentum = momentum
        answers: Tensor = self._module(h)
        return answers


def engine_of(net: ModularNet, spec: RunSpec, split: Split) -> ModularEngine:
    """Give the engine of a run; see ``foldscape.engine.choose.engine_for``."""
    data = split.train_x, split.train_y, spec.batch
    return ModularEngine(net, spec.optimizer, *data, **given_by(spec, split, dropout=0.0))
