"""The torch engine: trains on any device; the reference for the faster ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from foldscape.device import Device, on_device, steady, torch_device
from foldscape.engine.augmented import Augmenter, augmenter_of
from foldscape.engine.base import Memory, Precision, RatePerUpdate
from foldscape.engine.full_memory import telling_of_full_memory
from foldscape.engine.training_noise import NO_NOISE, TrainingNoise, noise_of
from foldscape.losses import Loss, loss_of
from foldscape.net.blocks.modules.resident import resident
from foldscape.net.mlp import Weights
from foldscape.net.norm import EPSILON, MOMENTUM, BatchNorm
from foldscape.net.relu import relu
from foldscape.optimizer import Nudge, Optimizer
from foldscape.optimizer.memory import Blocks, flat_directions
from foldscape.terms import Term, TermMoment, WeightDecay
from foldscape.terms.held import of_kind, terms_begun, together

if TYPE_CHECKING:
    from foldscape.data.base import Split
    from foldscape.spec import RunSpec


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

    The points of an epoch are laid out once in their shuffled order, so that a batch is a view. A ReLU's
    derivative at 0 is 1 (``foldscape.net.relu``).

    Batch normalisation takes the statistics of the batch; only a batch of one point, whose variance says nothing,
    takes the running ones and leaves them as they are.

    Args:
        weights: The net to start from.
        optimizer: How it learns.
        x: (N, features) training points, float32.
        y: (N,) their classes.
        batch: Points a batch; the last of an epoch may have fewer.
        device: Where.
        loss: Loss to minimise.
        terms: What is added to its gradient, after weight decay and in this order.
        seed: Seed of what terms draw.
        noise: What disturbs the updates.
        augmenter: What changes the pictures that they learn from.
        precision: What updates multiply in; parameters, gradients and what is added up stay float32.
    """

    _lays_out: ClassVar[int] = 2**24
    """Numbers of a training set up to which a copy of it is laid out for an epoch, 64 MB."""

    def __init__(
        self,
        weights: Weights,
        optimizer: Optimizer,
        x: np.ndarray,
        y: np.ndarray,
        batch: int,
        device: Device = "cpu",
        loss: str | Loss = "cross_entropy",
        terms: Sequence[Term] = (),
        seed: int = 0,
        noise: TrainingNoise = NO_NOISE,
        augmenter: Augmenter | None = None,
        precision: Precision = "float32",
    ) -> None:
        self.lr = optimizer.lr
        self.weight_decay = optimizer.weight_decay
        self.step = 0
        self._optimizer = optimizer
        self.terms, self._seed = tuple(terms), seed
        self._batch = batch
        self._loss = loss_of(loss)
        self._device = torch_device(device)
        self._called, self._precision = device, precision
        self._x = resident(x, self._device)
        self._y = torch.from_numpy(y).to(self._device)
        self._noise, self._augmenter = noise, augmenter
        self._batches: list[tuple[Tensor, Tensor]] = []
        self.load(weights, None)

    @property
    def weight_decay(self) -> float:
        """Share of each parameter that is added to its gradient."""
        return self._decay.strength

    @weight_decay.setter
    def weight_decay(self, strength: float) -> None:
        self._decay = WeightDecay(strength=strength)

    @property
    def weights(self) -> Weights:
        """A copy of the present parameters."""
        layers = self._layers
        return Weights(
            tuple(as_array(layer.weight) for layer in layers),
            tuple(as_array(layer.bias) for layer in layers),
            self._activation,
            self._slope,
            tuple(BatchNorm(*map(as_array, layer.norm)) if layer.norm else None for layer in layers[:-1]),
        )

    @property
    def memory(self) -> Memory:
        """A copy of what the optimiser and the terms remember."""
        rows = {row: tuple(map(as_array, parts)) for row, parts in self._rows.items()}
        return Memory(**rows, terms=self.held, directions=self._directions, curvatures=self._curvatures)

    @property
    def held(self) -> dict[str, Blocks]:
        """A copy of what the terms hold."""
        found = {
            kind: {name: tuple(map(as_array, blocks)) for name, blocks in own.items()}
            for kind, own in self._held.items()
        }
        return together(found)

    @held.setter
    def held(self, held: Mapping[str, Blocks]) -> None:
        self._held = {
            term.kind: {
                name: self._as_they_are(blocks) if name in term.unshaped else self._tensors(blocks)
                for name, blocks in of_kind(term.kind, held).items()
            }
            for term in self.terms
        }

    def load(self, weights: Weights, memory: Memory | None) -> None:
        """Replace parameters and memory."""
        self._activation, self._slope = weights.activation, weights.negative_slope
        self._params = [part.requires_grad_() for part in self._place(weights)]
        if memory is None:
            blank = tuple(np.zeros_like(part) for part in weights.flat())
            rows = dict.fromkeys(self._optimizer.remembers, blank)
            memory = Memory(**rows, terms=terms_begun(self.terms, tuple(weights.flat())))
        self._rows = {row: self._tensors(getattr(memory, row)) for row in self._optimizer.remembers}
        self.held = memory.terms
        self.direct(memory.directions, memory.curvatures)

    @property
    def has_directions(self) -> bool:
        """Whether the optimiser knows its sharpest directions."""
        return bool(self._curvatures)

    def direct(self, directions: Blocks, curvatures: tuple[np.ndarray, ...]) -> None:
        """Replace the sharpest directions and their eigenvalues."""
        self._directions, self._curvatures = directions, curvatures
        if curvatures:
            self._along = self._tensor(flat_directions(directions))

    def _place(self, weights: Weights) -> list[Tensor]:
        """Put a net on the device; give its parameters in the order of ``Weights.flat``."""
        layers = zip(weights.weights, weights.biases, (*weights.norms, None), strict=True)
        self._layers = [self._layer(*parts) for parts in layers]
        return [part for layer in self._layers for part in layer.parameters]

    def begin_epoch(self, order: np.ndarray, batch: int | None = None, epoch: int = 0) -> None:
        """Set the order of the coming batches; see ``Engine.begin_epoch``."""
        self._batch = batch or self._batch
        index = torch.from_numpy(order).to(self._device)
        self._chosen = torch.split(index, self._batch)
        self._batches = self._laid_out(index) if self._x.numel() <= self._lays_out else []
        if self._augmenter is not None:
            self._augmenter.begin_epoch(epoch)

    def _laid_out(self, order: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Lay a copy of the points out in the order of the coming batches."""
        x, y = (torch.split(each[order], self._batch) for each in (self._x, self._y))
        return list(zip(x, y, strict=True))

    def _batch_at(self, number: int) -> tuple[Tensor, Tensor]:
        """Give points and classes of a batch of the present epoch."""
        if self._batches:
            return self._batches[number]
        chosen = self._chosen[number]
        return self._x[chosen], self._y[chosen]

    def train(self, first_batch: int, updates: int, rates: RatePerUpdate | None = None) -> None:
        """Do so many updates from a batch of the present epoch on, each at its own of the rates."""
        each = [self.lr] * updates if rates is None else rates.tolist()
        with steady(self._device), telling_of_full_memory(self._batch, self._device):
            for number, lr in enumerate(each, first_batch):
                x, y = self._batch_at(number)
                if self._augmenter is not None:
                    x = self._augmenter.changed(x, self._chosen[number])
                gradients = self._gradients(x, y)
                with torch.no_grad():
                    self._add_terms(gradients, x, y)
                    if self._curvatures:
                        nudge = Nudge(self._along, self._optimizer.factors(lr, self._curvatures[0]))
                        self._optimizer.update(self._params, gradients, self._rows, lr, nudge)
                    else:
                        self._optimizer.update(self._params, gradients, self._rows, lr)
                self.step += 1

    def _gradients(self, x: Tensor, y: Tensor, momentum: float = MOMENTUM) -> list[Tensor]:
        """Give the gradient of a batch's loss; running statistics move towards the batch's by so much."""
        mean = self._mean_loss(x, y, momentum)
        for part in self._params:
            part.grad = None
        torch.autograd.backward(mean)  # quicker than autograd.grad where there are convolutions, same bits
        return [torch.zeros_like(part) if part.grad is None else part.grad for part in self._params]

    def _mean_loss(self, x: Tensor, y: Tensor, momentum: float) -> Tensor:
        """Give the mean loss of a batch as the present update sees it."""
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._precision == "bfloat16"):
            logits = self._noisy_logits(x, y, momentum)
        return self._loss.mean_of(logits.float() if logits.dtype == torch.bfloat16 else logits, y)

    def _add_terms(self, gradients: list[Tensor], x: Tensor, y: Tensor) -> None:
        active = [term for term in (self._decay, *self.terms) if term.strength]
        if not active:
            return
        alone = [part.clone() for part in gradients] if self.terms else gradients
        for term in active:
            held = self._held.get(term.kind, {})
            at, of = partial(self._gradient_at, x, y), self._gradient_of
            term.add_gradient(gradients, TermMoment(self.step, self._params, alone, at, held, self._seed, of))

    def _gradient_of(
        self, pick: Callable[[int], np.ndarray], function: Callable[[Tensor], Tensor]
    ) -> list[Tensor]:  # fmt: skip
        """Give the gradient of a function of the outputs on chosen training points, as the net answers when at rest."""
        chosen = torch.from_numpy(pick(len(self._x))).to(self._device)
        with torch.enable_grad():
            return list(torch.autograd.grad(function(self._logits_at_rest(self._x[chosen])), self._params))

    def _logits_at_rest(self, x: Tensor) -> Tensor:
        return self._logits(x, [None] * len(self._widths), None)

    def _gradient_at(self, x: Tensor, y: Tensor, shift: Sequence[Tensor]) -> list[Tensor]:
        """Give the gradient of a batch's loss where the parameters are moved; nothing stays changed."""
        kept = [part.clone() for part in self._params]
        torch._foreach_add_(self._params, list(shift))
        try:
            with torch.enable_grad():
                return self._gradients(x, y, momentum=0)
        finally:
            torch._foreach_copy_(self._params, kept)

    def _noisy_logits(self, x: Tensor, y: Tensor, momentum: float) -> Tensor:
        """Give the outputs for a batch as the present update sees them."""
        (samples, features), noise = x.shape, self._noise
        if (kept := noise.input_factors(self.step, samples, features)) is not None:
            x = x * self._tensor(kept)
        if (shifts := noise.shifts(self.step, samples, features)) is not None:
            x = x + self._tensor(shifts)
        widths = self._widths
        if noise.adversarial is not None:
            starts, whole = noise.starts(self.step, samples, features), [None] * len(widths)
            begin = None if starts is None else self._tensor(starts)
            unit = None if noise.unit is None else self._tensor(noise.unit)
            x = noise.adversarial.moved(x, begin, lambda at: self._loss.mean_of(self._logits(at, whole, 0), y), unit)
        factors = [self._tensor(each) for each in noise.factors(self.step, samples, widths)]
        return self._logits(x, factors or [None] * len(widths), momentum)

    @property
    def _widths(self) -> list[int]:
        """Units of each hidden layer, of which an update may leave some out."""
        return [len(layer.bias) for layer in self._layers[:-1]]

    def _logits(self, h: Tensor, factors: Sequence[Tensor | None], momentum: float | None) -> Tensor:
        *hidden, last = self._layers
        for layer, factor in zip(hidden, factors, strict=True):
            z = functional.linear(h, layer.weight, layer.bias)
            if layer.norm is not None:
                gamma, beta, mean, var = layer.norm
                z = functional.batch_norm(
                    z, mean, var, gamma, beta, momentum is not None and len(z) > 1, momentum or 0.0, EPSILON
                )
            if self._activation == "relu":
                h = relu(z)
            elif self._activation == "tanh":
                h = z.tanh()
            else:
                h = torch.where(z >= 0, z, self._slope * z)
            if factor is not None:
                h = h * factor
        return functional.linear(h, last.weight, last.bias)

    def _layer(self, weight: np.ndarray, bias: np.ndarray, norm: BatchNorm | None) -> _Layer:
        normed = tuple(map(self._tensor, norm.arrays())) if norm else None
        return _Layer(self._tensor(weight), self._tensor(bias), normed)

    def _tensors(self, arrays: Sequence[np.ndarray]) -> list[Tensor]:
        return list(map(self._tensor, arrays))

    def _as_they_are(self, arrays: Sequence[np.ndarray]) -> list[Tensor]:
        return [torch.from_numpy(np.array(array)).to(self._device) for array in arrays]

    def _tensor(self, array: np.ndarray) -> Tensor:
        return on_device(array, self._device)


def as_array(tensor: Tensor) -> np.ndarray:
    """Copy a tensor to numpy."""
    return tensor.detach().cpu().numpy().copy()


def engine_of(net: Weights, spec: RunSpec, split: Split) -> TorchEngine:
    """Give the engine of a run; see ``foldscape.engine.choose.engine_for``."""
    data = split.train_x, split.train_y, spec.batch
    return TorchEngine(net, spec.optimizer, *data, **given_by(spec, split, spec.net.dropout))


def given_by(spec: RunSpec, split: Split, dropout: float) -> dict[str, Any]:
    """Give what a run says of its updates, as the engines here take it."""
    return {
        "device": spec.device,
        "loss": spec.loss,
        "terms": spec.other_terms,
        "seed": spec.chance,
        "noise": noise_of(spec, split, dropout),
        "augmenter": augmenter_of(spec, split),
        "precision": spec.precision,
    }
