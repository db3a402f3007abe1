"""What every compiled engine keeps in flat rows: a net, what its optimiser remembers, and what its terms hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float32Array
from foldscape.engine.base import Memory
from foldscape.engine.pushing import Push
from foldscape.engine.rule import FlatLayout, Rule
from foldscape.optimizer.memory import Blocks
from foldscape.terms import Term

L = TypeVar("L", bound=FlatLayout)


class FlatEngine(Generic[L]):
    """Base of the compiled engines; ``L`` says where the parts of their nets lie."""

    _rule: Rule
    _push: Push
    _layout: L
    _state: Float32Array

    @property
    def memory(self) -> Memory:
        """A copy of what the optimiser and the terms remember."""
        return self._rule.memory(self._layout, self._state, self._push.held)

    @property
    def has_directions(self) -> bool:
        """Whether the optimiser knows its sharpest directions."""
        return self._rule.has_directions

    def direct(self, directions: Blocks, curvatures: tuple[npt.NDArray[np.float64], ...]) -> None:
        """Replace the sharpest directions and their eigenvalues."""
        self._state = self._rule.directed(self._layout, self._state, directions, curvatures)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The gradient terms besides weight decay."""
        return self._push.terms

    @terms.setter
    def terms(self, terms: tuple[Term, ...]) -> None:
        self._push = Push(terms)

    @property
    def held(self) -> Mapping[str, Blocks]:
        """What the terms hold; not to be changed in place."""
        return self._push.held

    @held.setter
    def held(self, held: Mapping[str, Blocks]) -> None:
        self._push.hold(held, self._layout)
