"""The seam between the run loop and whoever carries out its updates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from foldscape.net.mlp import Weights
from foldscape.optimizer.memory import Blocks, Memory
from foldscape.terms import Term

__all__ = ["Engine", "Memory", "Precision", "RatePerUpdate"]

Precision = Literal["float32", "bfloat16"]
"""What updates multiply in."""
RatePerUpdate = npt.NDArray[np.float64]
"""Learning rates, (updates,)."""


class Engine(Protocol):
    """Trains one net on one training set."""

    lr: float
    """Learning rate of updates that are given none of their own; with a schedule, its base."""
    weight_decay: float
    terms: tuple[Term, ...]
    """The gradient terms besides weight decay; others may take their place between calls."""
    held: Mapping[str, Blocks]
    """What terms hold, by ``kind.name``: that part of ``memory``, which may be replaced by itself."""
    step: int
    """Updates of the run so far, which terms may ask for; whoever trains sets it before each call."""

    @property
    def weights(self) -> Weights:
        """A copy of the present parameters, float32."""

    @property
    def memory(self) -> Memory:
        """A copy of what the optimiser and the terms remember."""

    @property
    def has_directions(self) -> bool:
        """Whether the optimiser knows its sharpest directions."""

    def direct(self, directions: Blocks, curvatures: tuple[npt.NDArray[np.float64], ...]) -> None:
        """Replace the sharpest directions and their eigenvalues in ``memory``, and nothing else."""

    def load(self, weights: Weights, memory: Memory | None) -> None:
        """Replace parameters and memory; ``None`` starts with an empty memory."""

    def begin_epoch(self, order: np.ndarray, batch: int | None = None, epoch: int = 0) -> None:
        """Set the order (N,) in which the coming batches take the training points, and how many each takes.

        Args:
            order: (N,) indices of the points.
            batch: Points a batch; as before if not given.
            epoch: Which epoch it is, for draws that are others in each.
        """

    def train(self, first_batch: int, updates: int, rates: RatePerUpdate | None = None) -> None:
        """Do so many updates from a batch of the present epoch on, never past its end; each at its own of the rates."""
