"""The seam between the run loop and whoever carries out its updates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from foldscape.net.mlp import Weights


@dataclass(frozen=True)
class Memory:
    """What an optimiser remembers, beside the weights.

    Attributes:
        first: Velocity, or Adam's first moment, one array a parameter array in the order of ``Weights.flat``; empty
            for plain gradient descent.
        second: Adam's second moment; empty for the others.
        age: Updates each entry of each array has had, for Adam's bias correction; so a new unit's first step has the
            length of a first step (science 0.7).
    """

    first: tuple[np.ndarray, ...] = ()
    second: tuple[np.ndarray, ...] = ()
    age: tuple[np.ndarray, ...] = ()


class Engine(Protocol):
    """Trains one net on one training set."""

    lr: float
    weight_decay: float

    @property
    def weights(self) -> Weights:
        """A copy of the present parameters, float32."""

    @property
    def memory(self) -> Memory:
        """A copy of the optimiser's memory."""

    def load(self, weights: Weights, memory: Memory | None) -> None:
        """Replace parameters and memory; ``None`` starts with an empty memory."""

    def begin_epoch(self, order: np.ndarray, *, first_step: int = 0) -> None:
        """Begin an epoch.

        Args:
            order: (N,) order in which the coming batches take the training points.
            first_step: Updates done before it; what chance its updates have is a function of that.
        """

    def train(self, first_batch: int, updates: int) -> None:
        """Do so many updates from a batch of the present epoch on; never past its end."""
