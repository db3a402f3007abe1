"""Recognise a torch module that is a plain stack of dense layers, so that it can be measured by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn


@dataclass(frozen=True)
class DenseStack:
    """The parts of a plain dense net, as ``Objective.of_mlp`` takes them.

    Attributes:
        weights: Weights of shape (outputs, inputs), layer by layer.
        biases: Biases of shape (outputs,), or None.
        activation: The one activation between the layers.
        negative_slope: Slope of a leaky ReLU, None for the others.
    """

    weights: list[torch.Tensor]
    biases: list[torch.Tensor | None]
    activation: str
    negative_slope: float | None

    @property
    def size(self) -> int:
        """Number of parameters."""
        return sum(tensor.numel() for tensor in (*self.weights, *self.biases) if tensor is not None)

    @property
    def single(self) -> bool:
        """Whether the net computes in single precision."""
        return self.weights[0].dtype == torch.float32


def dense_stack(module: nn.Module, X: Any) -> DenseStack | None:
    """Take a dense net apart.

    Args:
        module: Any module.
        X: Its inputs.

    Returns:
        The parts, or None unless the module is exactly an ``nn.Sequential`` of linear layers with
        more than one output, with one kind of activation between them, on flat inputs, every
        parameter trained.
    """
    if type(module) is not nn.Sequential or len(getattr(X, "shape", ())) != 2 or _hooked(module):
        return None
    layers = [layer for layer in module if type(layer) not in (nn.Flatten, nn.Identity)]
    linear = [layer for layer in layers[::2] if type(layer) is nn.Linear]
    named = [_kind(layer) for layer in layers[1::2]]
    kinds = {kind for kind in named if kind is not None} or {("relu", None)}
    if len(linear) != len(named) + 1 or None in named or len(kinds) != 1:
        return None
    trained = all(parameter.requires_grad for parameter in module.parameters())
    shared = len({id(layer) for layer in linear}) < len(linear)
    if not trained or shared or linear[-1].out_features < 2:
        return None
    activation, slope = kinds.pop()
    return DenseStack([layer.weight for layer in linear], [layer.bias for layer in linear], activation, slope)


def _kind(layer: nn.Module) -> tuple[str, float | None] | None:
    if type(layer) is nn.ReLU:
        return "relu", None
    if type(layer) is nn.Tanh:
        return "tanh", None
    if type(layer) is nn.LeakyReLU:
        return "leaky_relu", layer.negative_slope
    return None


def _hooked(module: nn.Module) -> bool:
    """Tell whether something else than the layers' own forward would run."""
    return any(
        part._forward_hooks or part._forward_pre_hooks or getattr(part, "parametrizations", None)
        for part in module.modules()
    )
