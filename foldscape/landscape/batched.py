"""Dense nets through torch, many points of a plane at once: for graphics processors and for double precision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from foldscape.curvature.stack import DenseStack
from foldscape.landscape.evaluator import Losses
from foldscape.landscape.module import ModuleEvaluator

Layers = list[tuple[torch.Tensor, torch.Tensor]]
Parts = Sequence[tuple[torch.Tensor, ...]]
"""Pre-activations of the first layer for some samples, then the layers after it."""

CACHED = 1 << 19
"""Entries of a hidden layer worked on at once on a processor, to stay in its larger cache."""
LARGE = 1 << 27
"""The same on a graphics processor, to fill it."""


class BatchedEvaluator(ModuleEvaluator):
    """Mean cross-entropy and accuracy of a stack of linear layers with biases.

    The first layer's pre-activations are affine in the coordinates: they are combined once for a row of points of one
    ``b``, then once for each point. The layers after it are batched matrix products over points. A value may differ in
    its last bits with the number of points in the call.

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
        along, rows = self._tensor_of(a), list(rows_of(np.asarray(b, dtype=np.float64).ravel().tolist()))
        vectors = [origin, first] if second is None else [origin, first, second]
        nets = [self._layers(self._tensor(vector)) for vector in vectors]
        loss, right = (torch.zeros(len(along), dtype=torch.float64, device=self.device) for _ in range(2))
        widest = max(block.shape[0] for block in self.blocks)
        room = CACHED if self.device.type == "cpu" else LARGE
        with torch.inference_mode():
            for inputs, labels in zip(torch.split(self.X, self.chunk), torch.split(self.y, self.chunk), strict=True):
                heads = [(torch.addmm(bias[:, None], weight, inputs.T),) for weight, bias in (net[0] for net in nets)]
                parts = [[head, *net[1:]] for head, net in zip(heads, nets, strict=True)]
                batch = max(1, room // (widest * len(inputs)))
                for row, across in rows:
                    start = parts[0] if second is None else _on_row(parts[0], across, parts[2])
                    for at in range(row.start, row.stop, batch):
                        part = slice(at, min(at + batch, row.stop))
                        lost, hits = summed(self._logits(start, parts[1], along[part]), labels)
                        loss[part] += lost
                        right[part] += hits
        measured, shares = loss.cpu().numpy() / self.samples, right.cpu().numpy() / self.samples
        return Losses(measured, np.where(np.isfinite(measured), shares, np.nan))

    def _logits(self, start: Parts, step: Parts, t: torch.Tensor) -> torch.Tensor:
        """Give the outputs (points, classes, samples): with the samples last, all passes run over long rows."""
        (z,), *rest = _at_points(start, t, step)
        for weight, bias in rest:
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


def rows_of(values: list[float]) -> Iterator[tuple[range, float]]:
    """Cut some numbers into runs of equal neighbours, each with its value."""
    start = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[start]:
            yield range(start, at), values[start]
            start = at


def summed(logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the cross-entropy and the right answers of each point, summed over the samples; overwrites the logits.

    Args:
        logits: (points, classes, samples).
        labels: (samples,).
    """
    best, found = logits.max(1)
    own = logits.gather(1, labels.expand(len(logits), 1, -1)).squeeze(1)
    odds = logits.sub_(best[:, None]).exp_().sum(1)
    lost = odds.log_().add_(best.sub_(own))
    return lost.sum(1, dtype=torch.float64), (found == labels).sum(1)


def _on_row(start: Parts, b: float, step: Parts) -> Parts:
    """Give start + b step, part by part."""
    pairs = [zip(one, two, strict=True) for one, two in zip(start, step, strict=True)]
    return [tuple(torch.add(origin, along, alpha=b) for origin, along in pair) for pair in pairs]


def _at_points(start: Parts, t: torch.Tensor, step: Parts) -> Parts:
    """Give start + t step for every t, each part (points, ...)."""
    pairs = [zip(one, two, strict=True) for one, two in zip(start, step, strict=True)]
    return [
        tuple(torch.addcmul(origin, t.view(-1, *(1 for _ in along.shape)), along) for origin, along in pair)
        for pair in pairs
    ]
