"""Layers that read the data alone: what they answer at any point of a plane is a sum of three answers.

Such a layer is linear in its weights and biases, and what it reads does not depend on parameters. At the point
o + a u + b v it answers what it answers with o, plus a times what it answers with u, plus b times the same with v. That
holds for dense layers and for convolutions.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from foldscape.modules.mean_loss import MeanLoss
from foldscape.modules.samples import Batch

LINEAR = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
Answers = Sequence[torch.Tensor]
"""What each of the layers answers on some samples."""


@dataclass
class FirstLayers:
    """Layers of a module that read the data alone, each once in a pass.

    Attributes:
        layers: The layers.
        widest: Numbers that the largest tensor within a pass has for each sample.
        work: Multiplications of all other dense layers and convolutions, for each sample.
    """

    layers: tuple[nn.Module, ...]
    widest: float
    work: float
    _given: dict[int, Answers] = field(default_factory=dict)

    @contextmanager
    def given(self) -> Iterator[None]:
        """Let the layers, of a net that stands in place until the end of the block, answer what ``answering`` says."""
        for number, layer in enumerate(self.layers):
            # The net's own attributes come back when it leaves its place.
            vars(layer)["forward"] = lambda *_, number=number: self._given[threading.get_ident()][number]
        yield

    @contextmanager
    def answering(self, answers: Answers) -> Iterator[None]:
        """Set what the layers answer in this thread."""
        self._given[threading.get_ident()] = answers
        try:
            yield
        finally:
            del self._given[threading.get_ident()]

    def inputs(self, mean: MeanLoss, batch: Batch) -> list[torch.Tensor]:
        """Give what the layers read, with the net in place."""
        read: dict[nn.Module, torch.Tensor] = {}

        def note(layer: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
            read[layer] = given[0]
            if len(read) == len(self.layers):
                raise _Enough

        if self.layers:
            with _hooked(self.layers, note):
                try:
                    mean.run(batch)
                except Exception:
                    if len(read) < len(self.layers):
                        raise
        return [read[layer] for layer in self.layers]

    def answers(self, inputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Give what the layers answer with the parameters in place."""
        return [layer(x) for layer, x in zip(self.layers, inputs, strict=True)]


class _Enough(Exception):
    """All layers were met."""


def first_layers(mean: MeanLoss, samples: int) -> FirstLayers:
    """Run a net once on some samples, and find the layers that read the data alone.

    Args:
        mean: The loss.
        samples: On how many samples.

    Returns:
        The layers.
    """
    net, batch = mean.net, mean.data.some(samples)
    calls: dict[nn.Module, list[tuple[bool, float]]] = {}

    def note(layer: nn.Module, given: tuple[Any, ...]) -> None:
        x = given[0] if given else None
        alone = len(given) == 1 and isinstance(x, torch.Tensor) and not x.requires_grad
        calls.setdefault(layer, []).append((alone, 0.0))

    def count(layer: nn.Module, given: tuple[Any, ...], answer: Any) -> None:
        weight: Any = layer.weight
        calls[layer][-1] = (calls[layer][-1][0], float(answer.numel() * weight[0].numel()))

    known = [part for part in net.module.modules() if type(part) in LINEAR]
    free = [part for part in known if net.has(part.parameters(recurse=False)) and not _has_hooks(part)]
    with net.placed(net.tensor(net.theta).requires_grad_()), _Widest() as seen, _hooked(known, note, count):
        mean.run(batch)
    alone = tuple(part for part in free if len(calls.get(part, ())) == 1 and calls[part][0][0])
    work = sum(one for part, made in calls.items() if part not in alone for _, one in made)
    found = FirstLayers(alone, seen.numbers / batch.size, work / batch.size)
    if alone and not _reads_the_same(found, mean, batch):
        found.layers = ()
    return found


def _reads_the_same(found: FirstLayers, mean: MeanLoss, batch: Batch) -> bool:
    """Tell whether the layers read the same with other parameters: code that hides its gradients may have others."""
    theta = mean.net.tensor(mean.net.theta)
    read = []
    for point in (theta, 1.25 * theta + 0.125):
        with mean.net.placed(point):
            read.append(found.inputs(mean, batch))
    return all(torch.equal(one, other) for one, other in zip(*read, strict=True))


def _has_hooks(part: nn.Module) -> bool:
    return bool(part._forward_pre_hooks or part._forward_hooks)


@contextmanager
def _hooked(
    layers: Sequence[nn.Module], before: Callable[..., None], after: Callable[..., None] | None = None
) -> Iterator[None]:
    hooks = [layer.register_forward_pre_hook(before) for layer in layers]
    hooks += [layer.register_forward_hook(after) for layer in layers if after is not None]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


class _Widest(TorchFunctionMode):
    """Notes the size of the largest tensor that a function gives."""

    numbers = 1

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if isinstance(found, torch.Tensor):
            self.numbers = max(self.numbers, found.numel())
        return found
