"""The engine of nets that a torch module computes: the torch engine with another forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from foldscape.engine.torch_engine import TorchEngine, as_array
from foldscape.engine.training_noise import TrainingNoise
from foldscape.net.mlp import Weights
from foldscape.net.modular import ModularNet

if TYPE_CHECKING:
    from foldscape.data.base import Split
    from foldscape.spec import RunSpec


class ModularEngine(TorchEngine):
    """Mini-batch training of a net that a torch module computes; see ``TorchEngine``."""

    _net: ModularNet

    @property
    def weights(self) -> ModularNet:
        """A copy of the present parameters and buffers."""
        buffers = [as_array(part) for part in self._module.buffers()]
        return self._net.with_flat(list(map(as_array, self._params))).with_buffers(buffers)

    def begin_epoch(self, order: np.ndarray, batch: int | None = None) -> None:
        """Note the order of the coming batches; the points of each are taken when its turn comes."""
        self._batch = batch or self._batch
        self._chosen = torch.split(torch.from_numpy(order).to(self._device), self._batch)

    def _batch_at(self, number: int) -> tuple[Tensor, Tensor]:
        chosen = self._chosen[number]
        return self._x[chosen], self._y[chosen]

    def _place(self, weights: Weights) -> list[Tensor]:
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
    data, terms = (split.train_x, split.train_y, spec.batch), spec.other_terms
    noise = TrainingNoise(spec.chance, 0.0, spec.input_noise, spec.input_dropout, spec.adversarial)
    given: dict[str, Any] = {
        "loss": spec.loss,
        "terms": terms,
        "seed": spec.chance,
        "noise": noise,
        "precision": spec.precision,
    }
    return ModularEngine(net, spec.optimizer, *data, spec.device, **given)
