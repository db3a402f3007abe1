"""The engine of a run whose net may gain batch normalisation on the way, and lose it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foldscape.data.base import Split
from foldscape.engine.base import Engine, Memory, RatePerUpdate
from foldscape.engine.choose import engine_for
from foldscape.net.mlp import Weights

if TYPE_CHECKING:
    from foldscape.spec import RunSpec


class Switching:
    """Trains by the engine that a spec chooses; a net with batch normalisation by torch, where the spec says "auto".

    Once the net has none again, because its growth was taken back, the first engine goes on: the bits are then those
    of a run that never had any. The engine in use is changed by ``load`` alone and knows the present epoch's order.

    Args:
        spec: What decides the run.
        net: Its first net.
        split: Its data.

    Raises:
        NotPossible: If the compiled engine is to train a net with batch normalisation.
    """

    def __init__(self, spec: RunSpec, net: Weights, split: Split) -> None:
        self._spec = spec
        self._split = split
        self._first: Engine = engine_for(spec, net, split)
        self._now = self._first
        self._order: np.ndarray | None = None
        self._batch: int | None = None

    @property
    def lr(self) -> float:
        """Learning rate."""
        return self._now.lr

    @lr.setter
    def lr(self, lr: float) -> None:
        self._now.lr = lr

    @property
    def weight_decay(self) -> float:
        """Share of each parameter that is added to its gradient."""
        return self._now.weight_decay

    @weight_decay.setter
    def weight_decay(self, weight_decay: float) -> None:
        self._now.weight_decay = weight_decay

    @property
    def step(self) -> int:
        """Updates of the run so far."""
        return self._now.step

    @step.setter
    def step(self, step: int) -> None:
        self._now.step = step

    @property
    def weights(self) -> Weights:
        """A copy of the present parameters, float32."""
        return self._now.weights

    @property
    def memory(self) -> Memory:
        """A copy of the optimiser's memory."""
        return self._now.memory

    def load(self, weights: Weights, memory: Memory | None) -> None:
        """Replace parameters and memory; ``None`` starts with an empty memory.

        Args:
            weights: The net to go on with.
            memory: What the optimiser remembers.

        Raises:
            NotPossible: If the spec names the compiled engine and the net has batch normalisation.
        """
        before, now = self._now, self._first
        if weights.is_normed and self._spec.engine == "auto":
            now = before if before is not self._first else engine_for(self._spec, weights, self._split)
        now.load(weights, memory)
        now.lr, now.weight_decay, now.step = before.lr, before.weight_decay, before.step
        if now is not before and self._order is not None:
            now.begin_epoch(self._order, self._batch)
        self._now = now

    def begin_epoch(self, order: np.ndarray, batch: int | None = None) -> None:
        """Set the order (N,) in which the coming batches take the training points, and how many each takes."""
        self._order, self._batch = order, batch
        self._now.begin_epoch(order, batch)

    def train(self, first_batch: int, updates: int, rates: RatePerUpdate | None = None) -> None:
        """Do so many updates from a batch of the present epoch on, never past its end; each at its own of the rates."""
        self._now.train(first_batch, updates, rates)
