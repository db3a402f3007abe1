"""A module of one's own: any torch module that a factory makes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, JsonValue, field_validator

from foldscape.hosting import FACTORY, allowed_here
from foldscape.model import in_forms
from foldscape.net.abilities import Abilities
from foldscape.net.modular_spec import ModularSpec, abilities
from foldscape.net.spec import Activation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np

    from foldscape.net.blocks.layer import SampleShape
    from foldscape.net.blocks.plan import NetPlan, Structure
    from foldscape.net.compute import Passage
    from foldscape.net.own.net import OwnNet

MOST_OPTIONS = 200
"""Values in all, however deep they stand."""
DEEPEST = 4
LONGEST = 500
"""Characters of a text."""
LARGEST = 2**53
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ELSEWHERE: dict[str, Any] = in_forms(wiring="layers")
NOT_KNOWN = "are known once the run has made the module"


class ModuleSpec(ModularSpec):
    """A torch module that a function of yours makes; how to write one, and where it may run: docs/own_module.md.

    Example:
        >>> from foldscape.spec import RunSpec
        >>> RunSpec(net={"wiring": "module", "factory": "my_package.nets:build"}).net.options
        {}
    """

    can: ClassVar[Abilities] = abilities(
        "module",
        "own module",
        "a module of your own",
        "modules of your own",
        engines={"torch": "foldscape.engine.own:engine_of"},
        also=("characters", "tokens"),
    )

    model_config = ConfigDict(json_schema_extra={"name": can.title})

    unread: ClassVar[tuple[str, ...]] = (*ModularSpec.unread, "activation", "output_scale")

    wiring: Literal["module"]
    """Any torch module; its blocks are not known before the run."""
    factory: str = Field(max_length=200, pattern=FACTORY)
    """The function that makes it, as ``my_package.nets:build``. It is called with the options, and with ``shape`` (of
    one sample) and ``classes`` where it takes arguments of these names."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """What the function is called with: plain JSON by the names of its arguments."""
    activation: Activation = Field("relu", json_schema_extra=_ELSEWHERE)
    """Not used: the module says itself what it computes."""
    output_scale: float = Field(1, ge=0, le=10, json_schema_extra=_ELSEWHERE)
    """Not used: the module draws its own first weights."""

    @field_validator("options")
    @classmethod
    def _is_plain(cls, options: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if strange := [name for name in options if not _NAME.fullmatch(name)]:
            raise ValueError(f"{strange[0][:60]!r} cannot name an argument; use letters, digits and _ only")
        if taken := [name for name in options if name in ("shape", "classes")]:
            raise ValueError(f"{taken[0]} is given by the data; take it out, the factory gets it where it asks for it")
        if (count := sum(1 for _ in _values(options, 0))) > MOST_OPTIONS:
            raise ValueError(f"{count} values are too many; give {MOST_OPTIONS} or fewer")
        return options

    @property
    def is_random(self) -> bool:
        """Whether its answers in training depend on more than parameters and inputs: nobody knows."""
        return True

    def why_refused(self) -> str:
        """Say why the factory may not be loaded here; see ``foldscape.hosting``."""
        return allowed_here().why_not(self.factory)

    def plan(self, shape: SampleShape, classes: int, structure: Structure | None = None) -> NetPlan:
        """Say that there is no plan.

        Raises:
            ValueError: Always: what a module has is known once it has been made.
        """
        raise ValueError(f"the blocks of a module of one's own are not known; its parameters {NOT_KNOWN}")

    def first_on(self, shape: SampleShape, classes: int, rng: np.random.Generator) -> OwnNet:
        """Let the factory make the net at the start of a run; see ``NetSpec.first_on``."""
        from foldscape.net.own.making import as_arrays, kept_of, made, trained_of
        from foldscape.net.own.net import OwnNet

        module, anatomy = made(self, shape, classes, rng.integers(2**32, size=4).tolist())
        arrays, kept = as_arrays(trained_of(module)), as_arrays(kept_of(module))
        return OwnNet(
            spec=self, shape=shape, outputs=classes, structure=(), arrays=arrays, buffers=kept, anatomy=anatomy
        )

    def recorded_on(self, state: Mapping[str, Any], shape: SampleShape, classes: int) -> OwnNet:
        """Give the net of a frame or a snapshot, without making its module; see ``NetSpec.recorded_on``."""
        import numpy as np

        from foldscape.net.own.anatomy import Anatomy
        from foldscape.net.own.net import OwnNet

        arrays, buffers = tuple(state["arrays"]), tuple(state["buffers"])
        anatomy = Anatomy.read(np.asarray(state["anatomy"][0], np.uint8))
        return OwnNet(
            spec=self, shape=shape, outputs=classes, structure=(), arrays=arrays, buffers=buffers, anatomy=anatomy
        )

    def hidden_on(self, shape: SampleShape, classes: int) -> tuple[int, ...]:
        """Give nothing: no growth rule adds to a module of one's own; see ``NetSpec.hidden_on``."""
        return ()

    def called_on(self, shape: SampleShape, classes: int) -> str:
        """Name the net by its factory; see ``NetSpec.called_on``."""
        return self.factory

    def drawn_on(self, shape: SampleShape, classes: int, structure: Structure | None = None) -> list[dict[str, Any]]:
        """Tell no block: they are not known; see ``NetSpec.drawn_on``."""
        return []

    def parameters_on(self, shape: SampleShape, classes: int) -> int | None:
        """Say that their number is known once the run has made the module; see ``NetSpec.parameters_on``."""
        return None

    def passage_on(self, shape: SampleShape, classes: int, born: int = 0) -> Passage | None:
        """Say that it is known once the run has made the module; see ``NetSpec.passage_on``."""
        return None

    def flops_on(self, parameters: Any, shape: SampleShape, classes: int) -> Any:
        """Give NaN: what a sample takes does not follow from the number of parameters; see ``NetSpec.flops_on``."""
        import numpy as np

        return np.full(np.shape(parameters), np.nan)

    def batch_problem(self, batch: int, shape: SampleShape, classes: int) -> str:
        """Say nothing: whether it has batch normalisation is known once the run has made the module."""
        return ""

    def misfit(self, shape: SampleShape, classes: int) -> str:
        """Say nothing: whether it reads the data is known once the run has made the module."""
        return ""


def _values(value: Any, depth: int) -> Iterator[object]:
    """Give every value within options; refuse what is too deep, too long or no number."""
    if depth > DEEPEST:
        raise ValueError(f"lists and mappings stand more than {DEEPEST} deep in one another; give flatter options")
    if isinstance(value, str) and len(value) > LONGEST:
        raise ValueError(f"a text of {len(value)} characters is too long; give {LONGEST} or fewer")
    if isinstance(value, float) and not abs(value) < float("inf"):
        raise ValueError(f"{value} is no finite number; give one")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST:
        raise ValueError(f"{str(value)[:21]}… is too large; give a whole number up to 2**53")
    yield value
    if isinstance(value, dict):
        if any(len(name) > LONGEST for name in value):
            raise ValueError(f"a name of more than {LONGEST} characters is too long; give a shorter one")
        for one in value.values():
            yield from _values(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            yield from _values(one, depth + 1)
