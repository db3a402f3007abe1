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
    def forward(x: Tensor, weight: Tensor, way: Way) -> Tensor:  # type: ignore[override]
        """Convolve."""
        return torch.convolution(x, weight, None, *way.told())

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        """Differentiate."""
        (x, weight), by = ctx.saved_tensors, ctx.needs_input_grad
        return (
            ToInputs.apply(slope, weight, ctx.way) if by[0] else None,
            ToWeights.apply(slope, x, ctx.way) if by[1] else None,
            None,
        )


class ToInputs(_Bilinear):
    """The derivative by inputs: what the outputs send back through the weights."""

    @staticmethod
    def forward(slope: Tensor, weight: Tensor, way: Way) -> Tensor:  # type: ignore[override]
        """Send back."""
        unread = slope.new_empty(1).expand(way.inputs)
        return _derivatives(slope, unread, weight, None, *way.told(), (True, False, False))[0]

    @staticmethod
    def backward(ctx: Any, change: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        """Differentiate."""
        (slope, weight), by = ctx.saved_tensors, ctx.needs_input_grad
        return (
            Convolved.apply(change, weight, ctx.way) if by[0] else None,
            ToWeights.apply(slope, change, ctx.way) if by[1] else None,
            None,
        )


class ToWeights(_Bilinear):
    """The derivative by weights: inputs times what the outputs send back, over all samples and places."""

    @staticmethod
    def forward(slope: Tensor, x: Tensor, way: Way) -> Tensor:  # type: ignore[override]
        """Multiply."""
        unread = slope.new_empty(1).expand(way.weights)
        return _derivatives(slope, x, unread, None, *way.told(), (False, True, False))[1]

    @staticmethod
    def backward(ctx: Any, change: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        """Differentiate."""
        (slope, x), by = ctx.saved_tensors, ctx.needs_input_grad
        return (
            Convolved.apply(x, change, ctx.way) if by[0] else None,
            ToInputs.apply(slope, change, ctx.way) if by[1] else None,
            None,
        )
