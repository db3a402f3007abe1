"""What the slices, planes and paths of a module stand on: its data, read once, and directions from its point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foldscape.curvature import Objective, probe_subset
from foldscape.errors import InvalidInput
from foldscape.landscape.direction import (
    Direction,
    eigen_directions,
    gradient_direction,
    radial_direction,
    random_direction,
    towards,
)
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.spec import Biases
from foldscape.modules.batch_loss import BatchLoss, LossLike

if TYPE_CHECKING:
    from torch.nn import Module

    from foldscape.modules.samples import Samples


@dataclass(frozen=True)
class MeasuredModule:
    """A module with its data under one loss.

    Attributes:
        module: The net.
        samples: The training data: evaluators and directions take the same.
        loss: The loss.
        renewed: Whether the statistics of batch normalisation are computed anew at every point.
        train: Losses on training data.
        test: Losses on test data, or ``None``.
    """

    module: Module
    samples: Samples
    loss: LossLike
    renewed: bool
    train: Evaluator
    test: Evaluator | None

    @staticmethod
    def of(module: Module, data: Any, test: Any, loss: LossLike, norm_data: Any) -> MeasuredModule:
        """Read the data, each once; see ``slice`` for the arguments."""
        from foldscape.modules.reading import inputs_of, read_samples

        whole = isinstance(loss, BatchLoss)
        samples = read_samples(data, whole=whole)
        norms = samples if isinstance(norm_data, str) and norm_data == "data" else None
        if norms is None and norm_data is not None:
            norms = read_samples(norm_data, whole=True) if whole else inputs_of(norm_data)
        train = Evaluator.of(module, samples, loss=loss, norm_data=norms)
        held_out = (
            None if test is None else Evaluator.of(module, read_samples(test, whole=whole), loss=loss, norm_data=norms)
        )
        return MeasuredModule(module, samples, loss, norms is not None, train, held_out)

    def direction(self, named: Any, biases: Biases = "zero") -> Direction:
        """Find a direction; see ``slice``.

        Returns:
            The direction, (P,).

        Raises:
            InvalidInput: If there is none of that name, or another net is not of the same kind.
        """
        theta, blocks = self.train.theta, self.train.blocks
        if isinstance(named, Direction):
            return named
        if not isinstance(named, str):
            return towards(theta, self.vector(named), blocks)
        word, _, number = named.partition(" ")
        if word == "random" and (not number or number.isdecimal()):
            return random_direction(theta, blocks, int(number or 0), biases=biases)
        if named == "radial":
            return radial_direction(theta, blocks)
        if named == "gradient":
            return gradient_direction(self._objective())
        if named[:1] == "v" and named[1:].isdecimal() and 1 <= int(named[1:]) <= 20:
            found = eigen_directions(self._objective(), int(named[1:]))[-1]
            # That curvature is of the net with the statistics that it has.
            return replace(found, curvature=None) if self.renewed else found
        raise InvalidInput(
            f"There is no direction {named!r}.",
            hint="Give v1 to v20, gradient, radial, random, random 5, a module of the same shape, or a Direction.",
        )

    def directions(self, named: Sequence[Any], biases: Biases = "zero") -> list[Direction]:
        """Find several directions; the sharpest are looked for together."""
        sharp = [int(one[1:]) for one in named if isinstance(one, str) and one[:1] == "v" and one[1:].isdecimal()]
        if len(sharp) < 2 or not 1 <= min(sharp) <= max(sharp) <= 20:
            return [self.direction(one, biases) for one in named]
        found = eigen_directions(self._objective(), max(sharp))
        if self.renewed:
            found = tuple(replace(one, curvature=None) for one in found)
        known = {f"v{number}": found[number - 1] for number in sharp}
        return [known[one] if isinstance(one, str) and one in known else self.direction(one, biases) for one in named]

    def vector(self, state: Any) -> NDArray[np.float64]:
        """Take the parameter vector (P,) of another module, a ``state_dict()`` or an array."""
        from foldscape.landscape.states import vector_of_state

        vector = self.train.vector(vector_of_state(state, self.module, self.train.blocks, renewed=self.renewed))
        if not np.isfinite(vector).all():
            raise InvalidInput(
                f"A net holds {np.count_nonzero(~np.isfinite(vector))} parameters that are not finite.",
                hint="Leave out the moments after training blew up.",
            )
        return vector

    def _objective(self) -> Objective:
        return Objective.of(self.module, self.samples.take(probe_subset(len(self.samples)).indices), loss=self.loss)
