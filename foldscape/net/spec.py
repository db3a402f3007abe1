"""The network, as a spec: what all kinds of nets have in common."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from foldscape.model import Model, added, in_forms
from foldscape.registry import kinds, union_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from foldscape.net.abilities import Abilities
    from foldscape.net.compute import Passage
    from foldscape.net.mlp import Weights

Activation = Literal["relu", "leaky_relu", "tanh"]
ACTIVATIONS: dict[Activation, str] = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "tanh": "tanh"}
"""What people call them."""
BENDING: frozenset[Activation] = frozenset({"tanh"})
"""Those that are not piecewise linear: a net of them has no folds."""
MAX_LAYERS = 4
MAX_WIDTH = 1024
MAX_PLANE_WIDTH = 64
MAX_NODES = 1024
"""Hidden nodes of a graph in all."""
USUAL = "layers"
"""The kind of a spec that names none."""
ALSO_CALLED = {"mlp": "layers"}
"""Other names of kinds, and those that are written."""

Width = Annotated[int, Field(ge=1, le=MAX_WIDTH)]


class NetSpec(Model):
    """Base of the specs of nets, told apart by ``wiring``; each kind has its file in ``foldscape.net.kinds``.

    Called itself, it gives the kind that ``wiring`` names; ``mlp`` is another name of ``layers``.

    Attributes:
        can: What nets of the kind can do.

    Example:
        >>> NetSpec(hidden=(2,), wiring="dag").can.words
        'a graph'
    """

    can: ClassVar[Abilities]

    hidden: tuple[Width, ...] = Field((1,), max_length=MAX_LAYERS)
    """Width of each hidden layer, from the inputs on; 0 to 4 layers, up to 64 wide on plane data."""
    activation: Activation = "relu"
    """Activation of the hidden layers."""
    negative_slope: float = Field(0.1, ge=0, le=1, json_schema_extra=in_forms(activation="leaky_relu"))
    """Slope of leaky ReLU on its inactive side."""
    output_scale: float = Field(0, ge=0, le=10, json_schema_extra=in_forms(advanced=True))
    """Factor on the first weights of the output layer; 0 lets each unit find the sign it is needed with."""

    wiring: str = USUAL
    """The kind of net."""
    bias: bool = Field(True, json_schema_extra=in_forms(advanced=True, wiring="dag"))
    """Whether a graph has a constant input 1, whose edges are the biases; layers always have biases."""
    first_weights: Literal["fan_in", "uniform"] = Field("fan_in", json_schema_extra=in_forms(advanced=True))
    """First weights uniform in ±1/√fan-in, or in ±1/2."""
    dropout: float = added(0.0, ge=0, lt=1, json_schema_extra=in_forms(advanced=True))
    """Probability that an update leaves a hidden unit out for a sample; measuring and growing never do."""

    def __new__(cls, **given: Any) -> Self:
        """Make a spec of the kind that is named, where no kind is called itself."""
        if cls is not NetSpec:
            return super().__new__(cls)
        known = kinds_of_net()
        return super().__new__(known.get(_called(given.get("wiring", USUAL)), known[USUAL]))  # type: ignore[return-value]

    @model_validator(mode="before")
    @classmethod
    def _by_its_name(cls, given: Any) -> Any:
        """Take other names of kinds where no union has."""
        named = isinstance(given, dict) and "wiring" in given
        return {**given, "wiring": _called(given["wiring"])} if named else given

    def first(self, features: int, classes: int, rng: np.random.Generator) -> Weights:
        """Draw the net at the start of a run.

        Args:
            features: Number of inputs.
            classes: Number of outputs.
            rng: The only source of chance.

        Returns:
            The net, float32.
        """
        raise NotImplementedError

    def recorded(self, state: Mapping[str, Any], features: int, classes: int) -> Weights:
        """Give the net whose arrays a frame or a snapshot holds.

        Args:
            state: What ``Weights.state`` or ``Weights.told`` gave.
            features: Number of inputs.
            classes: Number of outputs.

        Returns:
            The net.
        """
        raise NotImplementedError

    def first_on(self, shape: tuple[int, ...], classes: int, rng: np.random.Generator) -> Weights:
        """Draw the net at the start of a run on samples of a shape; by default their numbers in a row are all it reads.

        Args:
            shape: Shape of one sample.
            classes: Number of outputs.
            rng: The only source of chance.

        Returns:
            The net, float32.
        """
        return self.first(math.prod(shape), classes, rng)

    def recorded_on(self, state: Mapping[str, Any], shape: tuple[int, ...], classes: int) -> Weights:
        """Give the net whose arrays a frame or a snapshot holds, as it reads samples of a shape; see ``recorded``."""
        return self.recorded(state, math.prod(shape), classes)

    def residual_on(self, shape: tuple[int, ...], classes: int) -> tuple[str, ...]:
        """Name the blocks that add to what comes and leave its shape as it is, on samples of a shape.

        Args:
            shape: Shape of one sample.
            classes: Number of outputs.

        Returns:
            Their names; none where the net has none, or cannot read such samples.
        """
        return ()

    def why_refused(self) -> str:
        """Say why nets of this kind may not be made here; see ``foldscape.net.kinds.module``.

        Returns:
            The end of a sentence, "net.factory ... is"; empty where they may.
        """
        return ""

    def misfit(self, shape: tuple[int, ...], classes: int) -> str:
        """Say why the net cannot read samples of a shape.

        Args:
            shape: Shape of one sample.
            classes: Number of outputs.

        Returns:
            The end of a sentence, "net.wiring ... cannot ..."; empty where it can.
        """
        return ""

    def units_on(self, shape: tuple[int, ...], classes: int) -> int:
        """Count the hidden units at the start of a run on samples of a shape."""
        return sum(self.hidden_on(shape, classes))

    def called_on(self, shape: tuple[int, ...], classes: int) -> str:
        """Name the net as tables do.

        Args:
            shape: Shape of one sample.
            classes: Number of outputs.

        Returns:
            By default the widths of all layers, as ``64-16-10``, with the kind behind them where it is no chain.
        """
        widths = "-".join(map(str, (math.prod(shape), *self.hidden, classes)))
        return widths if self.can.layered else f"{widths} · {self.can.name}"

    def drawn_on(
        self, shape: tuple[int, ...], classes: int, structure: tuple[tuple[int, ...], ...] | None = None
    ) -> list[dict[str, Any]]:
        """Tell the blocks of the net at the start of a run, for a drawing, in plain JSON.

        Args:
            shape: Shape of one sample.
            classes: Number of outputs.
            structure: Inner widths of its blocks, where growth has changed them; layers tell theirs in one stage.

        Returns:
            Blocks as ``foldscape.net.blocks.plan.NetPlan.drawn`` has them; by default one a layer.
        """
        from foldscape.net.facts import layers_drawn

        hidden = structure[0] if structure else self.hidden
        return layers_drawn((math.prod(shape), *hidden, classes), ACTIVATIONS[self.activation], bias=self.bias)

    def reading(self, symbols: int) -> NetSpec:
        """Give the spec as it reads data of so many symbols, which some kinds have a vector each for.

        Args:
            symbols: Different numbers that stand for words or characters; 0 of data that are numbers.

        Returns:
            The spec itself, unless the kind leaves something open that they decide.
        """
        del symbols
        return self

    def misread(self, symbols: int, shape: tuple[int, ...]) -> str:
        """Say why the net cannot read so many symbols in samples of a shape, from its field on; empty where it can."""
        del symbols, shape
        return ""

    def batch_problem(self, batch: int, shape: tuple[int, ...], classes: int) -> str:
        """Say why the net cannot learn from batches of so many points of a shape; empty where it can."""
        del batch, shape, classes
        return ""

    def parameters_on(self, shape: tuple[int, ...], classes: int) -> int | None:
        """Count the parameters of the net at the start of a run on samples of a shape; ``None`` where the run tells."""
        passage = self.passage_on(shape, classes)
        return None if passage is None else passage.weights

    def passage_on(self, shape: tuple[int, ...], classes: int, born: int = 0) -> Passage | None:
        """Count what a sample's way forward takes, once so many units have been born; ``None`` where the run tells."""
        from foldscape.net.compute import Passage

        widths = self.widths(math.prod(shape), classes, born)
        weights = sum((before + 1) * after for before, after in itertools.pairwise(widths))
        return Passage(weights, sum(widths[1:]), len(widths) - 1)

    def flops_on(self, parameters: Any, shape: tuple[int, ...], classes: int) -> Any:
        """Count the operations a sample of one step of training on samples of a shape; see ``flops_per_sample``."""
        return self.flops_per_sample(parameters)

    def hidden_on(self, shape: tuple[int, ...], classes: int) -> tuple[int, ...]:
        """Give the width of each place where units can be added, at the start of a run on samples of a shape."""
        return self.hidden

    def widths(self, features: int, classes: int, born: int = 0) -> tuple[int, ...]:
        """Give the widths of all layers once so many units have been born; by default all in the first hidden layer."""
        hidden = self.hidden
        grown = (hidden[0] + born, *hidden[1:]) if hidden else ((born,) if born else ())
        return (features, *grown, classes)

    def flops_per_sample(self, parameters: Any) -> Any:
        """Count the operations a sample of one step of training, of a net that has come to so many parameters.

        Args:
            parameters: Number of parameters, or many such numbers.

        Returns:
            Operations, in the shape of ``parameters``.
        """
        from foldscape.net.compute import per_sample

        return per_sample(parameters)

    @property
    def most_units(self) -> int | None:
        """Hidden units that it may have in all; ``None`` where its layers have limits of their own."""
        return None

    @property
    def slope(self) -> float | None:
        """Slope on the inactive side of a piecewise-linear activation; ``None`` for tanh."""
        if self.activation in BENDING:
            return None
        return self.negative_slope if self.activation == "leaky_relu" else 0.0


def _called(wiring: Any) -> Any:
    """Give the name by which a kind is written."""
    return ALSO_CALLED.get(wiring, wiring) if isinstance(wiring, str) else wiring


def kinds_of_net() -> dict[str, type[NetSpec]]:
    """Give the kinds of nets there are, those of plugins (``net.<name>``) included.

    Returns:
        Their specs, by ``wiring``.
    """
    return kinds("foldscape.net.kinds", NetSpec, "wiring", "net")  # type: ignore[return-value]


def any_net() -> Any:
    """Give the union of all kinds, as an annotation; a spec that names no kind is a chain of layers."""
    return union_of("foldscape.net.kinds", NetSpec, "wiring", "net", USUAL, ALSO_CALLED)
