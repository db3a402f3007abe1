"""A net that a torch module computes, as plain arrays: its parameters, its buffers, and which blocks it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from foldscape.arrays import FloatArray
from foldscape.device import Device, torch_device
from foldscape.errors import InvalidInput
from foldscape.lazy import lazy
from foldscape.net.abilities import Abilities
from foldscape.net.blocks.linear import LinearLayer
from foldscape.net.compute import per_sample
from foldscape.net.mlp import Weights
from foldscape.net.modular_spec import ModularSpec

if TYPE_CHECKING:
    from torch import nn

    from foldscape.net.blocks.layer import SampleShape
    from foldscape.net.blocks.modules.differentiated import PassedModule
    from foldscape.net.blocks.plan import NetPlan, Structure


@dataclass(frozen=True)
class ModularNet(Weights):
    """The parameters and buffers of a torch module.

    It takes samples as rows (N, numbers), in whatever shape its blocks read them.

    Attributes:
        spec: The kind of net and its settings.
        shape: Shape of one sample.
        outputs: Number of outputs K.
        structure: Inner widths of the blocks of each stage.
        arrays: Parameters, in the order of the module's ``named_parameters``.
        buffers: What is kept beside them, in the order of its ``named_buffers``.
        device: Where it computes answers, losses and curvature; no part of its state.
    """

    weights: tuple[FloatArray, ...] = ()
    biases: tuple[FloatArray, ...] = ()
    spec: ModularSpec = field(kw_only=True)
    shape: SampleShape = field(kw_only=True)
    outputs: int = field(kw_only=True)
    structure: Structure = field(kw_only=True)
    arrays: tuple[FloatArray, ...] = field(kw_only=True)
    buffers: tuple[FloatArray, ...] = field(kw_only=True)
    device: Device = field(default="cpu", kw_only=True)

    @property
    def can(self) -> Abilities:  # type: ignore[override]
        """What nets of this kind can do."""
        return self.spec.can

    @lazy
    def plan(self) -> NetPlan:
        """Its blocks."""
        return self.spec.plan(self.shape, self.outputs, self.structure)

    @lazy
    def makeup(self) -> object:
        """What two nets have to have in common besides shapes: their blocks; their spec where these are not known."""
        try:
            return self.plan
        except ValueError:
            return self.spec

    @lazy
    def hidden(self) -> tuple[int, ...]:
        """Inner width of each block that has one, stage by stage."""
        return tuple(width for stage in self.structure for width in stage)

    @property
    def features(self) -> int:
        """Numbers of a sample."""
        return int(np.prod(self.shape))

    @property
    def classes(self) -> int:
        """Number of outputs K."""
        return self.outputs

    @property
    def flops_per_sample(self) -> float:
        """Floating point operations of one step of training, forward and back, by sample."""
        return float(per_sample(self.plan.multiplications))

    @lazy
    def is_normed(self) -> bool:
        """Whether it keeps running statistics."""
        return bool(self.buffers)

    @property
    def keeps_statistics(self) -> bool:
        """Whether it has running statistics: at rest it computes with them."""
        return self.is_normed

    @lazy
    def is_wide(self) -> bool:
        """No layer receives the activations of all before it."""
        return False

    @lazy
    def names(self) -> tuple[str, ...]:
        """What its parameters are called, in the order of ``flat``."""
        return tuple(tensor.name for tensor in self.plan.tensors)

    def parts(self) -> Iterator[tuple[int, str, FloatArray]]:
        """Give each parameter array with the number of its layer and its name there."""
        for tensor, array in zip(self.plan.tensors, self.arrays, strict=True):
            yield tensor.layer, tensor.name.rpartition(".")[2], array

    def with_flat(self, parts: Sequence[FloatArray]) -> ModularNet:
        """Give the same net with other parameters; buffers stay."""
        return replace(self, arrays=tuple(parts))

    def with_buffers(self, buffers: Sequence[FloatArray]) -> ModularNet:
        """Give the same net with other buffers."""
        return replace(self, buffers=tuple(buffers))

    def folded(self) -> ModularNet:
        """Give the net itself: at rest it computes with its running statistics."""
        return self

    def with_statistics_of(self, x: FloatArray) -> ModularNet:
        """Give the net with the running statistics that it has on points (N, numbers), the mean over batches."""
        from foldscape.net.blocks.modules.statistics import renewed_buffers

        return self.with_buffers(renewed_buffers(self, x))

    def why_apart(self, other: Weights) -> str:
        """Say what keeps parameters from meaning the same one by one in another net: other blocks do too."""
        if (why := super().why_apart(other)) or not isinstance(other, ModularNet):
            return why
        return "" if self.makeup == other.makeup else "they have other blocks"

    def state(self) -> dict[str, tuple[FloatArray, ...]]:
        """Give every array that ``restored`` needs, by name."""
        structure: Any = (told_of(self.structure),)
        return {"arrays": self.arrays, "buffers": self.buffers, "structure": structure}

    def restored(self, state: Mapping[str, tuple[FloatArray, ...]]) -> ModularNet:
        """Give the net whose ``state`` this is, of the same kind; its structure may be another."""
        structure = stages_of(state["structure"][0])
        return replace(self, arrays=tuple(state["arrays"]), buffers=tuple(state["buffers"]), structure=structure)

    def astype(self, dtype: npt.DTypeLike) -> ModularNet:
        """Give a copy in another precision; buffers that count stay whole numbers."""
        cast = [part.astype(dtype) if np.issubdtype(part.dtype, np.floating) else part for part in self.buffers]
        return replace(self, arrays=tuple(part.astype(dtype) for part in self.arrays), buffers=tuple(cast))

    def connections(self) -> dict[str, Any]:
        """Tell its structure as frames do, as ``told_of`` writes it."""
        return {"structure": told_of(self.structure)}

    def about(self) -> dict[str, Any]:
        """Tell the spec of the net and the shape of a sample, for a file of weights."""
        return {"net": self.spec.model_dump(mode="json"), "shape": list(self.shape)}

    def running(self) -> AbstractContextManager[None]:
        """Give what surrounds a pass of its module at rest; for most nets nothing has to."""
        return nullcontext()

    def refuse_other_tensors(self) -> None:
        """Refuse arrays whose shapes are not those of the net's blocks.

        Raises:
            InvalidInput: Naming the first tensor that differs.
        """  # noqa: DOC501 - a function makes it
        wanted = [(tensor.name, tensor.shape) for tensor in self.plan.tensors]
        if len(wanted) != len(self.arrays):
            raise _another(f"it has {len(self.arrays)} tensors, this net {len(wanted)}")
        for (name, shape), array in zip(wanted, self.arrays, strict=True):
            if array.shape != shape:
                raise _another(f"its {name} is of shape {array.shape}, that of this net of {shape}")
        if len(kept := self.plan.first_buffers()) != len(self.buffers):
            raise _another(f"it keeps {len(self.buffers)} running statistics, this net {len(kept)}")

    def module(self) -> nn.Module:
        """Make the torch module with copies of these parameters and buffers, at rest, on the processor."""
        from foldscape.net.blocks.modules.filling import module_with

        return module_with(self.spec.module(self.shape, self.outputs, self.structure), self.arrays, self.buffers)

    def placed(self) -> nn.Module:
        """Make the torch module where the net computes; see ``module``."""
        return self.module().to(torch_device(self.device))

    def logits(self, x: FloatArray) -> FloatArray:
        """Give the outputs (N, K) for samples (N, numbers), in the net's precision."""
        from foldscape.net.blocks.modules.passing import passed_outputs

        return passed_outputs(self, x)

    def logits_in_order(self, x: FloatArray) -> FloatArray:
        """Give the outputs (N, K), float64."""
        return self.astype(np.float64).logits(x)

    def passed(self, x: FloatArray) -> PassedModule:
        """Pass samples (N, numbers) through, ready for the way back to the inputs."""
        from foldscape.net.blocks.modules.differentiated import PassedModule

        return PassedModule.through(self, x)

    def representation(self, x: FloatArray) -> FloatArray:
        """Give what the last layer with weights receives for samples (N, numbers), (N, numbers)."""
        from foldscape.net.blocks.modules.passing import before_last

        return before_last(self, x)

    @property
    def output_weight(self) -> FloatArray | None:
        """The (K, numbers) weights of the last layer where it is linear and reads one row; else ``None``."""
        if self.makeup is self.spec:
            return None
        name, layer, came = self.plan.layers[-1]
        is_row = isinstance(layer, LinearLayer) and len(came) == 1
        return self.arrays[self.names.index(f"{name}.weight")] if is_row else None

    def active_signs(self, x: FloatArray) -> npt.NDArray[np.bool_]:
        """Say which units weigh up more than 0 on samples, (N, units at all places), in float64."""
        from foldscape.net.blocks.modules.passing import signs

        return signs(self.astype(np.float64), x)

    def active_counts(self, x: FloatArray) -> list[npt.NDArray[np.int64]]:
        """Count the samples on which each inner unit of a block answers above 0 somewhere."""
        from foldscape.net.blocks.modules.passing import counts_of_active

        return counts_of_active(self, x)


def _another(differs: str) -> InvalidInput:
    return InvalidInput(
        f"These are the weights of another net: {differs}.", hint="Use the spec that they were made with."
    )


def told_of(structure: Structure) -> npt.NDArray[np.int32]:
    """Write a structure as one array, a 0 behind each stage.

    Returns:
        (blocks + stages,) int32.

    Example:
        >>> told_of(((8, 8), (16,))).tolist()
        [8, 8, 0, 16, 0]
    """
    return np.array([number for stage in structure for number in (*stage, 0)], np.int32)


def stages_of(told: npt.NDArray[Any]) -> Structure:
    """Read what ``told_of`` wrote.

    Returns:
        The structure.

    Example:
        >>> stages_of(np.array([8, 8, 0, 16, 0]))
        ((8, 8), (16,))
    """
    stages: list[tuple[int, ...]] = []
    stage: list[int] = []
    for number in map(int, told):
        if number:
            stage.append(number)
        else:
            stages.append(tuple(stage))
            stage = []
    return tuple(stages)
