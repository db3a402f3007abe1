"""The evaluator of nets that are graphs: a point is a vector of edge weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import FloatArray, Vector
from foldscape.device import Device
from foldscape.errors import InvalidInput
from foldscape.landscape.edges import node_blocks
from foldscape.landscape.evaluator import Evaluator, Losses
from foldscape.losses import Loss, loss_of
from foldscape.net import wide
from foldscape.net.dag import Dag
from foldscape.net.labels import class_numbers

ENTRIES = 1 << 19
"""Entries of the largest array that is worked on at once, to stay in cache."""
SAMPLES = 1024
"""Samples that pass through the net together."""


class GraphEvaluator(Evaluator):
    """Mean loss and accuracy of a graph, in double precision.

    What the inputs give to all nodes is affine in the coordinates of a plane: it is worked out once and combined at
    every point, for some points at once.

    Args:
        net: The net.
        X: (N, inputs) samples.
        y: (N,) classes from 0.
        loss: A loss, or its kind.

    Raises:
        InvalidInput: If the data do not fit.
    """

    def __init__(self, net: Dag, X: ArrayLike, y: ArrayLike, loss: str | Loss = "cross_entropy") -> None:
        self.net, self.graph = net, net.graph
        self._x, self._y = np.asarray(X, np.float64), class_numbers(y, max(net.graph.n_outputs, 2))
        if self._x.shape != (len(self._y), self.graph.n_inputs) or not len(self._y):
            raise InvalidInput(
                f"Samples of shape {self._x.shape} came with labels of shape {self._y.shape}.",
                hint=f"Give (N, {self.graph.n_inputs}) and (N,), with at least one sample.",
            )
        self.theta, self.blocks = net.weight.astype(np.float64), node_blocks(self.graph)
        self.samples, self.loss = len(self._y), loss_of(loss)
        self.loss.check_outputs(self.graph.n_outputs)

    @property
    def setup(self) -> float:
        """Cost of a call before its first point, in points: three passes of the inputs to all nodes."""
        nodes = len(self.graph.hidden) + self.graph.n_outputs
        inner = sum(rows * (columns - self.graph.n_inputs) for rows, columns in self.graph.shapes)
        return 3 * nodes * self.graph.n_inputs / (4 * nodes + inner)

    def on_plane(
        self, a: ArrayLike, b: ArrayLike, first: ArrayLike, second: ArrayLike | None, origin: ArrayLike | None = None
    ) -> Losses:
        """Measure at the points origin + a first + b second; see ``Evaluator.on_plane``."""
        places = np.stack([np.asarray(a, np.float64).ravel(), np.asarray(b, np.float64).ravel()])
        vectors = [origin, first] if second is None else [origin, first, second]
        nets = [self.graph.scatter(self.vector(vector)) for vector in vectors]
        inner = [[weight[:, self.graph.n_inputs :] for weight in weights] for weights, _ in nets]
        loss, right = np.zeros(places.shape[1]), np.zeros(places.shape[1])
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, self.samples, SAMPLES):
                x, y = self._x[start : start + SAMPLES].T, self._y[start : start + SAMPLES]
                heads = [self._heard(weights, biases, x) for weights, biases in nets]
                for part in _parts(places.shape[1], heads[0].size):
                    logits = self._logits(heads, inner, places[:, part])
                    loss[part] += self.loss.mean(logits, y) * len(y)
                    right[part] += (logits.argmax(axis=1) == y).sum(axis=1)
        loss /= self.samples
        return Losses(loss, np.where(np.isfinite(loss), right / self.samples, np.nan))

    def _heard(self, weights: tuple[FloatArray, ...], biases: tuple[FloatArray, ...], x: Vector) -> Vector:
        """Give what inputs and constant alone give to all nodes, outputs last, (nodes, samples)."""
        first = np.concatenate([weight[:, : self.graph.n_inputs] for weight in weights])
        return np.asarray(first @ x + np.concatenate(biases)[:, None])

    def _logits(self, heads: list[Vector], inner: list[list[FloatArray]], places: Vector) -> Vector:
        """Give the outputs (points, classes, samples)."""
        z, row = _at(heads, places), 0
        for layer in zip(*inner, strict=True):
            own = z[:, row : row + layer[0].shape[0]]
            if row:
                own += _at(layer, places) @ z[:, :row]
            row += layer[0].shape[0]
            if row < z.shape[1]:
                own[:] = self.net.activate(own)
        return z[:, -self.graph.n_outputs :]

    def gradient(self, theta: ArrayLike, batch: NDArray[np.int64]) -> Vector:
        """Give the gradient (E,) of the mean loss over some samples."""
        net = self.net.with_weight(self.vector(theta))
        found = wide.mean_and_gradient(net, self._x[batch], self._y[batch], self.loss)
        return np.asarray(self.graph.gather(found[2]), np.float64)


def _at(parts: Sequence[FloatArray], places: Vector) -> Vector:
    """Give parts[0] + a parts[1] + b parts[2] for each of some points (2, points)."""
    a, b = places[:, :, None, None]
    found = a * parts[1]
    found += parts[0]
    if len(parts) > 2:
        found += b * parts[2]
    return np.asarray(found)


def _parts(points: int, entries: int) -> Iterator[slice]:
    at_once = max(1, ENTRIES // entries)
    for start in range(0, points, at_once):
        yield slice(start, start + at_once)


def evaluator_of(
    net: Dag,
    x: ArrayLike,
    y: ArrayLike,
    loss: str | Loss = "cross_entropy",
    threads: int = 2,
    device: Device = "cpu",
) -> Evaluator:
    """Take a graph, on the processor by matrix products; see ``Weights.evaluator``."""
    return GraphEvaluator(net, x, y, loss)
