"""The nets of the zoo as modules of somebody's own: a factory that a run's spec can name."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from tests.library.zoo import plain_nets, wild_nets  # noqa: F401 - fill the zoo
from tests.library.zoo.nets import ZOO

WORDS = 6
"""Tokens that the nets of the zoo know."""


class Adapted(nn.Module):
    """A net of the zoo that reads the points of a run and answers with a number a class.

    Points are spread over the inputs of the net by fixed numbers; what counts tokens gets whole ones.

    Args:
        module: The net.
        inputs: What it is called with.
        features: Numbers of a point.
        classes: Numbers of an answer.
    """

    def __init__(self, module: nn.Module, inputs: Any, features: int, classes: int) -> None:
        super().__init__()
        self.net, self.classes = module, classes
        self.named = tuple(inputs) if isinstance(inputs, dict) else ()
        arrays = list(inputs.values()) if self.named else list(inputs) if isinstance(inputs, tuple) else [inputs]
        self.shapes = [tuple(one.shape[1:]) for one in arrays]
        self.dtypes = [one.dtype for one in arrays]
        self.spread = [torch.randn(features, math.prod(shape)) for shape in self.shapes]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give the answers (N, K)."""
        given = [self._input(x, place) for place in range(len(self.shapes))]
        outputs = self.net(**dict(zip(self.named, given, strict=True))) if self.named else self.net(*given)
        return self._answers(outputs)

    def _input(self, x: torch.Tensor, place: int) -> torch.Tensor:
        spread = (x @ self.spread[place].to(x.dtype)).reshape(len(x), *self.shapes[place])
        if self.dtypes[place].is_floating_point:
            return spread
        return (spread.abs() * 7).long().remainder(WORDS)

    def _answers(self, outputs: Any) -> torch.Tensor:
        while not isinstance(outputs, torch.Tensor):
            outputs = next(iter(outputs.values())) if isinstance(outputs, dict) else outputs[0]
        flat = outputs.reshape(len(outputs), -1)[:, : self.classes].float()
        return nn.functional.pad(flat, (0, self.classes - flat.shape[1]))


def build(shape: tuple[int, ...], classes: int, name: str) -> nn.Module:
    """Make a net of the zoo, by its name."""
    case = ZOO[name]
    return Adapted(case.make(False), case.data()[0], math.prod(shape), classes)
