"""Dense nets through torch, many points of a plane at once: for graphics processors, double precision, other losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from foldscape.curvature.stack import DenseStack
from foldscape.device import Device, steady, torch_device
from foldscape.landscape.evaluator import Losses
from foldscape.landscape.module import ModuleEvaluator
from foldscape.landscape.rows import rows_of
from foldscape.landscape.scores import scored
from foldscape.losses import Loss, loss_of

ParameterTensors = Sequence[torch.Tensor]
"""Pre-activations of the first layer for some samples, then the matrices of the layers after it."""

CACHED = 1 << 19
"""Entries of a hidden layer worked on at once on a processor, to stay in its larger cache."""
LARGE = 1 << 27
"""The same on a graphics processor, to fill it."""
SATURATED = 20.0
"""Where tanh is 1 to the last bit."""


class SampleChunk(NamedTuple):
    """Some samples, with what the work on them needs.

    Attributes:
        inputs: (inputs + 1, samples), the last row ones.
        labels: (samples,) classes.
        own: (samples,) place of each sample's own class among (classes, samples), laid end to end.
        layers: What the layers give, each (points, units + 1, samples); of the last one no row of ones.
    """

    inputs: torch.Tensor
    labels: torch.Tensor
    own: torch.Tensor
    layers: list[torch.Tensor]


class BatchedEvaluator(ModuleEvaluator):
    """Mean loss and accuracy of a stack of linear layers with biases.

    The first layer's pre-activations are affine in the coordinates: they are combined once for a row of points of one
    ``b``, then once for each point. The layers after it are batched matrix products over points. A unit that is always
    1 stands last in each layer, so that its weights are the biases. A value may differ in its last bits with the number
    of points in the call.

    Args:
        module: The net, as ``dense_stack`` recognises it.
        stack: Its parts.
        X: (N, inputs) samples, or data that hold them and their classes.
        y: (N,) classes.
        chunk: Samples that go through the net together.
        loss: A loss, or its kind.
    """

    def __init__(
        self,
        module: nn.Module,
        stack: DenseStack,
        X: Any,
        y: Any = None,
        chunk: int = 1024,
        loss: str | Loss = "cross_entropy",
    ) -> None:
        super().__init__(module, X, y, loss, chunk)
        self.is_tanh, self.slope = stack.activation == "tanh", stack.negative_slope or 0.0
        self.loss = loss_of(loss)
        self._widths = [weight.shape[0] for weight in stack.weights]
        batches = [chunk.batch for chunk in self.mean.chunks]
        self._chunks = [self._laid_out(one.inputs.flatten(1), one.labels) for one in batches if one.labels is not None]

    @staticmethod
    def of_arrays(
        weights: Sequence[ArrayLike],
        biases: Sequence[ArrayLike],
        activation: str,
        X: ArrayLike,
        y: ArrayLike,
        negative_slope: float = 0.01,
        loss: str | Loss = "cross_entropy",
        device: Device = "cpu",
    ) -> BatchedEvaluator:
        """Take a dense net as plain arrays, in single precision; see ``DenseEvaluator`` for the shapes.

        Returns:
            The evaluator.

        Raises:
            NoDevice: If the device is not on this machine.
        """
        place = torch_device(device)
        kinds = {"relu": nn.ReLU(), "tanh": nn.Tanh(), "leaky_relu": nn.LeakyReLU(negative_slope)}
        layers: list[nn.Module] = []
        for weight, bias in zip(weights, biases, strict=True):
            rows, columns = np.shape(weight)
            layer = nn.Linear(columns, rows, device=place)
            for parameter, values in ((layer.weight, weight), (layer.bias, bias)):
                parameter.data.copy_(torch.tensor(np.asarray(values)))
            layers += [layer, kinds[activation]]
        linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
        slope = negative_slope if activation == "leaky_relu" else None
        stack = DenseStack([one.weight for one in linear], [one.bias for one in linear], activation, slope)
        labels = torch.tensor(np.asarray(y))
        return BatchedEvaluator(nn.Sequential(*layers[:-1]), stack, np.array(X, np.float32), labels, loss=loss)

    def _laid_out(self, inputs: torch.Tensor, labels: torch.Tensor) -> SampleChunk:
        count, widths = len(inputs), self._widths
        padded = torch.cat([inputs.T, inputs.new_ones(1, count)])
        room = CACHED if self.device.type == "cpu" else LARGE
        batch = max(1, room // (max(widths) * count))
        heights = [*(width + 1 for width in widths[:-1]), widths[-1]]
        layers = [inputs.new_empty(batch, height, count) for height in heights]
        return SampleChunk(padded, labels, labels * count + torch.arange(count, device=self.device), layers)

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
        nets = [self._matrices(self._tensor(vector), float(place == 0)) for place, vector in enumerate(vectors)]
        loss, right = (torch.zeros(len(along), dtype=torch.float64, device=self.device) for _ in range(2))
        with torch.inference_mode(), steady(self.device):
            for chunk in self._chunks:
                parts = [[torch.mm(net[0], chunk.inputs), *net[1:]] for net in nets]
                batch = len(chunk.layers[0])
                for row, across in rows:
                    start = parts[0] if second is None else _on_row(parts[0], across, parts[2])
                    for at in range(row.start, row.stop, batch):
                        part = slice(at, min(at + batch, row.stop))
                        logits = self._logits(start, parts[1], along[part], chunk.layers)
                        lost, hits = scored(logits, chunk.labels, chunk.own, self.loss)
                        loss[part] += lost
                        right[part] += hits
        measured, shares = loss.cpu().numpy() / self.samples, right.cpu().numpy() / self.samples
        return Losses(measured, np.where(np.isfinite(measured), shares, np.nan))

    def _logits(
        self, start: ParameterTensors, step: ParameterTensors, t: torch.Tensor, layers: list[torch.Tensor]
    ) -> torch.Tensor:
        """Give the outputs (points, classes, samples): with the samples last, all passes run over long rows."""
        factor, rooms = t.view(-1, 1, 1), [layer[: len(t)] for layer in layers]
        z = torch.addcmul(start[0], factor, step[0], out=rooms[0])
        for origin, along, room in zip(start[1:], step[1:], rooms[1:], strict=True):
            z = torch.bmm(torch.addcmul(origin, factor, along), self._active(z), out=room)
        return z

    def _active(self, z: torch.Tensor) -> torch.Tensor:
        if self.is_tanh:
            return z.tanh_()
        return nn.functional.leaky_relu_(z, self.slope) if self.slope else z.relu_()

    def _matrices(self, theta: torch.Tensor, one: float) -> list[torch.Tensor]:
        """Give each layer as (units + 1, inputs + 1) with the biases last; of a direction the last row is 0."""
        parts = [theta[block.span].view(block.shape) for block in self.blocks]
        layers = [torch.cat([weight, bias[:, None]], 1) for weight, bias in zip(parts[::2], parts[1::2], strict=True)]
        for place, layer in enumerate(layers[:-1]):
            kept = layer.new_zeros(1, layer.shape[1])
            kept[0, -1] = one * (SATURATED if self.is_tanh else 1)
            layers[place] = torch.cat([layer, kept])
        return layers

    def _tensor_of(self, values: ArrayLike) -> torch.Tensor:
        return torch.tensor(np.asarray(values, dtype=np.float64).ravel(), dtype=self.dtype, device=self.device)


def _on_row(start: ParameterTensors, b: float, step: ParameterTensors) -> ParameterTensors:
    """Give start + b step, part by part."""
    return [torch.add(origin, along, alpha=b) for origin, along in zip(start, step, strict=True)]
