"""What every gradient term offers: something that is added to the loss, and to its gradient before each update.

The gradient of the loss on a mini-batch comes first, then each term adds to it, then the optimiser takes the sum. What
else a term needs stands in ``TermMoment`` and in what it holds. Terms that others have proposed would use it so:

- A *penalty near earlier nets*, exp(-||theta - theta_c||² / 2σ²) for kept nets theta_c, is here: ``hills``. It holds
  a copy of the parameters for each, and at growth each of them becomes a grown net that computes what it did
  (``carry(blocks, blank=theta, embed=True)``).
- *Elastic weight consolidation* (Kirkpatrick et al. 2017, arXiv 1612.00796), ½ Σ F_i (theta_i - theta*_i)²: holds
  theta* and F; at growth both are blank where entries are new, so that those are free.
- *Sharpness-aware minimisation* (Foret et al. 2021, arXiv 2010.01412): adds ``gradient_at(shift)`` less
  ``loss_gradient``, with the shift ρ g / ||g||. It is the gradient of no function, so its value is ``None``.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
from pydantic import Field

from foldscape.chance import seed_words
from foldscape.measures.column import Column
from foldscape.model import Model
from foldscape.optimizer.memory import Blocks

if TYPE_CHECKING:
    from torch import Tensor

    Tensors = Sequence[Tensor]
else:
    Tensors = Sequence[Any]


@dataclass
class TermMoment:
    """A net between the gradient of the loss and the update, on the device that trains.

    Attributes:
        step: Updates done before this one.
        theta: The parameters, one tensor a parameter array in the order of ``Weights.flat``; not to be changed.
        loss_gradient: Gradient of the mini-batch's loss alone, likewise; not to be changed.
        gradient_at: Gives the gradient of the loss on the same mini-batch where the parameters are moved by a shift;
            parameters and running statistics stay as they are.
        held: What the term holds, by name, each shaped like the parameters but for those that it says are not: to be
            changed in place, added to or taken from. It goes into snapshots and lives on through growth.
        seed: Seed of the run.
        gradient_of: Gives the gradient of a function of the outputs on some training points: it is given what picks
            them out of so many, and a function of their (n, K) logits.
    """

    step: int
    theta: Tensors
    loss_gradient: Tensors
    gradient_at: Callable[[Tensors], Tensors]
    held: dict[str, list[Tensor]] = field(default_factory=dict)
    seed: int = 0
    gradient_of: Callable[[Callable[[int], np.ndarray], Callable[[Tensor], Tensor]], Tensors] | None = None

    def generator(self, purpose: str) -> np.random.Generator:
        """Give the generator of one purpose at this step, the same whenever the run is repeated or taken up again.

        Args:
            purpose: A word of the term's own; put its kind in it.

        Returns:
            The generator.
        """
        return np.random.default_rng([*seed_words(self.seed, "term", self.step), zlib.crc32(purpose.encode())])


class Carry(Protocol):
    """Brings arrays shaped like the old net's parameters into the shape of the grown net's."""

    def __call__(
        self, blocks: Blocks, *, order: int = 0, blank: Blocks | None = None, embed: bool = False
    ) -> Blocks:  # fmt: skip
        """Keep old entries in their places; copies of units inherit.

        Args:
            blocks: One array a parameter array of the old net.
            order: Order in the gradient: what comes into one of c copies of a unit is divided by c to this power.
            blank: What new entries get, one array a parameter array of the grown net; 0 when not given.
            embed: Whether these are the parameters of a net that is to compute what it did: then copies do not
                inherit, and new entries of layers that go on are 0.
        """


class Term(Model):
    """Base of the gradient terms: a new one is a new file here, or in a package of yours.

    Attributes:
        column: The column of a curve that tells its value.
        unshaped: Names of what it holds that is not shaped like the parameters; growth leaves it as it is.
    """

    column: ClassVar[Column]
    unshaped: ClassVar[tuple[str, ...]] = ()

    kind: str
    strength: float = Field(1, ge=0, le=1e6)
    """Factor on all that it adds; 0 is as if it were not there."""

    @property
    def is_fused(self) -> bool:
        """Whether compiled code carries it out within its update; a run with any other term trains by torch."""
        return False

    def value(self, theta: Blocks, held: Mapping[str, Blocks], step: int) -> float | None:
        """Give what it adds to the loss.

        Args:
            theta: The parameters, one array a parameter array in the order of ``Weights.flat``.
            held: What it holds.
            step: Updates done.

        Returns:
            The value, in the unit of the loss; ``None`` where its gradient is that of no function.
        """
        raise NotImplementedError

    def value_of(self, net: Any, x: np.ndarray, held: Mapping[str, Blocks], step: int) -> float | None:
        """Give what it adds to the loss of a net, for a term whose value its parameters alone do not tell.

        Args:
            net: The net, as ``foldscape.net.mlp.Weights``.
            x: (N, d) training points.
            held: What it holds.
            step: Updates done.

        Returns:
            As ``value``, which is asked unless a term says otherwise.
        """
        return self.value(tuple(net.flat()), held, step)

    def add_gradient(self, gradient: list[Tensor], moment: TermMoment) -> None:
        """Add its gradient, in place; not called while ``strength`` is 0.

        Args:
            gradient: Gradient of the loss and of the terms before it, one tensor a parameter array.
            moment: What it may look at.
        """
        raise NotImplementedError

    def begin(self, theta: Blocks) -> dict[str, Blocks]:
        """Give what it holds before the first update; nothing, unless a term says otherwise.

        Args:
            theta: The first parameters.

        Returns:
            Arrays by name, shaped like the parameters but for those named in ``unshaped``.
        """
        return {}

    def grown(self, held: Mapping[str, Blocks], theta: Blocks, carry: Carry) -> dict[str, Blocks]:
        """Give what it holds of a grown net: old entries stay, new ones are 0, copies inherit.

        Args:
            held: What it held of the old net, shaped like its parameters.
            theta: Parameters of the grown net.
            carry: Brings arrays into the grown net's shape.

        Returns:
            What it holds from now on.
        """
        return {name: carry(blocks) for name, blocks in held.items()}
