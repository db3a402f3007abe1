"""Many small nets of one shape, trained together: one call for an epoch or more of all of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from foldscape.engine import kernels, kernels_update
from foldscape.engine.base import Memory, RatePerUpdate
from foldscape.engine.compiled import Shape, workspace
from foldscape.engine.kernels_update import AGE, THETA
from foldscape.engine.pushing import Push, aligned
from foldscape.engine.rule import Rule
from foldscape.net.mlp import Weights
from foldscape.optimizer import Optimizer

_NO_TERMS = Push().arrays


class ManyNets:
    """Independent mini-batch training of nets that share shape, data and optimiser.

    Each net gets the bits that ``CompiledEngine`` would give it alone, whatever the number of threads.

    Args:
        nets: The nets to start from.
        optimizer: How they learn.
        x: (N, features) training points, float32.
        y: (N,) their classes.
        batch: Points a batch; the last of an epoch may have fewer.
        threads: Threads to train on; ``None`` is one a processor.

    Example:
        >>> from foldscape.net.mlp import initial
        >>> from foldscape.net.spec import NetSpec
        >>> from foldscape.optimizer import SGD
        >>> rng = np.random.default_rng(0)
        >>> x, y = rng.normal(size=(40, 2)).astype(np.float32), rng.integers(0, 2, 40)
        >>> nets = [initial(NetSpec(hidden=(3,)), 2, 2, rng) for _ in range(5)]
        >>> many = ManyNets(nets, SGD(lr=0.1), x, y, batch=10)
        >>> many.train_epoch(rng.permuted(np.tile(np.arange(len(x)), (len(nets), 1)), axis=1))
        >>> many.weights[0].logits(x).shape
        (40, 2)
    """

    def __init__(
        self, nets: Sequence[Weights], optimizer: Optimizer, x: np.ndarray, y: np.ndarray, batch: int,
        threads: int | None = None,
    ) -> None:  # fmt: skip
        self.lr = optimizer.lr
        self.weight_decay = optimizer.weight_decay
        self._rule = Rule(optimizer)
        self._x = np.ascontiguousarray(x, np.float32)
        self._y = np.ascontiguousarray(y, np.int64)
        self._batch = batch
        self._threads = threads or len(os.sched_getaffinity(0))
        self.load(nets, None)

    @property
    def weights(self) -> tuple[Weights, ...]:
        """A copy of each net's present parameters."""
        parts = [self._shape.split(state[THETA]) for state in self._states]
        return tuple(Weights(p[0::2], p[1::2], self._activation, self._slope) for p in parts)

    @property
    def stacked(self) -> list[np.ndarray]:
        """A copy of all nets' present parameters: the arrays of ``Weights.flat``, each with the nets in front."""
        theta = self._states[:, THETA]
        return [theta[:, place].reshape(-1, *shape) for place, shape in self._shape.parts]

    @property
    def memories(self) -> tuple[Memory, ...]:
        """A copy of what each net's optimiser remembers."""
        return tuple(self._rule.memory(self._shape, state) for state in self._states)

    def load(self, nets: Sequence[Weights], memories: Sequence[Memory] | None) -> None:
        """Replace parameters and memories; ``None`` starts with empty memories.

        Raises:
            ValueError: If the nets differ in shape or activation.
        """
        first = nets[0]
        if any((net.hidden, net.activation) != (first.hidden, first.activation) for net in nets):
            raise ValueError(f"all nets must have the hidden layers {first.hidden} and {first.activation}")
        self._activation, self._slope = first.activation, first.negative_slope
        shape = Shape(first, self._batch)
        self._states = aligned(len(nets) * kernels_update.ROWS, shape.width).reshape(len(nets), -1, shape.width)
        for number, (state, net) in enumerate(zip(self._states, nets, strict=True)):
            shape.join(net.flat(), state[THETA])
            if memories is not None:
                self._rule.restore(shape, state, memories[number])
        self._make_room(first)

    def train_epoch(
        self, orders: npt.NDArray[np.int64], rates: RatePerUpdate | None = None, batch: int | None = None
    ) -> None:  # fmt: skip
        """Train every net for an epoch.

        Args:
            orders: Order in which the batches take the points: (nets, N), or (N,) for all nets alike.
            rates: (updates,) learning rates of the epoch's updates; ``None`` is ``lr`` for all.
            batch: Points a batch from now on; ``None`` leaves it.
        """
        self.train_epochs(orders.reshape(-1, 1, len(self._x)), rates, batch)

    def train_epochs(
        self, orders: npt.NDArray[np.int64], rates: RatePerUpdate | None = None, batch: int | None = None
    ) -> None:
        """Train every net for some epochs, in one call.

        Args:
            orders: Order in which the batches of each epoch take the points: (nets, epochs, N), or (1, epochs, N) for
                all nets alike.
            rates: As for ``train_epoch``, for each of the epochs alike.
            batch: As for ``train_epoch``.
        """
        orders = np.ascontiguousarray(orders, np.int64)
        if batch is not None and batch != self._batch:
            self._batch = batch
            self._make_room(self.weights[0])
        slope = self._slope if self._activation == "leaky_relu" else 0
        now = self._rule.rates_now(self.lr if rates is None else rates, self.weight_decay, slope)
        ends = [len(self._states) * part // self._threads for part in range(self._threads + 1)]

        def train(part: int) -> None:
            kernels.train_nets(
                self._shape.plan, self._states, self._works[part], self._rule.table, self._sizes, now,
                *_NO_TERMS, self._x, self._y, orders, ends[part], ends[part + 1],
            )  # fmt: skip

        if self._threads == 1:
            train(0)
            return
        with ThreadPoolExecutor(self._threads) as pool:
            list(pool.map(train, range(self._threads)))

    def _make_room(self, first: Weights) -> None:
        """Lay out what depends on the size of the batches."""
        shape = self._shape = Shape(first, self._batch)
        ages = self._states[:, AGE, : shape.parameters].ravel()
        self._sizes, work = workspace(shape, first, self._rule, self._x, self._batch, ages)
        self._works = [work.copy() for _ in range(self._threads)]
