"""The seam of the curvature engine: a mean loss as a function of one flat parameter vector."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.arrays import Vector
from foldscape.curvature.blocks import Block
from foldscape.curvature.operator import HessianOperator
from foldscape.errors import InvalidInput
from foldscape.losses import Loss as LossOfClasses
from foldscape.modules.batch_loss import BatchLoss, LossLike

if TYPE_CHECKING:
    import torch


MAX_DENSE = 1500
"""Largest number of parameters for which the whole Hessian is built on request."""

SINGLE_FROM = 300
"""Parameters above which a single-precision net is measured in its own arithmetic; whole Hessians are built below."""


class Objective(ABC):
    """Mean data loss in nats, in evaluation mode, without weight decay or penalties.

    An objective keeps what it computed at the last point, so it belongs to one thread.

    Attributes:
        blocks: The block table of the parameter vector.
        theta: The net's own parameters, shape (P,), float64: where a curvature is measured unless
            another point is given.
        samples: Number of samples N in the mean.
    """

    blocks: tuple[Block, ...]
    theta: Vector
    samples: int

    is_likelihood: bool = True
    """Whether the loss is the negative log likelihood of a label, as cross-entropy is."""

    is_by_layer: bool = False
    """Whether the parameters are those of a chain of dense layers, for measures that are defined layer by layer."""

    _last: tuple[Vector, HessianOperator] | None = None

    @property
    def size(self) -> int:
        """Number of parameters P."""
        return self.theta.size

    def single(self) -> Objective:
        """Give the same in single precision, or itself where that is no quicker."""
        return self

    def loss(self, theta: ArrayLike | None = None) -> float:
        """Give the mean loss at a point, in nats; not finite if the net's outputs are not."""
        return float(self.losses(self.point(theta)[None])[0])

    @abstractmethod
    def losses(self, thetas: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the mean loss at several points.

        Args:
            thetas: Parameter vectors of shape (points, P).

        Returns:
            Losses of shape (points,), in nats.
        """

    @abstractmethod
    def gradient(self, theta: ArrayLike | None = None) -> Vector:
        """Give the gradient of the mean loss at a point, shape (P,)."""

    @abstractmethod
    def linearise(self, theta: Vector) -> HessianOperator:
        """Compute once what every Hessian product at a point needs."""

    def at(self, theta: ArrayLike | None = None) -> HessianOperator:
        """Give the Hessian at a point, as an operator; the last one is kept."""
        point = self.point(theta)
        if self._last is None or not np.array_equal(self._last[0], point):
            self._last = (point.copy(), self.linearise(point))
        return self._last[1]

    def hvp(self, theta: ArrayLike | None, v: ArrayLike) -> NDArray[np.float64]:
        """Multiply by the Hessian (Pearlmutter 1994, "Fast exact multiplication by the Hessian").

        Args:
            theta: Point of shape (P,), or None for the net's own parameters.
            v: One vector of shape (P,), or several of shape (vectors, P).

        Returns:
            H v, or row by row H v_i, in the shape of ``v``.

        Raises:
            InvalidInput: If a shape does not fit the parameters.
        """
        vectors = np.asarray(v, dtype=np.float64)
        if vectors.ndim not in (1, 2) or vectors.shape[-1] != self.size:
            raise InvalidInput(
                f"A direction of shape {vectors.shape} does not fit {self.size} parameters.",
                hint=f"Give ({self.size},) or (vectors, {self.size}).",
            )
        return np.asarray(self.at(theta).products(np.atleast_2d(vectors)), dtype=np.float64).reshape(vectors.shape)

    def dense_hessian(self, theta: ArrayLike | None = None) -> NDArray[np.float64]:
        """Give the whole Hessian at a point, symmetric, shape (P, P), float64."""
        return self.at(theta).dense()

    def point(self, theta: ArrayLike | None) -> Vector:
        """Check a parameter vector; None stands for the net's own.

        Returns:
            (P,) in double precision.

        Raises:
            InvalidInput: If its shape is not (P,).
        """
        if theta is None:
            return self.theta
        checked = np.asarray(theta, dtype=np.float64)
        if checked.shape != (self.size,):
            raise InvalidInput(
                f"A parameter vector of shape {checked.shape} does not fit this net.",
                hint=f"Its {len(self.blocks)} tensors together hold {self.size} numbers: give ({self.size},).",
            )
        return checked

    @staticmethod
    def of_mlp(
        weights: Sequence[ArrayLike],
        biases: Sequence[ArrayLike | None],
        activation: str,
        X: ArrayLike,
        y: ArrayLike,
        *,
        negative_slope: float | None = None,
        loss: str | LossOfClasses = "cross_entropy",
        dtype: type[np.floating] = np.float64,
        names: Sequence[str] = (),
    ) -> Objective:
        """Take a small dense net as plain arrays; see ``MlpObjective`` for the shapes."""
        from foldscape.curvature.mlp import MlpObjective

        return MlpObjective(
            weights, biases, activation, X, y, negative_slope=negative_slope, loss=loss, dtype=dtype, names=names
        )

    @staticmethod
    def of_module(
        module: torch.nn.Module,
        X: Any,
        y: Any = None,
        loss: LossLike = "cross_entropy",
        chunk: int = 1024,
    ) -> Objective:
        """Take any torch module with its data, differentiated by autograd.

        See ``ModuleObjective``.

        Returns:
            Its objective.
        """
        from foldscape.curvature.module import ModuleObjective

        return ModuleObjective(module, X, y, loss, chunk)

    @staticmethod
    def of(module: torch.nn.Module, X: Any, y: Any = None, loss: LossLike = "cross_entropy") -> Objective:
        """Take a torch module, by hand if it is a plain stack of dense layers, by autograd otherwise.

        The hand-written products are exact too, and several times quicker. They are in double
        precision, except for single-precision nets of more than 300 parameters.

        Args:
            module: The net.
            X: Inputs, or data in any form that ``ModuleObjective`` takes.
            y: Labels; None with data that hold them.
            loss: As for ``ModuleObjective``.

        Returns:
            The mean loss as a function of the (P,) parameters, with gradient and Hessian products.
        """
        from foldscape.curvature.stack import dense_stack
        from foldscape.modules.batch_loss import known_loss
        from foldscape.modules.reading import classes_of, read_samples

        samples, known = read_samples(X, y, whole=isinstance(loss, BatchLoss)), known_loss(loss)
        plain = None if known is None else classes_of(samples)
        parts = None if plain is None else dense_stack(module, plain[0])
        if known is None or plain is None or parts is None:
            return Objective.of_module(module, samples, None, loss)
        return Objective.of_mlp(
            parts.weights,
            parts.biases,
            parts.activation,
            *plain,
            negative_slope=parts.negative_slope,
            loss=known,
            dtype=np.float32 if parts.single and parts.size > SINGLE_FROM else np.float64,
            names=parts.names,
        )


def objective_of(objective: Any, data: tuple[Any, ...], loss: LossLike = "cross_entropy") -> Objective:
    """Take an objective, or make one of a torch module and its data.

    Args:
        objective: An ``Objective``, or a torch module.
        data: Nothing with an ``Objective``; else inputs and labels, or one thing that holds both.
        loss: The loss of a module.

    Returns:
        The objective: the one given, or a new one of the module.

    Raises:
        InvalidInput: If it is neither, or an ``Objective`` came with data or another loss.
    """
    if isinstance(objective, Objective):
        if data or loss != "cross_entropy":
            raise InvalidInput(
                f"An Objective came with {len(data)} data arrays and loss={loss!r}, and has data and loss of its own.",
                hint="Give the Objective alone, or a torch module with its data and loss.",
            )
        return objective
    has_module = hasattr(objective, "named_parameters")
    if not has_module or len(data) > 2 or not (data or isinstance(loss, BatchLoss)):
        raise InvalidInput(
            f"Curvature was asked of a {type(objective).__name__} and {len(data)} data arrays.",
            hint="Give an Objective alone, or a torch module with its inputs and labels, or with a loader.",
        )
    X, y = (*data, None, None)[:2]
    return Objective.of(objective, X, y, loss)
