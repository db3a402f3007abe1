"""The seam between the run loop and whoever carries out its updates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from foldscape.net.mlp import Weights

Rates = npt.NDArray[np.float64]
"""Learning rates, (updates,)."""


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
    """Learning rate of updates that are given none of their own; with a schedule, its base."""
    weight_decay: float

    @property
    def weights(self) -> Weights:
        """A copy of the present parameters, float32."""

    @property
    def memory(self) -> Memory:
        """A copy of the optimiser's memory."""

    def load(self, weights: Weights, memory: Memory | None) -> None:
        """Replace parameters and memory; ``None`` starts with an empty memory."""

    def begin_epoch(self, order: np.ndarray, batch: int | None = None) -> None:
        """Set the order (N,) in which the coming batches take the training points, and how many each takes."""

    def train(self, first_batch: int, updates: int, rates: Rates | None = None) -> None:
        """Do so many updates from a batch of the present epoch on, never past its end; each at its own of the rates."""
