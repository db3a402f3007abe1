"""Base of the kinds of nets that a torch module computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, TypeAdapter

from foldscape.model import added, held_together, in_forms
from foldscape.net.abilities import Abilities
from foldscape.net.spec import NetSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from pydantic.fields import FieldInfo
    from torch import nn

    from foldscape.net.blocks.layer import SampleShape
    from foldscape.net.blocks.plan import NetPlan, Structure
    from foldscape.net.compute import Passage
    from foldscape.net.modular import ModularNet

NOTHING_HIDDEN: tuple[int, ...] = ()
OF_A_CHAIN = in_forms(wiring="layers")
"""Marks fields that mean nothing here, so that forms leave them out."""


def abilities(name: str, title: str, words: str, plural: str, **more: Any) -> Abilities:
    """Give what nets can do that a torch module computes.

    Args:
        name: The kind, as ``wiring`` in a spec.
        title: What people call it in a list.
        words: What a net of it is.
        plural: What nets of it are.
        **more: What differs from the others.

    Returns:
        Its abilities.
    """
    usual: dict[str, Any] = {
        "engines": {"torch": "foldscape.engine.modular:engine_of"},
        "scores": "foldscape.curvature.modular:scores_of",
        "objective": "foldscape.curvature.modular:objective_of_module",
        "evaluator": "foldscape.landscape.modular:evaluator_of",
        "space": "foldscape.landscape.recorded.block_space:BlockSpace",
        "read_as": "rows",
        "drawn": "blocks",
        "ungrown": (),
    }
    return Abilities(name, title, words, plural, **(usual | more))


class ModularSpec(NetSpec):
    """A net that a torch module computes; each kind says with ``plan`` which blocks it has.

    Attributes:
        unread: Fields of all nets that mean nothing to the kind, and are refused.
    """

    unread: ClassVar[tuple[str, ...]] = ("hidden", "bias", "first_weights", "dropout")

    hidden: tuple[int, ...] = Field(NOTHING_HIDDEN, json_schema_extra=OF_A_CHAIN)
    """Widths of a chain; this kind of net has none."""
    bias: bool = Field(True, json_schema_extra=OF_A_CHAIN)
    """Whether a graph has biases; this kind of net has those of its layers."""
    first_weights: Literal["fan_in", "uniform"] = Field("fan_in", json_schema_extra=OF_A_CHAIN)
    """First weights of a chain; this kind of net draws those of its layers, uniform in ±1/√fan-in."""
    dropout: float = added(0.0, ge=0, lt=1, json_schema_extra=OF_A_CHAIN)
    """Units of a chain that an update leaves out; this kind of net leaves none out."""
    output_scale: float = Field(1, ge=0, le=10, json_schema_extra=in_forms(advanced=True))
    """Factor on the first weights of the output layer."""

    @property
    def is_random(self) -> bool:
        """Whether its answers in training depend on more than parameters and inputs."""
        return False

    @held_together
    def _has_nothing_of_a_chain(self) -> Self:
        fields = type(self).model_fields
        for name in self.unread:
            if (given := getattr(self, name)) != fields[name].default:
                told = list(given) if isinstance(given, tuple) else given
                raise ValueError(f"{name} {told} is not possible with wiring {self.can.name}; leave it out")
        return self

    def plan(self, shape: SampleShape, classes: int, structure: Structure | None = None) -> NetPlan:
        """Say which blocks the net has.

        Args:
            shape: Shape of one sample.
            classes: Number of outputs.
            structure: Inner widths of the blocks of each stage, where growth has changed them.

        Returns:
            The plan.

        Raises:
            ValueError: If such a sample cannot pass, with the shapes in words.
        """
        raise NotImplementedError

    def module(self, shape: SampleShape, classes: int, structure: Structure | None = None) -> nn.Module:
        """Make the torch module, which takes samples as rows; its parameters are overwritten."""
        from foldscape.net.blocks.modules.whole import blank_module

        return blank_module(self.plan(shape, classes, structure))

    def first_on(self, shape: SampleShape, classes: int, rng: np.random.Generator) -> ModularNet:
        """Draw the net at the start of a run; see ``NetSpec.first_on``."""
        from foldscape.net.modular import ModularNet

        plan = self.plan(shape, classes)
        arrays = plan.first(rng, self.output_scale)
        return ModularNet(
            activation=self.activation,
            negative_slope=self.negative_slope,
            spec=self,
            shape=shape,
            outputs=classes,
            structure=plan.structure,
            arrays=arrays,
            buffers=plan.first_buffers(),
        )

    def recorded_on(self, state: Mapping[str, Any], shape: SampleShape, classes: int) -> ModularNet:
        """Give the net of a frame or a snapshot; see ``NetSpec.recorded_on``."""
        from foldscape.net.modular import ModularNet, stages_of

        return ModularNet(
            activation=self.activation,
            negative_slope=self.negative_slope,
            spec=self,
            shape=shape,
            outputs=classes,
            structure=stages_of(state["structure"][0]),
            arrays=tuple(state["arrays"]),
            buffers=tuple(state["buffers"]),
        )

    def parameters_on(self, shape: SampleShape, classes: int) -> int | None:
        """Count the parameters of the net at the start of a run; see ``NetSpec.parameters_on``."""
        return self.plan(shape, classes).parameters

    def hidden_on(self, shape: SampleShape, classes: int) -> tuple[int, ...]:
        """Give the inner width of each block that has one; see ``NetSpec.hidden_on``."""
        return tuple(width for stage in self.plan(shape, classes).structure for width in stage)

    def units_on(self, shape: SampleShape, classes: int) -> int:
        """Count the units that growth can add to: the inner channels of all blocks; see ``NetSpec.units_on``."""
        return sum(self.hidden_on(shape, classes))

    def called_on(self, shape: SampleShape, classes: int) -> str:
        """Name the net by its kind and its own numbers; see ``NetSpec.called_on``."""
        from foldscape.field_words import field_title

        fields = type(self).model_fields
        own = [
            name
            for name, field in fields.items()
            if name not in ModularSpec.model_fields
            and (getattr(self, name) != field.default or not _is_advanced(field))
        ]
        told = [(name, getattr(self, name)) for name in own]
        sizes = [f"{field_title(name, self.can.name)} {_size(value)}" for name, value in told if _size(value)]
        return ", ".join([self.can.title, *sizes])

    def drawn_on(self, shape: SampleShape, classes: int, structure: Structure | None = None) -> list[dict[str, Any]]:
        """Tell its blocks for a drawing; see ``NetSpec.drawn_on``."""
        return list(self.plan(shape, classes, structure).drawn())

    def passage_on(self, shape: SampleShape, classes: int, born: int = 0) -> Passage | None:
        """Count what a sample's way forward takes; see ``NetSpec.passage_on``."""
        from foldscape.net.compute import Passage

        plan = self.plan(shape, classes)
        layers = sum(layer.is_weighted for _, layer, _ in plan.layers)
        return Passage(plan.multiplications, plan.values, layers, plan.parameters)

    def flops_on(self, parameters: Any, shape: SampleShape, classes: int) -> Any:
        """Count the operations a sample of one step of training; see ``NetSpec.flops_on``.

        A net that has grown to so many parameters is taken to multiply as often by each as it did at first.

        Returns:
            Operations, in the shape of ``parameters``.
        """
        from foldscape.net.compute import per_sample

        plan = self.plan(shape, classes)
        return per_sample(parameters / plan.parameters * plan.multiplications)

    def batch_problem(self, batch: int, shape: SampleShape, classes: int) -> str:
        """Refuse batches of one point where the batch is what normalises; see ``NetSpec.batch_problem``."""
        if batch > 1 or not self.plan(shape, classes).has_batch_norm:
            return ""
        return (
            f"{batch} gives batch normalisation one point, whose variance says nothing; "
            "use 2 or more, or net.norm group"
        )

    def residual_on(self, shape: SampleShape, classes: int) -> tuple[str, ...]:
        """Name the blocks that add to what comes and leave its shape as it is; see ``NetSpec.residual_on``."""
        try:
            plan = self.plan(shape, classes)
        except ValueError:  # it cannot read such samples, or its blocks are not known
            return ()
        return tuple(plan.blocks[place].name for place in plan.residual)

    def misfit(self, shape: SampleShape, classes: int) -> str:
        """Say why the net cannot read the data; see ``NetSpec.misfit``."""
        from foldscape.net.blocks.layer import sample_words, told

        try:
            out = self.plan(shape, classes).out
        except ValueError as error:
            return f"cannot read {sample_words(shape)}: {error}"
        return "" if out == (classes,) else f"gives {told(out)} for {classes} classes"


def _is_advanced(field: FieldInfo) -> bool:
    marks = field.json_schema_extra
    return isinstance(marks, dict) and bool(marks.get("advanced"))


def _size(value: Any) -> str:
    """Write a number, or several with dashes; nothing for what is neither, and for what is left open."""
    numbers = value if isinstance(value, tuple) else (value,)
    plain = all(isinstance(each, int | float) and not isinstance(each, bool) for each in numbers)
    return "-".join(f"{each:g}" for each in numbers) if plain and value else ""


def net_spec_of(told: Mapping[str, Any]) -> ModularSpec:
    """Read a net's spec from plain values."""
    from foldscape.net.spec import any_net

    spec = TypeAdapter(any_net()).validate_python(dict(told))
    assert isinstance(spec, ModularSpec)
    return spec
