"""Convolutions whose derivatives of any order run on the kernels of the first.

A convolution is bilinear in inputs and weights, and so are both of its derivatives: each of the three is differentiated
into the other two. Torch writes the second derivative by weights as a convolution with a kernel as large as the
picture, with the samples for channels, which takes several times as long.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function

_derivatives = torch.ops.aten.convolution_backward.default


class Way(NamedTuple):
    """How a convolution goes over its inputs, as ``torch.convolution`` takes it, and the shapes of both factors."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    inputs: torch.Size
    weights: torch.Size

    def told(self) -> tuple[Any, ...]:
        """Give stride, padding, dilation, and that it is no transposed one, and the groups."""
        return self.stride, self.padding, self.dilation, False, (0,) * len(self.stride), self.groups


def applied(kind: Any, one: Tensor, other: Tensor, way: Way) -> Tensor:
    """Apply one of the three to two factors.

    Returns:
        What it gives.
    """
    found: Tensor = kind.apply(one, other, way)
    return found


class _Bilinear(Function):
    """One of the three: keeps its two factors."""

    generate_vmap_rule = True

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Keep what the derivatives need."""
        ctx.save_for_backward(*inputs[:2])
        ctx.way = inputs[2]


class Convolved(_Bilinear):
    """Inputs convolved with weights."""

    @staticmethod
    def forward(x: Tensor, weight: Tensor, way: Way) -> Tensor:
        """Convolve."""
        return torch.convolution(x, weight, None, *way.told())

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        """Differentiate."""
        (x, weight), by = ctx.saved_tensors, ctx.needs_input_grad
        return (
            applied(ToInputs, slope, weight, ctx.way) if by[0] else None,
            applied(ToWeights, slope, x, ctx.way) if by[1] else None,
            None,
        )


class ToInputs(_Bilinear):
    """The derivative by inputs: what the outputs send back through the weights."""

    @staticmethod
    def forward(slope: Tensor, weight: Tensor, way: Way) -> Tensor:
        """Send back."""
        unread = slope.new_empty(1).expand(way.inputs)
        found: Tensor = _derivatives(slope, unread, weight, None, *way.told(), (True, False, False))[0]
        return found

    @staticmethod
    def backward(ctx: Any, change: Tensor) -> tuple[Tensor | None, ...]:
        """Differentiate."""
        (slope, weight), by = ctx.saved_tensors, ctx.needs_input_grad
        return (
            applied(Convolved, change, weight, ctx.way) if by[0] else None,
            applied(ToWeights, slope, change, ctx.way) if by[1] else None,
            None,
        )


class ToWeights(_Bilinear):
    """The derivative by weights: inputs times what the outputs send back, over all samples and places."""

    @staticmethod
    def forward(slope: Tensor, x: Tensor, way: Way) -> Tensor:
        """Multiply."""
        unread = slope.new_empty(1).expand(way.weights)
        found: Tensor = _derivatives(slope, x, unread, None, *way.told(), (False, True, False))[1]
        return found

    @staticmethod
    def backward(ctx: Any, change: Tensor) -> tuple[Tensor | None, ...]:
        """Differentiate."""
        (slope, x), by = ctx.saved_tensors, ctx.needs_input_grad
        return (
            applied(Convolved, x, change, ctx.way) if by[0] else None,
            applied(ToInputs, slope, change, ctx.way) if by[1] else None,
            None,
        )
