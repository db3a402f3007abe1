"""The torch engine: trains on any device; the reference for the faster ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from foldscape.engine.base import Memory
from foldscape.engine.training_noise import NO_NOISE, TrainingNoise
from foldscape.net.losses import LossName
from foldscape.net.mlp import Weights
from foldscape.net.norm import EPSILON, MOMENTUM, BatchNorm
from foldscape.optimizer import SGD, Adam, Momentum, Optimizer


@dataclass(frozen=True)
class _Layer:
    """One layer's tensors, those of ``BatchNorm`` in its order."""

    weight: Tensor
    bias: Tensor
    norm: tuple[Tensor, ...] | None

    @property
    def parameters(self) -> tuple[Tensor, ...]:
        return self.weight, self.bias, *(self.norm[:2] if self.norm else ())


class TorchEngine:
    """Mini-batch training of a fully connected net.

    The points of an epoch are laid out once in their shuffled order, so that a batch is a view. ReLU is written as a
    clamp, whose derivative at 0 is 1: units born with zero incoming weights can learn (science E7).

    Batch normalisation takes the statistics of the batch; only a batch of one point, whose variance says nothing,
    takes the running ones and leaves them as they are.
    """

    def __init__(
        self,
        weights: Weights,
        optimizer: Optimizer,
        x: np.ndarray,
        y: np.ndarray,
        batch: int,
        device: str = "cpu",
        loss: LossName = "cross_entropy",
        noise: TrainingNoise = NO_NOISE,
    ) -> None:
        self.lr = optimizer.lr
        self.weight_decay = optimizer.weight_decay
        self._optimizer = optimizer
        self._batch = batch
        self._loss = _LOSSES[loss]
        self._device = torch.device(device)
        self._x = torch.from_numpy(x).to(self._device)
        self._y = torch.from_numpy(y).to(self._device)
        self._noise = noise
        self._first_step = 0
        self._batches: list[tuple[Tensor, Tensor]] = []
        self.load(weights, None)

    @property
    def weights(self) -> Weights:
        """A copy of the present parameters."""
        layers = self._layers
        return Weights(
            tuple(_array(layer.weight) for layer in layers),
            tuple(_array(layer.bias) for layer in layers),
            self._activation,
            self._slope,
            tuple(BatchNorm(*map(_array, layer.norm)) if layer.norm else None for layer in layers[:-1]),
        )

    @property
    def memory(self) -> Memory:
        """A copy of the optimiser's memory."""
        first, second, age = (tuple(map(_array, parts)) for parts in (self._first, self._second, self._age))
        return Memory(first, second, age)

    def load(self, weights: Weights, memory: Memory | None) -> None:
        """Replace parameters and memory."""
        self._activation, self._slope = weights.activation, weights.negative_slope
        layers = zip(weights.weights, weights.biases, (*weights.norms, None), strict=True)
        self._layers = [self._layer(*parts) for parts in layers]
        self._params = [part.requires_grad_() for layer in self._layers for part in layer.parameters]
        if memory is not None:
            self._first, self._second, self._age = (
                [self._tensor(part) for part in parts] for parts in (memory.first, memory.second, memory.age)
            )
            return
        blank = [torch.zeros_like(p, requires_grad=False) for p in self._params]
        self._first = [] if isinstance(self._optimizer, SGD) else blank
        adam = isinstance(self._optimizer, Adam)
        self._second = [torch.zeros_like(p) for p in blank] if adam else []
        self._age = [torch.zeros_like(p) for p in blank] if adam else []

    def begin_epoch(self, order: np.ndarray, *, first_step: int = 0) -> None:
        """Lay the points out in the order of the coming batches, whose updates draw by their number."""
        self._first_step = first_step
        index = torch.from_numpy(order).to(self._device)
        self._batches = list(
            zip(torch.split(self._x[index], self._batch), torch.split(self._y[index], self._batch), strict=True)
        )

    def train(self, first_batch: int, updates: int) -> None:
        """Do so many updates from a batch of the present epoch on."""
        batches = self._batches[first_batch : first_batch + updates]
        for step, (x, y) in enumerate(batches, self._first_step + first_batch):
            loss = self._loss(self._noisy_logits(x, step), y)
            gradients = torch.autograd.grad(loss, self._params)
            with torch.no_grad():
                self._update(list(gradients))

    def _noisy_logits(self, x: Tensor, step: int) -> Tensor:
        """Give the outputs for a batch as an update sees them."""
        samples, features = x.shape
        if (shifts := self._noise.shifts(step, samples, features)) is not None:
            x = x + self._tensor(shifts)
        widths = [len(layer.bias) for layer in self._layers[:-1]]
        factors = [self._tensor(each) for each in self._noise.factors(step, samples, widths)]
        return self._logits(x, factors or [None] * len(widths))

    def _logits(self, h: Tensor, factors: Sequence[Tensor | None]) -> Tensor:
        *hidden, last = self._layers
        for layer, factor in zip(hidden, factors, strict=True):
            z = functional.linear(h, layer.weight, layer.bias)
            if layer.norm is not None:
                gamma, beta, mean, var = layer.norm
                z = functional.batch_norm(z, mean, var, gamma, beta, len(z) > 1, MOMENTUM, EPSILON)
            if self._activation == "relu":
                h = z.clamp_min(0)
            elif self._activation == "tanh":
                h = z.tanh()
            else:
                h = torch.where(z >= 0, z, self._slope * z)
            if factor is not None:
                h = h * factor
        return functional.linear(h, last.weight, last.bias)

    def _update(self, gradients: list[Tensor]) -> None:
        if self.weight_decay:
            torch._foreach_add_(gradients, self._params, alpha=self.weight_decay)
        rule = self._optimizer
        if isinstance(rule, Momentum):
            torch._foreach_mul_(self._first, rule.momentum)
            torch._foreach_add_(self._first, gradients)
            if rule.nesterov:
                torch._foreach_add_(gradients, self._first, alpha=rule.momentum)
            else:
                gradients = self._first
        elif isinstance(rule, Adam):
            gradients = self._adam_direction(rule, gradients)
        torch._foreach_add_(self._params, gradients, alpha=-self.lr)

    def _adam_direction(self, rule: Adam, gradients: list[Tensor]) -> list[Tensor]:
        """Follow the textbook form, with an age of its own for every entry."""
        torch._foreach_add_(self._age, 1.0)
        torch._foreach_lerp_(self._first, gradients, 1 - rule.beta1)
        torch._foreach_mul_(self._second, rule.beta2)
        torch._foreach_addcmul_(self._second, gradients, gradients, 1 - rule.beta2)
        directions = []
        for first, second, age in zip(self._first, self._second, self._age, strict=True):
            mean = first / (1 - rule.beta1**age)
            root = (second / (1 - rule.beta2**age)).sqrt_().add_(rule.epsilon)
            directions.append(mean / root)
        return directions

    def _layer(self, weight: np.ndarray, bias: np.ndarray, norm: BatchNorm | None) -> _Layer:
        normed = tuple(map(self._tensor, norm.arrays())) if norm else None
        return _Layer(self._tensor(weight), self._tensor(bias), normed)

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.array(array, dtype=np.float32)).to(self._device)


def _squared_error(outputs: Tensor, y: Tensor) -> Tensor:
    """Half the squared distance from the one-hot class, averaged over the examples."""
    apart = outputs - functional.one_hot(y, outputs.shape[1])
    return 0.5 * apart.square().sum(dim=1).mean()


_LOSSES: dict[LossName, Callable[[Tensor, Tensor], Tensor]] = {
    "cross_entropy": functional.cross_entropy,
    "mse": _squared_error,
}


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy().copy()
