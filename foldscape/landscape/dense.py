"""The compiled evaluator of dense nets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import Float32Array, Vector
from foldscape.curvature import Block
from foldscape.device import Device
from foldscape.errors import InvalidInput
from foldscape.landscape import kernels
from foldscape.landscape.evaluator import Evaluator, Losses
from foldscape.landscape.vectors import dense_blocks, flattened
from foldscape.losses import Loss
from foldscape.net.kernels import RELU, TANH, loss_and_gradient
from foldscape.net.labels import class_numbers
from foldscape.net.mlp import Weights

CHUNK = 8
"""Panels of samples that one thread takes at a time, and that are summed together."""
_SPARE = 8
"""Entries after the parameters that vector loads may touch."""


class DenseEvaluator(Evaluator):
    """Mean cross-entropy and accuracy of a dense net, in single precision with sums in double.

    Args:
        weights: One (out, in) array a layer, the output layer last.
        biases: One (out,) array a layer.
        activation: ``relu``, ``leaky_relu`` or ``tanh``, after every layer but the last.
        X: (N, inputs) samples.
        y: (N,) classes from 0.
        negative_slope: Slope of ``leaky_relu`` on its inactive side, 0 to 1.
        threads: Threads to work with; fewer where the machine has fewer cores.

    Raises:
        InvalidInput: If layers or data do not chain, or a name is unknown.

    Example:
        >>> flat = DenseEvaluator([np.zeros((2, 3))], [np.zeros(2)], "relu", np.ones((5, 3)), np.zeros(5))
        >>> flat.at(flat.theta).loss.round(6)
        array([0.693147])
    """

    def __init__(
        self,
        weights: Sequence[ArrayLike],
        biases: Sequence[ArrayLike],
        activation: str,
        X: ArrayLike,
        y: ArrayLike,
        *,
        negative_slope: float = 0.01,
        threads: int = 2,
    ) -> None:
        matrices, offsets = [np.asarray(w) for w in weights], [np.asarray(b) for b in biases]
        points, labels = np.asarray(X, dtype=np.float32), np.asarray(y)
        self.sizes = _checked_sizes(matrices, offsets, points, labels)
        self.blocks: tuple[Block, ...] = dense_blocks(matrices)
        self.theta = flattened(matrices, offsets)
        self.samples = len(points)
        self.is_tanh, self.slope = _function(activation, negative_slope)
        self.threads = max(1, min(threads, len(os.sched_getaffinity(0))))
        self._lay_out(points, labels)

    def _lay_out(self, points: Float32Array, labels: NDArray[np.integer]) -> None:
        """Copy the samples into panels, those of a panel side by side; the last one is filled up with zeros."""
        self._points, self._labels = points.astype(np.float64), labels.astype(np.int64)
        lanes, count = kernels.PANEL, self.samples
        panels = -(-count // lanes)
        padded = np.zeros((panels * lanes, points.shape[1]), np.float32)
        padded[:count] = points
        classes = np.zeros(panels * lanes, np.float32)
        classes[:count] = labels
        self._x = np.ascontiguousarray(padded.reshape(panels, lanes, -1).transpose(0, 2, 1)).reshape(panels, -1)
        self._y = classes.reshape(panels, lanes)
        self._filled = np.full(panels, lanes)
        self._filled[-1] = count - lanes * (panels - 1)

    @property
    def setup(self) -> float:
        """Cost of a call before its first point, in points: three passes through the first layer."""
        pairs = self.sizes[:-1] * self.sizes[1:]
        return float(3 * pairs[0] / (2 * self.sizes[1] + pairs[1:].sum() + 16 * self.sizes[-1]))

    def on_plane(
        self, a: ArrayLike, b: ArrayLike, first: ArrayLike, second: ArrayLike | None, origin: ArrayLike | None = None
    ) -> Losses:
        """Measure at the points origin + a first + b second; see ``Evaluator.on_plane``."""
        along, across = np.asarray(a, dtype=np.float32).ravel(), np.asarray(b, dtype=np.float32).ravel()
        if along.shape != across.shape or (second is None and across.any()):
            raise InvalidInput(
                f"{along.size} coordinates came with {across.size} others.", hint="Give one each, and a direction each."
            )
        start, step = self._single(origin), self._single(first)
        other = step if second is None else self._single(second)
        starts = range(0, len(self._x), CHUNK)

        def summed(panel: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
            part = slice(panel, panel + CHUNK)
            losses, hits = np.zeros(len(along)), np.zeros(len(along), np.int64)
            data = self._x[part], self._y[part], self._filled[part]
            shape = self.sizes, self.is_tanh, self.slope
            kernels.plane_sums(start, step, other, *shape, *data, along, across, losses, hits)
            return losses, hits

        many = self.threads > 1 and len(starts) > 1
        sums = list((_pool(self.threads).map if many else map)(summed, starts))
        loss = np.sum([losses for losses, _ in sums], axis=0) / self.samples
        right = np.sum([hits for _, hits in sums], axis=0) / self.samples
        return Losses(loss, np.where(np.isfinite(loss), right, np.nan))

    def gradient(self, theta: ArrayLike, batch: NDArray[np.int64]) -> Vector:
        """Give the gradient (P,) of the mean loss over some samples, in double precision."""
        kind = TANH if self.is_tanh else RELU
        x, gradient = np.ascontiguousarray(self._points[batch].T), np.zeros(self.size)
        loss_and_gradient(self.vector(theta), self.sizes, kind, float(self.slope), x, self._labels[batch], gradient)
        return gradient

    def _single(self, values: ArrayLike | None) -> Float32Array:
        padded = np.zeros(self.size + _SPARE, np.float32)
        with np.errstate(over="ignore"):
            padded[: self.size] = self.vector(values)
        return padded


def warm() -> None:
    """Compile, or load from disk, what the first landscape needs."""
    tiny = DenseEvaluator([np.eye(2)] * 2, [np.zeros(2)] * 2, "relu", np.eye(2), np.arange(2))
    tiny.at(tiny.theta)
    tiny.gradient(tiny.theta, np.arange(2))


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="landscape")


def _function(activation: str, negative_slope: float) -> tuple[bool, np.float32]:
    slopes = {"relu": 0.0, "leaky_relu": negative_slope, "tanh": 0.0}
    if activation not in slopes or not 0 <= slopes[activation] <= 1:
        raise InvalidInput(
            f"Activation {activation!r} with a slope of {negative_slope} is not compiled.",
            hint="Choose relu, leaky_relu with a slope from 0 to 1, or tanh; Evaluator.of_module takes any net.",
        )
    return activation == "tanh", np.float32(slopes[activation])


def _checked_sizes(
    matrices: list[NDArray[np.floating]],
    offsets: list[NDArray[np.floating]],
    points: Float32Array,
    labels: NDArray[np.integer],
) -> NDArray[np.int64]:
    """Give inputs, widths and classes, or raise InvalidInput."""
    shapes = [matrix.shape for matrix in matrices]
    if points.ndim != 2 or len(points) == 0 or labels.shape != (len(points),):
        raise InvalidInput(
            f"Samples of shape {points.shape} came with labels of shape {labels.shape}.",
            hint="Give (N, inputs) and (N,), with at least one sample.",
        )
    sizes = [points.shape[1], *(len(offset) for offset in offsets)]
    if shapes != list(zip(sizes[1:], sizes[:-1], strict=True)) or sizes[-1] < 2:
        raise InvalidInput(
            f"Weights of shapes {shapes} do not chain from {sizes[0]} inputs.",
            hint="Give (out, in) arrays, one bias vector each, and at least two outputs.",
        )
    class_numbers(labels, sizes[-1])
    return np.array(sizes, np.int64)


def evaluator_of(
    net: Weights,
    x: ArrayLike,
    y: ArrayLike,
    loss: str | Loss = "cross_entropy",
    threads: int = 2,
    device: Device = "cpu",
) -> Evaluator:
    """Take a chain of layers, batch normalisation folded in; see ``Weights.evaluator``."""
    net = net.folded()
    options: dict[str, Any] = {"negative_slope": net.inactive_slope, "threads": threads, "loss": loss, "device": device}
    return Evaluator.of_net(net.weights, net.biases, net.activation, x, y, **options)
