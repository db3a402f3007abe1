"""The engine of a run that may come to need another on the way: for batch normalisation, or for a gradient term."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from foldscape.data.base import Split
from foldscape.engine.base import Engine, Memory, RatePerUpdate
from foldscape.engine.choose import engine_for, engine_name
from foldscape.errors import NotPossible
from foldscape.net.mlp import Weights
from foldscape.optimizer.memory import Blocks
from foldscape.terms import Term

if TYPE_CHECKING:
    from foldscape.spec import RunSpec


class Switching:
    """Trains by the engine that a spec chooses; where the spec says "auto", by torch what that one cannot.

    That is a net with batch normalisation, and a term that compiled code does not know. Once there is none again, the
    first engine goes on: the bits are then those of a run that never had any. The engine in use knows the present
    epoch's order.

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
        self._by_torch = engine_name(spec, net.parameters, is_normed=net.is_normed) == "torch"
        self._order: np.ndarray | None = None
        self._batch: int | None = None
        self._epoch = 0

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
    def terms(self) -> tuple[Term, ...]:
        """The gradient terms besides weight decay."""
        return self._now.terms

    @terms.setter
    def terms(self, terms: tuple[Term, ...]) -> None:
        weights, memory = self.weights, self.memory
        now = self._fit_for(weights, terms)
        now.terms = terms
        self._stand(now, weights, memory)

    @property
    def held(self) -> Mapping[str, Blocks]:
        """What the terms hold; not to be changed in place."""
        return self._now.held

    @held.setter
    def held(self, held: Mapping[str, Blocks]) -> None:
        self._now.held = held

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

    @property
    def has_directions(self) -> bool:
        """Whether the optimiser knows its sharpest directions."""
        return self._now.has_directions

    def direct(self, directions: Blocks, curvatures: tuple[np.ndarray, ...]) -> None:
        """Replace the sharpest directions and their eigenvalues."""
        self._now.direct(directions, curvatures)

    def load(self, weights: Weights, memory: Memory | None) -> None:
        """Replace parameters and memory; ``None`` starts with an empty memory.

        Args:
            weights: The net to go on with.
            memory: What the optimiser remembers.

        Raises:
            NotPossible: If the spec names the compiled engine and the net has batch normalisation.
        """
        now = self._fit_for(weights, self.terms)
        now.terms = self.terms
        self._stand(now, weights, memory)

    def _fit_for(self, weights: Weights, terms: tuple[Term, ...]) -> Engine:
        """Give the engine for a net and terms: the first, or torch for what that one cannot."""
        strange = [term for term in terms if not term.is_fused]
        if not (weights.is_normed or strange) or self._by_torch:
            return self._first
        if strange and (self._spec.engine == "compiled" or "torch" not in weights.can.engines):
            raise NotPossible(
                f"This run trains in compiled code, which does not know the term {strange[0].kind} so set.",
                hint="Start it with engine auto and a net with layers.",
            )
        if self._spec.engine == "compiled" or self._now is not self._first:
            return self._now
        spec = self._spec.model_copy(update={"terms": terms, "engine": "torch" if strange else "auto"})
        return engine_for(spec, weights, self._split)

    def _stand(self, now: Engine, weights: Weights, memory: Memory | None) -> None:
        before = self._now
        now.load(weights, memory)
        now.lr, now.weight_decay, now.step = before.lr, before.weight_decay, before.step
        if now is not before and self._order is not None:
            now.begin_epoch(self._order, self._batch, self._epoch)
        self._now = now

    def begin_epoch(self, order: np.ndarray, batch: int | None = None, epoch: int = 0) -> None:
        """Set the order (N,) in which the coming batches take the training points; see ``Engine.begin_epoch``."""
        self._order, self._batch, self._epoch = order, batch, epoch
        self._now.begin_epoch(order, batch, epoch)

    def train(self, first_batch: int, updates: int, rates: RatePerUpdate | None = None) -> None:
        """Do so many updates from a batch of the present epoch on, never past its end; each at its own of the rates."""
        self._now.train(first_batch, updates, rates)
