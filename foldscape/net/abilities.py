"""What a kind of net can do, and where the code is that does it; everybody else asks here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from foldscape.errors import NotPossible
from foldscape.lazy import load_reference

if TYPE_CHECKING:
    from foldscape.losses import Loss

EngineName = Literal["compiled", "torch"]
Reads = Literal["numbers", "characters", "tokens"]
READ_AS_WORDS: dict[Reads, str] = {
    "numbers": "numbers",
    "characters": "the numbers of characters",
    "tokens": "the numbers of words",
}
"""What people call them."""
ReadAs = Literal["columns", "rows"]
Drawn = Literal["layers", "depth", "blocks"]
Ability = Literal["scores", "objective", "evaluator", "space", "pieces", "many"]

_LACKING: dict[Ability, str] = {
    "scores": "and its losses and accuracies cannot be measured",
    "objective": "and its curvature cannot be measured",
    "evaluator": "and its landscape cannot be measured",
    "space": "and its recorded moments have no common parameter space",
    "pieces": "and its folds cannot be computed",
    "many": "and trains one at a time",
}


@dataclass(frozen=True)
class Abilities:
    """What nets of a kind can do.

    The code that does it stands on higher storeys or in a plugin, so that it is named as entry points are,
    ``module:name``, and loaded when it is first needed; an empty name says that there is none.

    Attributes:
        name: The kind, as ``wiring`` in a spec.
        title: What people call it in a list.
        words: What a net of it is, as in "This net is ...".
        plural: What nets of it are, as in "this rule grows ...".
        reads: What its inputs are: numbers, or the numbers of characters or words.
        also: What it reads besides.
        grown_as: Growth rules that grow this can grow it (``GrowthRule.grows``); empty when none can.
        layered: Whether it is a chain of hidden layers that keep their places: widths and depth are limited one by one,
            folds are laid into one of them, units can be put in another order.
        ungrown: Hidden widths with which a page starts it.
        single: Whether a fixed net of the same size has all its hidden units in one layer.
        drawn: How a page draws it: by layers, by the depth of its nodes, or by blocks.
        engines: Who trains it: ``(net, spec, split) -> Engine``, by the engine's name.
        kernels: Losses that its compiled engine trains on: the plain cross-entropy, all that have a ``Form``, or any.
        many: Who trains many of one shape at once, as ``foldscape.engine.compiled_many.ManyNets``.
        scores: Its losses and accuracies: ``(net, columns, y, loss) -> Scores``, see ``foldscape.net.passes.scores``.
        objective: Its loss and curvature: ``(net, x, y, loss) -> Objective``.
        evaluator: Its landscape: ``(net, x, y, loss, threads, device) -> Evaluator``; nets that keep running statistics
            are given points on which these are renewed as a seventh argument, where that is asked for.
        space: Its parameters over a run: a ``foldscape.landscape.recorded.space.Space``.
        pieces: Its exact geometry in the plane: ``(net, box) -> Partition``.
        warm: What loads its compiled code, called without arguments.
        slower: How many times as long its passes and Hessian products take as those of a chain of its size.
        read_as: How ``scores`` takes the points: compiled passes take columns in float64, whatever reads rows takes
            them as they lie, so that no copy of a large set is made.
    """

    name: str
    title: str
    words: str
    plural: str
    reads: Reads = "numbers"
    also: tuple[Reads, ...] = ()
    grown_as: str = ""
    layered: bool = False
    ungrown: tuple[int, ...] = (1,)
    single: bool = False
    drawn: Drawn = "layers"
    engines: Mapping[EngineName, str] = field(default_factory=dict)
    kernels: Literal["softmax", "forms", "any"] = "any"
    many: str = ""
    scores: str = ""
    objective: str = ""
    evaluator: str = ""
    space: str = ""
    pieces: str = ""
    warm: tuple[str, ...] = ()
    slower: float = 1
    read_as: ReadAs = "columns"

    def compiles(self, loss: Loss) -> bool:
        """Whether its compiled engine trains on a loss."""
        return {"softmax": loss.is_softmax, "forms": loss.form is not None, "any": True}[self.kernels]

    @property
    def readable(self) -> tuple[Reads, ...]:
        """All that its inputs can be."""
        return (self.reads, *self.also)

    @property
    def parts(self) -> list[Ability]:
        """What it can do, by the names of ``part``."""
        return [name for name in _LACKING if getattr(self, name)]

    def part(self, name: Ability) -> Any:
        """Load the code that does something.

        Args:
            name: What it does, as the attribute is called.

        Returns:
            The code.

        Raises:
            NotPossible: If nets of this kind cannot do it.
        """
        reference: str = getattr(self, name)
        if not reference:
            raise NotPossible(f"This net is {self.words}, {_LACKING[name]}.", hint="Choose another wiring.")
        return load_reference(reference)
