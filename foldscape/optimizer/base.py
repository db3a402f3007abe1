"""What every optimiser offers: its numbers, what it remembers, its update, and where it stops being stable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import ConfigDict, Field

from foldscape.model import Model
from foldscape.optimizer.memory import Memory, MemoryRow

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from foldscape.arrays import Float64Array

    Rows = Mapping[MemoryRow, list[Tensor]]


class Edge(NamedTuple):
    """Above which curvature full-batch steps of an optimiser grow on a quadratic.

    Attributes:
        value: Largest eigenvalue at which steps do not yet grow.
        name: How it follows from the learning rate η and the other numbers.
        of: Which eigenvalue: of the Hessian, or of the one in units of the optimiser's own step lengths.
    """

    value: float
    name: str
    of: Literal["hessian", "preconditioned"] = "hessian"


class WantedDirections(NamedTuple):
    """Which sharpest directions an optimiser looks at: top eigenvectors of the Hessian of the training loss.

    Attributes:
        k: How many, at most; fewer in a net of fewer parameters.
        points: Training points that the Hessian is of, a fixed draw; all where there are no more.
        every: Updates from one search to the next; ``None`` looks at the beginning of each epoch.
    """

    k: int
    points: int
    every: int | None

    def is_due(self, step: int, in_epoch: int) -> bool:
        """Whether to look before the next update; ``step`` and ``in_epoch`` count those before it."""
        return in_epoch == 0 if self.every is None else step % self.every == 0

    def next_due(self, step: int, end_of_epoch: int) -> int:
        """Give the first update after this one before which to look, or the end of the epoch."""
        return end_of_epoch if self.every is None else min(end_of_epoch, step + self.every - step % self.every)


@dataclass(frozen=True)
class Nudge:
    """The sharpest directions as a torch update takes them.

    Attributes:
        directions: (K, P) tensor, the parameter arrays one after another.
        factors: (K,) factor on what an update does along each.
    """

    directions: Tensor
    factors: Float64Array


@dataclass(frozen=True)
class Compiled:
    """How the compiled kernels carry an optimiser out.

    Attributes:
        rule: Which of the updates of ``foldscape.engine.kernels_update``; ``nudged_velocity`` is a momentum whose
            velocity is nudged along the sharpest directions, all others have their gradient nudged, if there are any.
        rates: The numbers it reads, by their names there, besides learning rate and weight decay.
        table: (2, ages) float32 bias corrections by age; ``None`` where it needs none.
    """

    rule: Literal["descent", "momentum", "nesterov", "adam", "nudged_velocity"]
    rates: Mapping[Literal["kept", "beta1", "beta2", "epsilon"], float] = field(default_factory=dict)
    table: np.ndarray | None = None


def shown(name: str, *, rate: float, edge: str = "") -> ConfigDict:
    """Give the words by which pages show an optimiser: they go out with its schema.

    Args:
        name: What people call it.
        rate: Learning rate that a page sets when it is chosen.
        edge: Its stability edge within a sentence, such as ``2/η for gradient descent``; empty where none is known.

    Returns:
        Settings for ``model_config``.
    """
    return ConfigDict(json_schema_extra={"name": name, "rate": rate, "edge": edge})


class Optimizer(Model):
    """Base of the optimisers: a new one is a new file here, or in a package of yours.

    A subclass gives ``direction`` at least. The torch engine then trains by it; compiled code does so only for one
    that says how with ``compiled``.

    Attributes:
        remembers: Rows that it keeps from update to update, each shaped like the parameters and zero at first. They
            go into snapshots and live on through growth: ``first`` is of first order in the gradient, ``second`` of
            second, ``age`` counts updates.
        effort: What an update takes for a parameter beside plain descent, in units of Adam's; for foreseeing times.
    """

    remembers: ClassVar[tuple[MemoryRow, ...]] = ()
    effort: ClassVar[float] = 0

    kind: str
    lr: float = Field(0.1, gt=0, le=100)
    """Learning rate."""
    weight_decay: float = Field(0, ge=0, le=10)
    """Adds this share of each parameter to its gradient."""

    @property
    def name(self) -> str:
        """What people call it."""
        told: Any = self.model_config.get("json_schema_extra") or {}
        return str(told.get("name", self.kind))

    @property
    def sharpest(self) -> WantedDirections | None:
        """The sharpest directions that it looks at: a run finds them for it; ``None`` where it needs none."""
        return None

    def factors(self, lr: float, curvatures: Float64Array) -> Float64Array:
        """Give the factor on what an update does along each of the sharpest directions.

        Args:
            lr: Learning rate of the update.
            curvatures: (K,) their eigenvalues.

        Returns:
            (K,) factors; 1 is an update as without them.
        """
        raise NotImplementedError

    def direction(self, gradients: list[Tensor], memory: Rows) -> list[Tensor]:
        """Give what an update subtracts from the parameters for a learning rate of 1.

        Args:
            gradients: Gradient of the loss and of all terms, one tensor a parameter array; may be changed.
            memory: The rows that it remembers, one tensor a parameter array; to be changed in place.

        Returns:
            One tensor a parameter array.
        """
        raise NotImplementedError

    def update(
        self, parameters: list[Tensor], gradients: list[Tensor], memory: Rows, lr: float, nudge: Nudge | None = None
    ) -> None:
        """Do one update: ``parameters -= lr * direction``, in place.

        Args:
            parameters: One tensor a parameter array.
            gradients: As for ``direction``.
            memory: As for ``direction``.
            lr: Learning rate of this update.
            nudge: The sharpest directions, for one that looks at them.
        """
        import torch

        torch._foreach_add_(parameters, self.direction(gradients, memory), alpha=-lr)

    def compiled(self) -> Compiled | None:
        """Say how compiled code carries it out; ``None`` leaves it to torch."""
        return None

    def edge(self, lr: float) -> Edge | None:
        """Give its stability edge without weight decay; ``None`` where none is known.

        Args:
            lr: Learning rate now; its own does not count.

        Returns:
            The edge.
        """
        return None

    def effective_lr(self, lr: float) -> float | None:
        """Give how far one gradient of length 1 moves the parameters in all, by this update and what later ones keep.

        With momentum μ that is η/(1 - μ). It takes the place of η in the noise of the updates, η/S.

        Args:
            lr: Learning rate now; its own does not count.

        Returns:
            The effective learning rate; ``None`` where a step is no multiple of the gradient, as for Adam.
        """
        return None

    def step_scale(self, memory: Memory) -> np.ndarray:
        """Give the root of how long its step is for a gradient and a learning rate of 1, by parameter.

        With D its preconditioner this is D^-½. Asked of those alone whose edge is one of the preconditioned Hessian.

        Args:
            memory: What it remembers.

        Returns:
            (P,) in the order of ``Weights.flat``; 0 for parameters that have not been updated yet.
        """
        raise NotImplementedError
