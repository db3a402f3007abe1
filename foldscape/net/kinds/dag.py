"""The directed acyclic graph of nodes that random insertion can grow (hal-03402267, section 3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import ConfigDict

from foldscape.model import held_together
from foldscape.net.abilities import Abilities
from foldscape.net.spec import MAX_NODES, NetSpec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import numpy as np

    from foldscape.net.dag import Dag


class DagSpec(NetSpec):
    """A directed acyclic graph of nodes that random insertion can grow.

    Without hidden layers every input leads to every output, else it starts as the fully connected net.
    """

    can: ClassVar[Abilities] = Abilities(
        name="dag",
        title="graph (DAG)",
        words="a graph",
        plural="graphs",
        grown_as="graphs",
        ungrown=(),
        single=True,
        drawn="depth",
        engines={"compiled": "foldscape.engine.dag.engine:engine_of"},
        kernels="forms",
        scores="foldscape.net.passes:of_graph",
        objective="foldscape.curvature.dag:DagObjective",
        evaluator="foldscape.landscape.graphs:evaluator_of",
        space="foldscape.landscape.recorded.space:EdgeSpace",
        pieces="foldscape.geometry.of_net:pieces",
        warm=("foldscape.engine.dag.engine:warm",),
        slower=5,  # it is read as wide layers
    )

    model_config = ConfigDict(json_schema_extra={"name": can.title})

    wiring: Literal["dag"]
    """A graph whose nodes may receive from any node before them."""

    @held_together
    def _is_small(self) -> Self:
        if (nodes := sum(self.hidden)) > MAX_NODES:
            raise ValueError(f"a graph of {nodes} hidden nodes is too large; hidden may add up to {MAX_NODES}")
        return self

    @property
    def most_units(self) -> int:
        """Hidden nodes that it may have in all."""
        return MAX_NODES

    def parameters_on(self, shape: tuple[int, ...], classes: int) -> int:
        """Count the edges of the graph at the start of a run; see ``NetSpec.parameters_on``."""
        return sum(block["parameters"] for block in self.drawn_on(shape, classes))

    def first(self, features: int, classes: int, rng: np.random.Generator) -> Dag:
        """Draw the net at the start of a run; see ``NetSpec.first``."""
        from foldscape.net.dag import first_graph

        return first_graph(self, features, classes, rng)

    def recorded(self, state: Mapping[str, Any], features: int, classes: int) -> Dag:
        """Give the net of a frame or a snapshot; see ``NetSpec.recorded``."""
        from foldscape.net.dag import recorded_graph

        return recorded_graph(self, state, features, classes)
