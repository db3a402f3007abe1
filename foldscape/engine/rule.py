"""An optimiser as compiled code carries it out, on nets that lie in flat rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float32Array
from foldscape.engine import kernels_update
from foldscape.engine.base import Memory, RatePerUpdate
from foldscape.engine.pushing import aligned
from foldscape.errors import NotPossible
from foldscape.optimizer import Optimizer
from foldscape.optimizer.memory import Blocks

NOTHING: Mapping[str, Blocks] = MappingProxyType({})


class FlatLayout(Protocol):
    """Knows where the parts of a net lie in a flat row.

    Attributes:
        width: Length of the row, whole vectors.
    """

    width: int

    def split(self, flat: Float32Array) -> tuple[Float32Array, ...]:
        """Give a copy of a flat row as the arrays of ``Weights.flat``."""

    def join(self, parts: Sequence[npt.NDArray[np.floating]], row: Float32Array) -> None:
        """Write the arrays of ``Weights.flat`` into a flat row."""

    def spans(self, chosen: Sequence[int]) -> list[tuple[int, int]]:
        """Give where some of the arrays of ``Weights.flat`` lie in a flat row, from and to; all make one span."""


class Rule:
    """An optimiser as the kernels read it: its number, its rates and a table of bias corrections.

    Args:
        optimizer: The optimiser.

    Raises:
        NotPossible: If no kernel carries it out.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        form = optimizer.compiled()
        if form is None:
            raise NotPossible(
                f"The compiled engine cannot train by {optimizer.kind}.", hint='Set engine to "torch" or "auto".'
            )
        self.number = kernels_update.RULES[form.rule]
        self.table = np.ones((2, 1), np.float32) if form.table is None else form.table
        self.rates = np.zeros((1, kernels_update.RATES))
        for name, rate in form.rates.items():
            self.rates[0, kernels_update.RATE_OF[name]] = rate
        self._optimizer = optimizer
        self._rows = {name: kernels_update.ROW_OF[name] for name in optimizer.remembers}
        self._curvatures: tuple[npt.NDArray[np.float64], ...] = ()

    @property
    def has_directions(self) -> bool:
        """Whether the optimiser knows its sharpest directions."""
        return bool(self._curvatures)

    def state(self, shape: FlatLayout, memory: Memory | None) -> Float32Array:
        """Give room for a net and what its optimiser remembers, with that in it."""
        state = aligned(kernels_update.ROWS, shape.width)
        self._curvatures = ()
        if memory is None:
            return state
        self.restore(shape, state, memory)
        return self.directed(shape, state, memory.directions, memory.curvatures)

    def restore(self, shape: FlatLayout, state: Float32Array, memory: Memory) -> None:
        """Write what is remembered besides directions into the rows of a net's state."""
        for name, row in self._rows.items():
            shape.join(getattr(memory, name), state[row])

    def directed(
        self, shape: FlatLayout, state: Float32Array, directions: Blocks,
        curvatures: tuple[npt.NDArray[np.float64], ...],
    ) -> Float32Array:  # fmt: skip
        """Give the state with these directions in the place of those that it has."""
        found = sum(map(len, curvatures))
        if len(state) != kernels_update.ROWS + found:
            roomy = aligned(kernels_update.ROWS + found, shape.width)
            roomy[: kernels_update.ROWS] = state[: kernels_update.ROWS]
            state = roomy
        self._curvatures = curvatures
        for number, row in enumerate(state[kernels_update.ROWS :]):
            shape.join([part[number] for part in directions], row)
        return state

    def memory(self, shape: FlatLayout, state: Float32Array, held: Mapping[str, Blocks] = NOTHING) -> Memory:
        """Give a copy of what is remembered, from the rows of a net's state, beside what terms hold."""
        parts: dict[str, tuple[np.ndarray, ...]] = {name: shape.split(state[row]) for name, row in self._rows.items()}
        if self._curvatures:
            rows = [shape.split(row) for row in state[kernels_update.ROWS :]]
            parts["directions"] = tuple(map(np.stack, zip(*rows, strict=True)))
            parts["curvatures"] = tuple(part.copy() for part in self._curvatures)
        return Memory(**parts, terms=held)

    def rates_now(self, lr: float | RatePerUpdate, weight_decay: float, slope: float) -> npt.NDArray[np.float64]:
        """Give the rates with those that may change between calls: one row for all updates, or one for each."""
        row = self.rates[0]
        row[kernels_update.WEIGHT_DECAY], row[kernels_update.SLOPE] = weight_decay, slope
        if not isinstance(lr, np.ndarray):
            row[kernels_update.LR] = lr
            return np.hstack([self.rates, self._nudges([lr])]) if self._curvatures else self.rates
        rates = np.repeat(self.rates, len(lr), axis=0)
        rates[:, kernels_update.LR] = lr
        return np.hstack([rates, self._nudges(lr)]) if self._curvatures else rates

    def _nudges(self, rates: Sequence[float] | RatePerUpdate) -> npt.NDArray[np.float64]:
        """Give each direction's factor less 1, a row a learning rate."""
        return np.stack([self._optimizer.factors(float(lr), self._curvatures[0]) - 1 for lr in rates])
