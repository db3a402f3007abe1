"""The compiled engine: trains small dense nets in machine code, without the GIL.

It agrees with the torch engine to rounding and repeats its own bits on one machine: the samples of a batch are summed
in one fixed order, however the updates are split into calls.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from foldscape.engine import kernels, kernels_update
from foldscape.engine.base import Memory
from foldscape.engine.kernels_lanes import LANES
from foldscape.engine.kernels_update import ADAM, AGE, FIRST, MOMENTUM, NESTEROV, SECOND, SGD, THETA
from foldscape.errors import NotPossible
from foldscape.net.mlp import Weights
from foldscape.optimizer import Adam, Momentum, Optimizer

Floats = npt.NDArray[np.float32]

LONGEST_TABLE = 1 << 16


class Shape:
    """Where the parts of a net lie in the flat arrays of the kernels.

    Args:
        weights: A net.
        batch: Samples a batch.

    Raises:
        NotPossible: If the net has batch normalisation.
    """

    def __init__(self, weights: Weights, batch: int) -> None:
        if weights.is_normed:
            raise NotPossible(
                "The compiled engine knows no batch normalisation.", hint='Set engine to "torch" or "auto".'
            )
        fans = [part.shape for part in weights.weights]
        self.lanes = _whole_vectors(batch)
        self.row = min(self.lanes, kernels.PANEL)
        self.plan = np.zeros((len(fans), 6), np.int64)
        self.parts: list[tuple[slice, tuple[int, ...]]] = []
        start = self.work = 0
        for layer, (fan_out, fan_in) in enumerate(fans):
            biases = start + fan_out * fan_in
            self.plan[layer] = fan_in, fan_out, start, biases, self.work, self.work + fan_out * self.row
            self.parts.append((slice(start, biases), (fan_out, fan_in)))
            self.parts.append((slice(biases, biases + fan_out), (fan_out,)))
            start = biases + fan_out
            self.work += 2 * fan_out * self.row
        self.parameters = start
        self.width = _whole_vectors(start)

    def split(self, flat: Floats) -> tuple[Floats, ...]:
        """Give a copy of a flat row as the arrays of ``Weights.flat``."""
        flat = flat.copy()
        return tuple([flat[place].reshape(shape) for place, shape in self.parts])

    def join(self, parts: Sequence[npt.NDArray[np.floating]], row: Floats) -> None:
        """Write the arrays of ``Weights.flat`` into a flat row."""
        for (place, _), part in zip(self.parts, parts, strict=True):
            row[place] = part.ravel()


class Joins(Protocol):
    """Knows where the parts of a net lie in a flat row."""

    def join(self, parts: Sequence[npt.NDArray[np.floating]], row: Floats) -> None:
        """Write the arrays of ``Weights.flat`` into a flat row."""


class Rule:
    """An optimiser as the kernels read it: its number, its rates and a table of Adam's bias corrections."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.number = SGD
        self.table = np.ones((2, 1), np.float32)
        self.rates = np.zeros(kernels_update.RATES)
        if isinstance(optimizer, Momentum):
            self.number = NESTEROV if optimizer.nesterov else MOMENTUM
            self.rates[kernels_update.KEPT] = optimizer.momentum
        elif isinstance(optimizer, Adam):
            self.number = ADAM
            self.rates[kernels_update.BETA1] = optimizer.beta1
            self.rates[kernels_update.BETA2] = optimizer.beta2
            self.rates[kernels_update.EPSILON] = optimizer.epsilon
            self.table = _corrections(optimizer.beta1, optimizer.beta2)

    @property
    def rows(self) -> tuple[int, ...]:
        """Rows of the state that this optimiser remembers."""
        return {SGD: (), ADAM: (FIRST, SECOND, AGE)}.get(self.number, (FIRST,))

    def restore(self, shape: Joins, state: Floats, memory: Memory) -> None:
        """Write a memory into the rows of a net's state."""
        for row, parts in zip((FIRST, SECOND, AGE), (memory.first, memory.second, memory.age), strict=True):
            if row in self.rows:
                shape.join(parts, state[row])

    def rates_now(self, lr: float, weight_decay: float, slope: float) -> npt.NDArray[np.float64]:
        """Give the rates with those that may change between calls."""
        self.rates[[kernels_update.LR, kernels_update.WEIGHT_DECAY, kernels_update.SLOPE]] = lr, weight_decay, slope
        return self.rates


class CompiledEngine:
    """Mini-batch training of a small fully connected net with cross-entropy, on one processor.

    Args:
        weights: The net to start from.
        optimizer: How it learns.
        x: (N, features) training points, float32.
        y: (N,) their classes.
        batch: Points a batch; the last of an epoch may have fewer.
    """

    def __init__(self, weights: Weights, optimizer: Optimizer, x: np.ndarray, y: np.ndarray, batch: int) -> None:
        self.lr = optimizer.lr
        self.weight_decay = optimizer.weight_decay
        self._rule = Rule(optimizer)
        self._x = np.ascontiguousarray(x, np.float32)
        self._y = np.ascontiguousarray(y, np.int64)
        self._batch = batch
        self._order: npt.NDArray[np.int64] | None = None
        self.load(weights, None)

    @property
    def weights(self) -> Weights:
        """A copy of the present parameters."""
        parts = self._shape.split(self._state[THETA])
        return Weights(parts[0::2], parts[1::2], self._activation, self._slope)

    @property
    def memory(self) -> Memory:
        """A copy of the optimiser's memory."""
        return Memory(*(self._shape.split(self._state[row]) for row in self._rule.rows))

    def load(self, weights: Weights, memory: Memory | None) -> None:
        """Replace parameters and memory."""
        self._activation, self._slope = weights.activation, weights.negative_slope
        shape = self._shape = Shape(weights, self._batch)
        self._state = aligned(kernels_update.ROWS, shape.width)
        shape.join(weights.flat(), self._state[THETA])
        if memory is not None:
            self._rule.restore(shape, self._state, memory)
        self._sizes, self._work = workspace(shape, weights, self._rule, self._x, self._batch, self._state[AGE])
        if self._order is not None:
            self.begin_epoch(self._order)

    def begin_epoch(self, order: np.ndarray, *, first_step: int = 0) -> None:
        """Lay the points out in the order of the coming batches; no update has any chance of its own."""
        self._order = order
        kernels.lay_out(self._x, self._y, order, self._sizes, self._work)

    def train(self, first_batch: int, updates: int) -> None:
        """Do so many updates from a batch of the present epoch on."""
        slope = self._slope if self._activation == "leaky_relu" else 0
        rates = self._rule.rates_now(self.lr, self.weight_decay, slope)
        kernels.train(
            self._shape.plan, self._state, self._work, self._rule.table, self._sizes, rates, first_batch, updates
        )


def workspace(
    shape: Shape, weights: Weights, rule: Rule, x: Floats, batch: int, age: Floats
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Give the kernels' ``sizes`` and ``work`` for one net on one training set."""
    points, features = x.shape
    batches = -(-points // batch)
    epoch = shape.work + 2 * shape.lanes
    ages = age[: shape.parameters]
    sizes = np.zeros(10, np.int64)
    sizes[kernels.POINTS], sizes[kernels.BATCH], sizes[kernels.FEATURES] = points, batch, features
    sizes[kernels.BATCH_LANES], sizes[kernels.ROW] = shape.lanes, shape.row
    sizes[kernels.SHARES], sizes[kernels.EPOCH] = shape.work, epoch
    sizes[kernels.RULE] = rule.number
    sizes[kernels.IS_TANH], sizes[kernels.SAME_AGE] = weights.activation == "tanh", (ages == ages[0]).all()
    work = aligned(1, epoch + batches * (1 + features) * shape.lanes)[0]
    shares = work[shape.work : epoch].reshape(2, shape.lanes)
    for row, many in zip(shares, (batch, points - (batches - 1) * batch), strict=True):
        row[:many] = 1 / many
    return sizes, work


def aligned(rows: int, width: int) -> Floats:
    """Give zeros that start where a line of the cache does, so that no vector lies across two."""
    raw = np.zeros(rows * width + 16, np.float32)
    start = -raw.ctypes.data // 4 % 16
    return raw[start : start + rows * width].reshape(rows, width)


def warm() -> None:
    """Compile every kernel, or fetch it from the cache on disk. Call it when a worker starts."""
    x, y, order = np.zeros((2, 2), np.float32), np.zeros(2, np.int64), np.arange(2)
    net = Weights((np.zeros((2, 2), np.float32),), (np.zeros(2, np.float32),))
    shape, rule = Shape(net, 2), Rule(Optimizer(kind="sgd"))
    states = aligned(kernels_update.ROWS, shape.width)[None]
    sizes, work = workspace(shape, net, rule, x, 2, states[0, 0])
    kernels.lay_out(x, y, order, sizes, work)
    kernels.train(shape.plan, states[0], work, rule.table, sizes, rule.rates, 0, 1)
    kernels.train_nets(shape.plan, states, work, rule.table, sizes, rule.rates, x, y, order[None, None], 0, 1)


def _whole_vectors(length: int) -> int:
    return -(-length // LANES) * LANES


def _corrections(beta1: float, beta2: float) -> Floats:
    """Tabulate 1 / (1 - beta**age) by age, as far as it differs from 1 or up to a limit; age 0 never occurs.

    Beta and its power are rounded to float32, as in the torch engine: with 0.999 that changes the length of the first
    steps by some 1e-5 of it, and the two engines shall take the same steps.

    Returns:
        (2, ages) float32, a row for each beta.
    """
    slowest = max(beta1, beta2)
    length = 2 + (math.ceil(-18 / math.log(slowest)) if slowest > 0 else 0)
    age = np.arange(1, min(length, LONGEST_TABLE))
    table = np.ones((2, len(age) + 1), np.float32)
    for row, beta in zip(table, (beta1, beta2), strict=True):
        row[1:] = 1 / (1 - (np.float64(np.float32(beta)) ** age).astype(np.float32))
    return table
