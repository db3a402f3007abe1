"""Nets that people really have, each tiny and with its data: what every measurement has to be right on, or refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

SAMPLES = 10
ZOO: dict[str, Case] = {}


@dataclass(frozen=True)
class Case:
    """One net with its data.

    Attributes:
        make: Makes the net; the same numbers each time. Given ``True`` it makes the same function without what keeps
            torch from differentiating it, for the oracle.
        data: Gives what is handed over as data, the inputs of one forward and the labels.
        loss: What is handed over as the loss.
        refused: Whether it has to be refused wherever it is asked for more than nothing.
        by_differences: Whether autograd differentiates another function, so that the truth is found by differences.
        may_refuse: Why a refusal is right here; empty where every measurement has to give its number.
        tolerance: Share of its size by which a number may be off.
        cells: How the measurements that may be refused begin.
        options: What slices and planes along random directions are asked with besides.
    """

    name: str
    make: Callable[[bool], nn.Module]
    data: Callable[[], tuple[Any, ...]]
    loss: Any = "cross_entropy"
    refused: bool = False
    by_differences: bool = False
    may_refuse: str = ""
    cells: tuple[str, ...] = ("",)
    tolerance: float = 1e-5
    options: dict[str, Any] = field(default_factory=dict)


def case(name: str, data: Callable[[], tuple[Any, ...]] | None = None, loss: Any = "cross_entropy", **more: Any) -> Any:
    """Put what a function makes into the zoo."""

    def put(make: Callable[[bool], nn.Module]) -> Callable[[bool], nn.Module]:
        def seeded(plain: bool = False) -> nn.Module:
            with torch.random.fork_rng():
                torch.manual_seed(5)
                return make(plain)

        assert name not in ZOO, name
        ZOO[name] = Case(name, seeded, data or points(), loss, **more)
        return make

    return put


def points(*shape: int, classes: int = 3, labels: Callable[..., torch.Tensor] | None = None) -> Callable[[], tuple]:
    """Give normal inputs of shape (samples, *shape) and classes, or what ``labels`` makes."""

    def made() -> tuple[Any, ...]:
        generator = torch.Generator().manual_seed(11)
        x = torch.randn(SAMPLES, *(shape or (4,)), generator=generator)
        y = torch.randint(classes, (SAMPLES,), generator=generator) if labels is None else labels(generator)
        return x, y

    return made


def tokens() -> tuple[Any, ...]:
    """Give sentences of three words out of six."""
    generator = torch.Generator().manual_seed(11)
    return torch.randint(6, (SAMPLES, 3), generator=generator), torch.randint(3, (SAMPLES,), generator=generator)


def reals(*shape: int) -> Callable[..., torch.Tensor]:
    """Give real labels."""
    return lambda generator: torch.randn(SAMPLES, *shape, generator=generator)


def coins(*shape: int) -> Callable[..., torch.Tensor]:
    """Give labels 0 and 1 as real numbers."""
    return lambda generator: torch.randint(2, (SAMPLES, *shape), generator=generator).float()


class Run(nn.Module):
    """A net written as its parts and a function of them."""

    def __init__(self, forward: Callable[..., Any], **parts: Any) -> None:
        super().__init__()
        self.run = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """Run it."""
        return self.run(self, *inputs, **named)


def two_layers(width: int = 4) -> nn.Sequential:
    """Give a plain stack."""
    return nn.Sequential(nn.Linear(4, width), nn.Tanh(), nn.Linear(width, 3))
