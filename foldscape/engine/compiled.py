"""The compiled engine: trains small dense nets in machine code, without the GIL.

It agrees with the torch engine to rounding and repeats its own bits on one machine: the samples of a batch are summed
in one fixed order, however the updates are split into calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float32Array
from foldscape.engine import kernels, kernels_update
from foldscape.engine.base import Memory, RatePerUpdate
from foldscape.engine.flat import FlatEngine
from foldscape.engine.kernels_lanes import LANES
from foldscape.engine.kernels_update import AGE, THETA
from foldscape.engine.pushing import Push, aligned
from foldscape.engine.rule import Rule
from foldscape.errors import NotPossible
from foldscape.net.mlp import Weights
from foldscape.optimizer import SGD, Optimizer
from foldscape.terms import Term
from foldscape.terms.held import terms_begun

if TYPE_CHECKING:
    from foldscape.data.base import Split
    from foldscape.spec import RunSpec


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

    def split(self, flat: Float32Array) -> tuple[Float32Array, ...]:
        """Give a copy of a flat row as the arrays of ``Weights.flat``."""
        flat = flat.copy()
        return tuple([flat[place].reshape(shape) for place, shape in self.parts])

    def join(self, parts: Sequence[npt.NDArray[np.floating]], row: Float32Array) -> None:
        """Write the arrays of ``Weights.flat`` into a flat row."""
        for (place, _), part in zip(self.parts, parts, strict=True):
            row[place] = part.ravel()

    def spans(self, chosen: Sequence[int]) -> list[tuple[int, int]]:
        """Give where some of the arrays of ``Weights.flat`` lie in a flat row, from and to; all make one span."""
        if len(chosen) == len(self.parts):
            return [(0, self.width)]
        return [(self.parts[one][0].start, self.parts[one][0].stop) for one in chosen]


class CompiledEngine(FlatEngine[Shape]):
    """Mini-batch training of a small fully connected net with cross-entropy, on one processor.

    Args:
        weights: The net to start from.
        optimizer: How it learns.
        x: (N, features) training points, float32.
        y: (N,) their classes.
        batch: Points a batch; the last of an epoch may have fewer.
        terms: What is added to the loss's gradient, of the kinds that compiled code carries out.
    """

    def __init__(
        self, weights: Weights, optimizer: Optimizer, x: np.ndarray, y: np.ndarray, batch: int,
        terms: Sequence[Term] = (),
    ) -> None:  # fmt: skip
        self.lr = optimizer.lr
        self.weight_decay = optimizer.weight_decay
        self.step = 0
        self._rule = Rule(optimizer)
        self._push = Push(terms)
        self._x = np.ascontiguousarray(x, np.float32)
        self._y = np.ascontiguousarray(y, np.int64)
        self._batch = batch
        self._order: npt.NDArray[np.int64] | None = None
        self.load(weights, None)

    @property
    def weights(self) -> Weights:
        """A copy of the present parameters."""
        parts = self._layout.split(self._state[THETA])
        return Weights(parts[0::2], parts[1::2], self._activation, self._slope)

    def load(self, weights: Weights, memory: Memory | None) -> None:
        """Replace parameters and memory."""
        self._activation, self._slope = weights.activation, weights.negative_slope
        shape = Shape(weights, self._batch)
        self._state = self._rule.state(shape, memory)
        shape.join(weights.flat(), self._state[THETA])
        self._push.hold(terms_begun(self.terms, tuple(weights.flat())) if memory is None else memory.terms, shape)
        self._make_room(weights, shape)
        if self._order is not None:
            self.begin_epoch(self._order)

    def begin_epoch(self, order: np.ndarray, batch: int | None = None, epoch: int = 0) -> None:
        """Lay the points out in the order of the coming batches."""
        del epoch
        self._order = order
        if batch is not None and batch != self._batch:
            self._batch = batch
            weights = self.weights
            self._make_room(weights, Shape(weights, batch))
        kernels.lay_out(self._x, self._y, order, self._sizes, self._work)

    def train(self, first_batch: int, updates: int, rates: RatePerUpdate | None = None) -> None:
        """Do so many updates from a batch of the present epoch on, each at its own of the rates."""
        slope = self._slope if self._activation == "leaky_relu" else 0
        now = self._rule.rates_now(self.lr if rates is None else rates, self.weight_decay, slope)
        kernels.train(
            self._layout.plan, self._state, self._work, self._rule.table, self._sizes, now, *self._push.arrays,
            first_batch, updates,
        )  # fmt: skip

    def _make_room(self, weights: Weights, shape: Shape) -> None:
        """Lay out what depends on the size of the batches."""
        self._layout = shape
        self._sizes, self._work = workspace(shape, weights, self._rule, self._x, self._batch, self._state[AGE])


def workspace(
    shape: Shape, weights: Weights, rule: Rule, x: Float32Array, batch: int, age: Float32Array
) -> tuple[npt.NDArray[np.int64], Float32Array]:
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


def engine_of(net: Weights, spec: RunSpec, split: Split) -> CompiledEngine:
    """Give the engine of a run; see ``foldscape.engine.choose.engine_for``."""
    return CompiledEngine(net, spec.optimizer, split.train_x, split.train_y, spec.batch, spec.other_terms)


def warm() -> None:
    """Compile every kernel, or fetch it from the cache on disk. Call it when a worker starts."""
    x, y, order = np.zeros((2, 2), np.float32), np.zeros(2, np.int64), np.arange(2)
    net = Weights((np.zeros((2, 2), np.float32),), (np.zeros(2, np.float32),))
    shape, rule, push = Shape(net, 2), Rule(SGD()), Push()
    states = aligned(kernels_update.ROWS, shape.width)[None]
    sizes, work = workspace(shape, net, rule, x, 2, states[0, 0])
    kernels.lay_out(x, y, order, sizes, work)
    kernels.train(shape.plan, states[0], work, rule.table, sizes, rule.rates, *push.arrays, 0, 1)
    kernels.train_nets(
        shape.plan, states, work, rule.table, sizes, rule.rates, *push.arrays, x, y, order[None, None], 0, 1
    )


def _whole_vectors(length: int) -> int:
    return -(-length // LANES) * LANES
