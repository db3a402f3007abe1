"""A net of one's own, as plain arrays: what is trained, what is kept beside it, and what its module says of itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from foldscape.arrays import FloatArray
from foldscape.lazy import lazy
from foldscape.net.compute import per_sample
from foldscape.net.modular import ModularNet
from foldscape.net.own.anatomy import Anatomy

if TYPE_CHECKING:
    from torch import nn

    from foldscape.net.kinds.module import ModuleSpec


@dataclass(frozen=True)
class OwnNet(ModularNet):
    """The tensors of a module that a factory made; ``buffers`` holds what is not trained, frozen parameters too.

    Attributes:
        spec: The factory and its options.
        anatomy: What the module says of itself; it travels with the arrays, so that nobody has to make the module
            for it.
    """

    spec: ModuleSpec = field(kw_only=True)
    anatomy: Anatomy = field(kw_only=True)

    @property
    def flops_per_sample(self) -> float:
        """Floating point operations of one step of training by sample; NaN where they could not be counted."""
        multiplied = self.anatomy.multiplications
        return math.nan if multiplied is None else float(per_sample(multiplied))

    @lazy
    def is_normed(self) -> bool:
        """Whether it keeps running statistics."""
        return self.anatomy.has_running_statistics

    @lazy
    def names(self) -> tuple[str, ...]:
        """What its trained parameters are called, in the order of ``flat``."""
        return self.anatomy.names

    def parts(self) -> Iterator[tuple[int, str, FloatArray]]:
        """Give each trained array with the number of its layer and its name there."""
        for (layer, name), array in zip(self.anatomy.layers(), self.arrays, strict=True):
            yield layer, name, array

    def state(self) -> dict[str, tuple[FloatArray, ...]]:
        """Give every array that ``restored`` needs, by name."""
        anatomy: Any = (self.anatomy.told(),)
        return {**super().state(), "anatomy": anatomy}

    def restored(self, state: Mapping[str, tuple[FloatArray, ...]]) -> OwnNet:
        """Give the net whose ``state`` this is, made by the same factory."""
        anatomy = Anatomy.read(np.asarray(state["anatomy"][0], np.uint8))
        return replace(self, arrays=tuple(state["arrays"]), buffers=tuple(state["buffers"]), anatomy=anatomy)

    def refuse_other_tensors(self) -> None:
        """Refuse tensors that are not those of the module that the factory makes; see ``Weights``."""
        from foldscape.net.own.making import anatomy_of

        anatomy_of(self.spec, self.shape, self.outputs).refuse_other(self.anatomy)

    def found(self) -> dict[str, Any]:
        """Tell its tensors, and what a sample takes; see ``foldscape.events.NetMade``."""
        anatomy = self.anatomy
        return {
            "names": list(anatomy.names),
            "shapes": [list(shape) for shape in anatomy.shapes],
            "parameters": self.parameters,
            "untrained": list(anatomy.kept),
            "multiplications": anatomy.multiplications,
        }

    def running(self) -> AbstractContextManager[None]:
        """Give what surrounds a pass at rest: what it draws is the same each time."""
        from foldscape.net.own.passing import at_rest

        return at_rest(self)

    def module(self) -> nn.Module:
        """Make the torch module with copies of these arrays, at rest, on the processor; it takes samples as rows."""
        from foldscape.net.own.making import own_module

        return own_module(self.spec, self.shape, self.outputs, self.arrays, self.buffers)

    def logits(self, x: FloatArray) -> FloatArray:
        """Give the outputs (N, K) for samples (N, numbers), in the net's precision."""
        from foldscape.net.own.passing import own_outputs

        return own_outputs(self, x)

    def representation(self, x: FloatArray) -> FloatArray:
        """Give what the part that runs last receives for samples (N, numbers), (N, numbers)."""
        from foldscape.net.own.passing import before_last_part

        return before_last_part(self, x)

    def active_counts(self, x: FloatArray) -> list[npt.NDArray[np.int64]]:
        """Count nothing: which of its numbers are units is not known."""
        return []
