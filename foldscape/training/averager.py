"""The average of a run's weights while it trains: between updates, whichever engine carries them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from foldscape.averaging import AverageRule
from foldscape.net.averaging import mean_net
from foldscape.net.mlp import Weights
from foldscape.schedules import Course

_PREFIX, _TAKEN = "average_", "averaged"


class Averager:
    """Keeps the average of a run's weights.

    Args:
        rule: When it takes a net in, and with which share.
        course: The run.

    Attributes:
        net: The average, float64; ``None`` before the first net.
    """

    def __init__(self, rule: AverageRule, course: Course) -> None:
        self._rule, self._course = rule, course
        self.net: Weights | None = None
        self._taken = 0

    def following(self, step: int) -> int | None:
        """Give the next moment at which it takes the net in."""
        return self._rule.following(step, self._course)

    def take(self, net: Weights) -> None:
        """Take a net in."""
        exact = net.astype(np.float64)
        if self.net is None:
            self.net = exact
        else:
            share = self._rule.share(self._taken)
            self.net = mean_net([self.net, exact], [1 - share, share])
        self._taken += 1

    def restart(self) -> None:
        """Begin anew: the net is another one than a moment ago."""
        self.net, self._taken = None, 0

    def state(self) -> dict[str, Any]:
        """Give the plain values that a snapshot has to hold."""
        return {_TAKEN: self._taken} if self.net is not None else {}

    def arrays(self) -> dict[str, Any]:
        """Give the arrays that a snapshot has to hold."""
        return {} if self.net is None else {f"{_PREFIX}{name}": parts for name, parts in self.net.state().items()}

    def restore(self, state: Mapping[str, Any], arrays: Mapping[str, Any], like: Weights) -> None:
        """Go on from what ``state`` and ``arrays`` gave; ``like`` tells the activation."""
        self._taken = state.get(_TAKEN, 0)
        parts = {name.removeprefix(_PREFIX): value for name, value in arrays.items() if name.startswith(_PREFIX)}
        self.net = like.restored(parts) if self._taken else None
