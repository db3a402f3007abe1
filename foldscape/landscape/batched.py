"""Dense nets through torch, many points of a plane at once: for graphics processors and for double precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from foldscape.curvature.stack import DenseStack
from foldscape.landscape.evaluator import Losses
from foldscape.landscape.module import ModuleEvaluator

Layers = list[tuple[torch.Tensor, torch.Tensor]]

CACHED = 1 << 18
"""Entries of a hidden layer worked on at once on a processor, to stay in its cache."""
LARGE = 1 << 27
"""The same on a graphics processor, to fill it."""


class BatchedEvaluator(ModuleEvaluator):
    """Mean cross-entropy and accuracy of a stack of linear layers with biases.

    The first layer's pre-activations are affine in the coordinates and are combined; the layers after it are batched
    matrix products over points. A value may differ in its last bits with the number of points in the call.

    Args:
        module: The net, as ``dense_stack`` recognises it.
        stack: Its parts.
        X: (N, inputs) samples.
        y: (N,) classes.
        chunk: Samples that go through the net together.
    """

    def __init__(self, module: nn.Module, stack: DenseStack, X: Any, y: Any, chunk: int = 1024) -> None:
        super().__init__(module, X, y, chunk=chunk)
        slope = stack.negative_slope or 0.0
        self.is_tanh, self.slope = stack.activation == "tanh", slope

    @property
    def setup(self) -> float:
        """Cost of a call before its first point, in points: three passes through the first layer."""
        first, rest = self.blocks[0].numel, self.size - self.blocks[0].numel
        return 3 * first / (rest + 2 * self.blocks[0].shape[0])

    def on_plane(
        self, a: ArrayLike, b: ArrayLike, first: ArrayLike, second: ArrayLike | None, origin: ArrayLike | None = None
    ) -> Losses:
        """Measure at the points origin + a first + b second; see ``Evaluator.on_plane``."""
        steps = [self._tensor_of(values) for values in (a, b)]
        vectors = [origin, first] if second is None else [origin, first, second]
        nets = [self._layers(self._tensor(vector)) for vector in vectors]
        points = len(steps[0])
        loss, right = (torch.zeros(points, dtype=torch.float64, device=self.device) for _ in range(2))
        widest = max(block.shape[0] for block in self.blocks)
        room = CACHED if self.device.type == "cpu" else LARGE
        with torch.no_grad():
            for inputs, labels in zip(torch.split(self.X, self.chunk), torch.split(self.y, self.chunk), strict=True):
                heads = [torch.addmm(bias[:, None], weight, inputs.T) for weight, bias in (net[0] for net in nets)]
                batch = max(1, room // (widest * len(inputs)))
                for at in range(0, points, batch):
                    part = slice(at, at + batch)
                    logits = self._logits(heads, nets, [step[part] for step in steps])
                    wanted = labels.expand(len(logits), -1)
                    loss[part] += nn.functional.cross_entropy(logits, wanted, reduction="none").sum(
                        1, dtype=torch.float64
                    )
                    right[part] += (logits.argmax(1) == labels).sum(1)
        measured, shares = loss.cpu().numpy() / self.samples, right.cpu().numpy() / self.samples
        return Losses(measured, np.where(np.isfinite(measured), shares, np.nan))

    def _logits(self, heads: list[torch.Tensor], nets: list[Layers], steps: list[torch.Tensor]) -> torch.Tensor:
        """Give the outputs (points, classes, samples): with the samples last, all passes run over long rows."""
        z = _combined(heads, steps)
        for layer in range(1, len(nets[0])):
            weight, bias = (_combined([net[layer][kind] for net in nets], steps) for kind in (0, 1))
            z = torch.baddbmm(bias[:, :, None], weight, self._active(z))
        return z

    def _active(self, z: torch.Tensor) -> torch.Tensor:
        if self.is_tanh:
            return z.tanh_()
        return nn.functional.leaky_relu_(z, self.slope) if self.slope else z.relu_()

    def _layers(self, theta: torch.Tensor) -> Layers:
        parts = [theta[block.span].view(block.shape) for block in self.blocks]
        return list(zip(parts[::2], parts[1::2], strict=True))

    def _tensor_of(self, values: ArrayLike) -> torch.Tensor:
        return torch.tensor(np.asarray(values, dtype=np.float64).ravel(), dtype=self.dtype, device=self.device)


def _combined(parts: list[torch.Tensor], steps: list[torch.Tensor]) -> torch.Tensor:
    """Give origin + a first + b second for every point, (points, ...)."""
    total = parts[0]
    for part, step in zip(parts[1:], steps, strict=False):
        total = total + step.view(-1, *(1 for _ in part.shape)) * part
    return total
