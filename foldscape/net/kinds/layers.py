"""The chain of layers, each of which receives the one before: what a run trains unless it says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import ConfigDict

from foldscape.model import held_together
from foldscape.net.abilities import Abilities
from foldscape.net.spec import NetSpec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import numpy as np

    from foldscape.net.mlp import Weights


class LayersSpec(NetSpec):
    """A fully connected network: widths of the hidden layers and their activation."""

    can: ClassVar[Abilities] = Abilities(
        name="layers",
        title="layers",
        words="a chain of layers",
        plural="a chain of layers",
        grown_as="layers",
        layered=True,
        engines={
            "compiled": "foldscape.engine.compiled:engine_of",
            "torch": "foldscape.engine.torch_engine:engine_of",
        },
        kernels="softmax",
        many="foldscape.engine.compiled_many:ManyNets",
        scores="foldscape.net.passes:of_layers",
        objective="foldscape.curvature.choose:objective_of_layers",
        evaluator="foldscape.landscape.dense:evaluator_of",
        space="foldscape.landscape.recorded.space:LayerSpace",
        pieces="foldscape.geometry.of_net:pieces",
        warm=("foldscape.engine.compiled:warm",),
    )

    model_config = ConfigDict(json_schema_extra={"name": can.title})

    wiring: Literal["layers"] = "layers"
    """A chain of layers, each of which receives the one before."""

    @held_together
    def _has_biases(self) -> Self:
        if not self.bias:
            raise ValueError("bias False is not possible with wiring layers; use wiring dag")
        return self

    def first(self, features: int, classes: int, rng: np.random.Generator) -> Weights:
        """Draw the net at the start of a run; see ``NetSpec.first``."""
        from foldscape.net.mlp import initial

        return initial(self, features, classes, rng)

    def recorded(self, state: Mapping[str, Any], features: int, classes: int) -> Weights:
        """Give the net of a frame or a snapshot; see ``NetSpec.recorded``."""
        from foldscape.net.mlp import Weights

        net = Weights(state["weights"], state["biases"], self.activation, self.negative_slope)
        return net.restored(state) if "norms" in state else net
