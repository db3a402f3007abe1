"""Many nets that a torch module computes, trained as one program: the nets are one more axis of every tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from foldscape.device import Device, on_device, steady, torch_device
from foldscape.engine.base import Memory, Precision, RatePerUpdate
from foldscape.engine.torch_engine import as_array
from foldscape.losses import Loss, loss_of
from foldscape.net.blocks.modules.resident import resident
from foldscape.net.modular import ModularNet
from foldscape.net.norm import MOMENTUM
from foldscape.optimizer import Optimizer


class StackedTraining:
    """Independent mini-batch training of nets that share blocks, data and optimiser.

    Each net gets the updates that ``ModularEngine`` would give it alone, up to rounding: a card sums those of many nets
    in another order.

    Args:
        nets: The nets to start from.
        optimizer: How they learn.
        x: (N, numbers) training points, float32.
        y: (N,) their classes.
        device: Where.
        loss: Loss to minimise.
        precision: What updates multiply in.

    Raises:
        ValueError: If the nets differ in their blocks.

    Example:
        >>> from foldscape.net.spec import NetSpec
        >>> from foldscape.optimizer import SGD
        >>> spec, x, y = NetSpec(wiring="cnn"), np.zeros((6, 64), np.float32), np.arange(6) % 3
        >>> nets = [spec.first_on((1, 8, 8), 3, np.random.default_rng(seed)) for seed in range(2)]
        >>> many = StackedTraining(nets, SGD(lr=0.1), x, y)
        >>> many.train_epoch(np.stack([np.arange(6), np.arange(6)[::-1]]), batch=3)
        >>> len(many.weights)
        2
    """

    def __init__(
        self, nets: Sequence[ModularNet], optimizer: Optimizer, x: np.ndarray, y: np.ndarray, device: Device = "cpu",
        loss: str | Loss = "cross_entropy", precision: Precision = "float32",
    ) -> None:  # fmt: skip
        if any((net.spec, net.structure) != (nets[0].spec, nets[0].structure) for net in nets):
            raise ValueError("nets that are trained as one program must have the same blocks")
        self.lr, self.weight_decay = optimizer.lr, optimizer.weight_decay
        self._nets, self._optimizer, self._loss, self._precision = nets, optimizer, loss_of(loss), precision
        self._device = torch_device(device)
        self._x, self._y = resident(x, self._device), torch.from_numpy(y).to(self._device)
        self._base = nets[0].module().train().to("meta")
        for part in self._base.modules():
            if isinstance(part, nn.modules.batchnorm._BatchNorm):
                part.momentum = MOMENTUM
        names = [name for name, _ in self._base.named_parameters()], [name for name, _ in self._base.named_buffers()]
        self._params = dict(zip(names[0], self._stacked([net.arrays for net in nets]), strict=True))
        self._buffers = dict(zip(names[1], self._stacked([net.buffers for net in nets]), strict=True))
        for tensor in self._params.values():
            tensor.requires_grad_()
        self._rows = {row: [torch.zeros_like(part) for part in self._params.values()] for row in optimizer.remembers}

    @property
    def weights(self) -> tuple[ModularNet, ...]:
        """A copy of each net's present parameters and buffers."""
        arrays, buffers = ([as_array(part) for part in held.values()] for held in (self._params, self._buffers))
        return tuple(
            net.with_flat([part[number] for part in arrays]).with_buffers([part[number] for part in buffers])
            for number, net in enumerate(self._nets)
        )

    @property
    def memories(self) -> tuple[Memory, ...]:
        """A copy of what each net's optimiser remembers."""
        rows = {str(row): [as_array(part) for part in parts] for row, parts in self._rows.items()}
        found: list[dict[str, Any]] = [
            {row: tuple(part[number] for part in parts) for row, parts in rows.items()}
            for number in range(len(self._nets))
        ]
        return tuple(Memory(**each) for each in found)

    def train_epoch(self, orders: npt.NDArray[np.int64], batch: int, rates: RatePerUpdate | None = None) -> None:
        """Train every net for an epoch.

        Args:
            orders: (nets, N) order in which the batches of each net take the points.
            batch: Points a batch; the last may have fewer.
            rates: (updates,) learning rates; ``None`` is ``lr`` for all.
        """
        chosen = torch.split(torch.from_numpy(np.ascontiguousarray(orders)).to(self._device), batch, dim=1)
        with steady(self._device):
            for number, points in enumerate(chosen):
                self._update(self._x[points], self._y[points], self.lr if rates is None else float(rates[number]))

    def _update(self, x: Tensor, y: Tensor, lr: float) -> None:
        """Do one update of every net, on a batch (nets, points, numbers) of its own."""
        for part in self._params.values():
            part.grad = None
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._precision == "bfloat16"):
            outputs = vmap(self._outputs)(self._params, self._buffers, x)
        torch.autograd.backward(vmap(self._loss.mean_of)(outputs.float(), y).sum())
        parameters = list(self._params.values())
        gradients = [cast(Tensor, part.grad) for part in parameters]
        with torch.no_grad():
            if self.weight_decay:
                torch._foreach_add_(gradients, parameters, alpha=self.weight_decay)
            self._optimizer.update(parameters, gradients, self._rows, lr)

    def _outputs(self, params: dict[str, Tensor], buffers: dict[str, Tensor], x: Tensor) -> Tensor:
        found: Tensor = functional_call(self._base, (params, buffers), (x,))
        return found

    def _stacked(self, nets: Sequence[Sequence[np.ndarray]]) -> list[Tensor]:
        return [on_device(np.stack(parts), self._device) for parts in zip(*nets, strict=True)]
