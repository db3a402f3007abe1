"""What measures a landscape: mean loss and accuracy of a net at points of a plane through its parameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import Vector
from foldscape.curvature import Block
from foldscape.device import Device
from foldscape.errors import InvalidInput
from foldscape.losses import Loss as LossOfClasses
from foldscape.losses import loss_of
from foldscape.modules.batch_loss import LossLike

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Losses:
    """Losses and accuracies at some points.

    Attributes:
        loss: (points,) mean loss in nats; NaN or infinite where the net's outputs are.
        accuracy: (points,) share of the samples that are classified rightly; NaN where that means nothing.
    """

    loss: NDArray[np.float64]
    accuracy: NDArray[np.float64]


class Evaluator(ABC):
    """Mean data loss and accuracy in evaluation mode, without weight decay or penalties.

    The net itself is never touched: an evaluator works on copies of its parameters. What it gives for a point does not
    depend on the other points of the call, nor on the number of threads.

    Attributes:
        blocks: The block table of the parameter vector.
        theta: (P,) the net's own parameters, the centre of its landscape.
        samples: Number of samples N in the mean.
    """

    blocks: tuple[Block, ...]
    theta: Vector
    samples: int

    @property
    def size(self) -> int:
        """Number of parameters P."""
        return self.theta.size

    @property
    def setup(self) -> float:
        """Cost of a call of ``on_plane`` before its first point, in points."""
        return 0.0

    @abstractmethod
    def on_plane(
        self, a: ArrayLike, b: ArrayLike, first: ArrayLike, second: ArrayLike | None, origin: ArrayLike | None = None
    ) -> Losses:
        """Measure at the points origin + a first + b second.

        Args:
            a: (points,) coordinates along ``first``.
            b: (points,) coordinates along ``second``; quickest when equal ones follow one another.
            first: (P,) first direction, of any length.
            second: (P,) second direction; ``None`` where all of ``b`` are 0.
            origin: (P,) where the coordinates are 0; the net's own parameters if ``None``.

        Raises:
            InvalidInput: If a shape does not fit.
        """

    @abstractmethod
    def gradient(self, theta: ArrayLike, batch: NDArray[np.int64]) -> Vector:
        """Give the gradient (P,) of the mean loss over some samples.

        Args:
            theta: (P,) where.
            batch: Indices of the samples.
        """

    def on_line(self, t: ArrayLike, direction: ArrayLike, origin: ArrayLike | None = None) -> Losses:
        """Measure at the points origin + t direction; see ``on_plane``."""
        steps = np.asarray(t, dtype=np.float64)
        return self.on_plane(steps, np.zeros_like(steps), direction, None, origin)

    def at(self, thetas: ArrayLike) -> Losses:
        """Measure at any parameter vectors.

        Args:
            thetas: (points, P) parameter vectors.

        Returns:
            Mean loss and accuracy at each.
        """
        still, zero = np.zeros(self.size), np.zeros(1)
        parts = [self.on_plane(zero, zero, still, None, theta) for theta in np.atleast_2d(np.asarray(thetas))]
        return Losses(np.concatenate([p.loss for p in parts]), np.concatenate([p.accuracy for p in parts]))

    def vector(self, values: ArrayLike | None) -> Vector:
        """Check a parameter vector; ``None`` stands for the net's own.

        Returns:
            (P,) in double precision.

        Raises:
            InvalidInput: If its shape is not (P,).
        """
        checked = self.theta if values is None else np.asarray(values, dtype=np.float64)
        if checked.shape != (self.size,):
            raise InvalidInput(
                f"A parameter vector of shape {checked.shape} does not fit this net.", hint=f"Give ({self.size},)."
            )
        return checked

    @staticmethod
    def of_net(
        weights: Sequence[ArrayLike],
        biases: Sequence[ArrayLike],
        activation: str,
        X: ArrayLike,
        y: ArrayLike,
        *,
        negative_slope: float = 0.01,
        threads: int = 2,
        loss: str | LossOfClasses = "cross_entropy",
        device: Device = "cpu",
    ) -> Evaluator:
        """Take a dense net as plain arrays; see ``DenseEvaluator``, for other losses or cards ``BatchedEvaluator``."""
        if device != "cpu" or not loss_of(loss).is_softmax:
            from foldscape.landscape.batched import BatchedEvaluator

            return BatchedEvaluator.of_arrays(weights, biases, activation, X, y, negative_slope, loss, device)
        from foldscape.landscape.dense import DenseEvaluator

        return DenseEvaluator(weights, biases, activation, X, y, negative_slope=negative_slope, threads=threads)

    @staticmethod
    def of_module(
        module: torch.nn.Module,
        X: Any,
        y: Any = None,
        loss: LossLike = "cross_entropy",
        chunk: int = 1024,
        norm_data: Any = None,
    ) -> Evaluator:
        """Take any torch module on its device; see ``ModuleEvaluator``."""
        from foldscape.landscape.module import ModuleEvaluator

        return ModuleEvaluator(module, X, y, loss, chunk, norm_data)

    @staticmethod
    def of(
        module: torch.nn.Module, X: Any, y: Any = None, loss: LossLike = "cross_entropy", norm_data: Any = None
    ) -> Evaluator:
        """Take a torch module: compiled or batched if it is a plain stack of dense layers, else point by point.

        Args:
            module: The net.
            X: Inputs, or data in any form that ``ModuleEvaluator`` takes.
            y: Labels; ``None`` with data that hold them.
            loss: As for ``ModuleEvaluator``.
            norm_data: As for ``ModuleEvaluator``.

        Returns:
            The quickest kind that fits.
        """
        from foldscape.landscape.choose import evaluator_of

        return evaluator_of(module, X, y, loss, norm_data)
