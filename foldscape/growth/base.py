"""What every growth rule offers: a change of the net, worked out and not yet carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import ConfigDict, Field

from foldscape.errors import NotPossible
from foldscape.losses import CrossEntropy, Loss
from foldscape.model import Model
from foldscape.net.spec import kinds_of_net
from foldscape.registry import kinds

if TYPE_CHECKING:
    from foldscape.data.base import Scaling
    from foldscape.net.abilities import Abilities
    from foldscape.net.mlp import Weights

CopyPairs = tuple[tuple[int, int], ...]
"""Copies with what each is a copy of, (new, old)."""

if TYPE_CHECKING:
    Where = int
else:
    Where = Annotated[int, Field(ge=0, le=127)] | Literal["auto"]
"""A hidden layer, from 0, or the one that ``foldscape.growth.where.with_layer`` puts in the place of ``auto``."""


NAMED = 6
"""Rules that a refusal names."""


@dataclass(frozen=True)
class Scene:
    """What a growth rule may look at besides the net.

    Attributes:
        x: (N, d) training inputs.
        y: (N,) classes.
        box: The square of the plane that is shown, (xmin, xmax, ymin, ymax); ``None`` for other data.
        image_shape: (height, width) or (channels, height, width) when an input is a picture, else empty.
        loss: What the run trains on.
        next_unit: First lasting id that no unit has had.
        scaling: How the inputs follow from those in data units; ``None`` where they are the same.
    """

    x: np.ndarray
    y: np.ndarray
    box: tuple[float, float, float, float] | None = None
    image_shape: tuple[int, ...] = ()
    loss: Loss = field(default_factory=CrossEntropy)
    next_unit: int = 0
    scaling: Scaling | None = None

    def to_look_at(self, point: np.ndarray) -> np.ndarray:
        """Give a training input (d,) in data units, as people look at it."""
        return point if self.scaling is None else self.scaling.given(point)

    def refuse_other_losses(self) -> None:
        """Refuse any loss but the plain cross-entropy, for a rule that is worked out for it alone.

        Raises:
            NotPossible: If the run trains on another.
        """
        if not self.loss.is_softmax:
            plain = CrossEntropy()
            raise NotPossible(
                f"This run trains on {self.loss.label}; this rule is worked out for the plain {plain.title} only.",
                hint=f"Grow by GradMax or Firefly, or train on {plain.label}.",
            )


@dataclass(frozen=True)
class NewUnit:
    """A unit to be born.

    Attributes:
        incoming: (fan_in,) incoming weights.
        bias: Its bias.
        outgoing: (fan_out,) outgoing weights; all zero keeps the function.
        score: The rule's own criterion for this unit.
        explanation: What the rule looked at, in plain JSON.
    """

    incoming: np.ndarray
    bias: float
    outgoing: np.ndarray
    score: float
    explanation: dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What a growth rule makes of a net.

    A layer that goes on keeps its old entries in its first rows and columns, in their old order; what is new stands
    after them. So the optimiser's memory and the units' lasting ids can be carried over.

    Attributes:
        net: The net after the change.
        came_from: For each layer of ``net``, the output layer last, the old layer that goes on in it, or ``None``.
        layer: Hidden layer where it happened, from 0, counted in ``net``.
        k_new: Number of units added.
        score: The rule's own criterion.
        explanation: What the rule looked at, in plain JSON.
        units_from: For each hidden layer of ``net``, the old hidden layer whose units go on in it, or ``None``;
            the same as ``came_from`` when not given.
        copies: For hidden layers of ``net``, the pairs (new unit, old unit) of which the first is a copy that shares
            the outgoing weights of the second; the optimiser then remembers of it what it does of the other.
        copies_read: For layers of ``net``, the pairs (new column, old column) of the weights that read copies; those
            of the layer behind each when not given.
        units: Lasting ids of the units of each hidden layer, where the rule gives them; else old units keep theirs.
    """

    net: Weights
    came_from: tuple[int | None, ...]
    layer: int
    k_new: int
    score: float
    explanation: dict[str, Any]
    units_from: tuple[int | None, ...] | None = None
    copies: Mapping[int, CopyPairs] = field(default_factory=dict)
    copies_read: Mapping[int, CopyPairs] | None = None
    units: Sequence[np.ndarray] | None = None


Family = Literal["widening", "deepening", "waking"]
RuleGroup = Literal["folds", "gradients and ranks", "competing candidates", "copies and chance", ""]


def listing_settings(family: Family, name: str = "", group: RuleGroup = "") -> ConfigDict:
    """Give the settings by which pages list a rule: they go out with its schema.

    Args:
        family: What the rule does to a net.
        name: What people call it; its kind when not given.
        group: Rules of a family that are listed together.

    Returns:
        Settings for ``model_config``.
    """
    return ConfigDict(json_schema_extra={"family": family, "name": name, "group": group})


class GrowthRule(Model):
    """Base of the growth rules.

    Attributes:
        grows: What it grows: "layers", "blocks", "graphs"; a kind of net says what it is grown as
            (``Abilities.grown_as``).
    """

    grows: ClassVar[tuple[str, ...]] = ("layers",)

    kind: str

    def refuse_others(self, net: Weights) -> None:
        """Refuse a net of a kind that this rule does not grow.

        Args:
            net: The network as it is.

        Raises:
            NotPossible: If it is grown in other ways, or in none.
        """
        can = net.can
        if can.grown_as in self.grows:
            return
        fitting, starts = rules_for(can), self.grown_kinds()
        hints = [f"grow by {named_all(fitting, 'or')}"] if 0 < len(fitting) <= NAMED else []
        hints += [f"start with wiring {named_all([one.name for one in starts], 'or')}"] if starts else []
        hint = ", or ".join(hints)
        raise NotPossible(
            f"This net is {can.words}, and {self.kind} grows {named_all([one.plural for one in starts])}.",
            hint=f"{hint[:1].upper()}{hint[1:]}.",
        )

    @classmethod
    def grown_kinds(cls) -> list[Abilities]:
        """Give the kinds of nets that this rule grows, what a spec need not name first."""
        found = [kind for kind in kinds_of_net().values() if kind.can.grown_as in cls.grows]
        return [kind.can for kind in sorted(found, key=lambda kind: kind.model_fields["wiring"].is_required())]

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Work out what becomes of the net; nothing is changed here.

        Args:
            net: The network as it is.
            scene: The data it is trained on.
            rng: The only source of chance.

        Raises:
            NotPossible: If this net cannot be changed so, in a sentence.
        """
        raise NotImplementedError


def named_all(names: Sequence[str], word: str = "and") -> str:
    """Name several things in a sentence.

    Returns:
        The names with commas between them, and the word before the last.

    Example:
        >>> named_all(["a", "b", "c"], "or")
        'a, b or c'
    """
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def rules_for(can: Abilities) -> list[str]:
    """Name the growth rules that grow nets of a kind.

    Args:
        can: What they can do.

    Returns:
        The rules' kinds, in alphabetical order.
    """
    rules: Mapping[str, Any] = kinds("foldscape.growth", GrowthRule)
    return [kind for kind, rule in rules.items() if can.grown_as in rule.grows and "family" in _told(rule)]


def _told(rule: type[GrowthRule]) -> Mapping[str, Any]:
    told = rule.model_config.get("json_schema_extra")
    return told if isinstance(told, Mapping) else {}


class Widening(GrowthRule):
    """Base of the rules that add units to a hidden layer."""

    model_config = listing_settings("widening")

    layer: Where = 0
    """Hidden layer, or block, that receives the unit, from 0; ``auto`` takes where the normalised gradient is
    largest."""

    def propose(self, net: Weights, scene: Scene, rng: np.random.Generator) -> NewUnit:
        """Choose the next unit of hidden layer ``layer``.

        Args:
            net: The network as it is.
            scene: The data it is trained on.
            rng: The only source of chance.

        Raises:
            NotPossible: If the rule finds no unit to add.
        """
        raise NotImplementedError

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Add the unit that ``propose`` chooses at the end of its layer."""
        self.check(net)
        return widened(net, self.layer, self.propose(net, scene, rng))

    def check(self, net: Weights) -> None:
        """Refuse a layer that is not there.

        Args:
            net: The network as it is.

        Raises:
            NotPossible: If the net has no such hidden layer.
        """
        check_layer(net, self.layer)


class Waking(GrowthRule):
    """Base of the rules that give the dead units of a hidden layer something to learn from."""

    model_config = listing_settings("waking")

    layer: int = Field(0, ge=0, le=15)
    """Hidden layer, from 0."""


def widened(
    net: Weights, layer: int, *units: NewUnit, score: float | None = None, explanation: dict[str, Any] | None = None
) -> Change:
    """Give the change that adds units at the end of a hidden layer.

    Args:
        net: The network as it is.
        layer: Hidden layer, from 0.
        *units: The units to add, in their order.
        score: The rule's own criterion; the first unit's when missing.
        explanation: What the rule looked at; the first unit's when missing.

    Returns:
        The change.
    """
    grown = net
    for unit in units:
        grown = grown.with_unit(layer, unit.incoming, unit.bias, unit.outgoing)
    told = units[0].explanation if explanation is None else explanation
    return Change(
        grown, tuple(range(len(net.weights))), layer, len(units), units[0].score if score is None else score, told
    )


def check_layer(net: Weights, layer: int) -> None:
    """Refuse a hidden layer that is not there.

    Args:
        net: The network as it is.
        layer: Hidden layer, from 0.

    Raises:
        NotPossible: If the net has no such hidden layer.
    """
    depth = len(net.hidden)
    if layer == "auto":  # type: ignore[comparison-overlap]
        raise NotPossible("The layer is still to be chosen.", hint="Choose it with foldscape.growth.where.with_layer.")
    if depth == 0:
        raise NotPossible("This net has no hidden layer to grow.", hint="Start one with at least one hidden layer.")
    if layer >= depth:
        raise NotPossible(
            f"There is no hidden layer {layer + 1}; this net has {depth}.", hint=f"Choose layer 1 to {depth}."
        )
