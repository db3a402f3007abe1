"""The convolutional net that reads characters (arXiv 1509.01626, 1408.5882)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import ConfigDict, Field

from foldscape.model import added, held_together, in_forms
from foldscape.net.abilities import Abilities
from foldscape.net.compute import per_sample
from foldscape.net.spec import NetSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from foldscape.net.char_cnn import CharCnn

EMBEDDED = 16
"""Numbers that a character becomes."""
WIDTHS = (3, 5, 7)
"""Characters that a filter sees at once."""

Filters = Annotated[int, Field(ge=1, le=256)]


class CharCnnSpec(NetSpec):
    """A convolutional net over characters: each filter tells the strongest of its answers along the sentence.

    Characters become 16 numbers each; filters of widths 3, 5 and 7 pass over them, the largest answer of each goes
    through the activation, and one linear layer follows.
    """

    can: ClassVar[Abilities] = Abilities(
        name="char_cnn",
        title="character CNN",
        words="a character CNN",
        plural="character CNNs",
        reads="characters",
        ungrown=(64,),
        engines={"torch": "foldscape.engine.char_cnn.engine:engine_of"},
        scores="foldscape.curvature.char_cnn:scores_of",
        objective="foldscape.curvature.char_cnn:objective_of_characters",
        evaluator="foldscape.landscape.char_cnn:evaluator_of",
        space="foldscape.landscape.recorded.space:FixedSpace",
        slower=40,  # passes go through every place of a sentence, Hessian products through one
    )

    model_config = ConfigDict(json_schema_extra={"name": can.title})

    wiring: Literal["char_cnn"]
    """Filters that pass over the characters of a sentence."""
    hidden: tuple[Filters, ...] = Field((64,), min_length=1, max_length=1)
    """Filters of each width; there are three widths."""
    dropout: float = added(0.0, ge=0, lt=1, json_schema_extra=in_forms(wiring="layers"))
    """Units of a chain that an update leaves out; here none is."""
    length: int = Field(160, ge=16, le=1024)
    """Characters of a sentence that it reads: ``dims`` of the encoder."""

    @held_together
    def _has_biases(self) -> Self:
        if not self.bias:
            raise ValueError("bias False is not possible with wiring char_cnn; use True")
        return self

    def misread(self, symbols: int, shape: tuple[int, ...]) -> str:
        """Refuse sentences of another length; see ``NetSpec.misread``."""
        if shape == (self.length,):
            return ""
        return f"length {self.length} is not the {shape[0]} characters that data.encoder gives; set it to {shape[0]}"

    def first(self, features: int, classes: int, rng: np.random.Generator) -> CharCnn:
        """Draw the net at the start of a run; see ``NetSpec.first``."""
        from foldscape.net.char_cnn import first_cnn

        return first_cnn(self, features, classes, rng)

    def recorded(self, state: Mapping[str, Any], features: int, classes: int) -> CharCnn:
        """Give the net of a frame or a snapshot; see ``NetSpec.recorded``."""
        from foldscape.net.char_cnn import CharCnn

        shape = self.activation, self.negative_slope
        return CharCnn(state["weights"], state["biases"], *shape, embedding=state["embedding"][0], length=features)

    def widths(self, features: int, classes: int, born: int = 0) -> tuple[int, ...]:
        """Give inputs, filters of all widths, and classes; nothing is born."""
        return features, len(WIDTHS) * self.hidden[0], classes

    def called_on(self, shape: tuple[int, ...], classes: int) -> str:
        """Name the net by its filters; see ``NetSpec.called_on``."""
        return f"character CNN, {self.hidden[0]} filters a width"

    def drawn_on(
        self, shape: tuple[int, ...], classes: int, structure: tuple[tuple[int, ...], ...] | None = None
    ) -> list[dict[str, Any]]:
        """Tell what a sentence passes through; see ``NetSpec.drawn_on``."""
        from foldscape.data.encoders.characters import SYMBOLS
        from foldscape.net.facts import block_drawn, layers_drawn

        filters, of_all = self.hidden[0], len(WIDTHS) * self.hidden[0]
        passing = filters * EMBEDDED * sum(WIDTHS)
        looked_up = block_drawn(
            "embedding", (self.length, EMBEDDED), SYMBOLS * EMBEDDED, 0, [f"a vector of {EMBEDDED} for each character"]
        )
        filtered = block_drawn(
            "filters",
            (of_all,),
            passing + of_all,
            passing * self.length,
            [f"{filters} filters {width} wide" for width in WIDTHS] + ["largest along the sentence"],
        )
        return [looked_up, filtered, *layers_drawn((of_all, classes), "", first="head")]

    def units_on(self, shape: tuple[int, ...], classes: int) -> int:
        """Count the filters of all widths; see ``NetSpec.units_on``."""
        return len(WIDTHS) * self.hidden[0]

    def parameters_on(self, shape: tuple[int, ...], classes: int) -> int:
        """Count the parameters of the net at the start of a run; see ``NetSpec.parameters_on``."""
        return sum(block["parameters"] for block in self.drawn_on(shape, classes))

    def flops_per_sample(self, parameters: Any) -> Any:
        """Count the operations a sample; a filter's weights are used at each place."""
        return flops(parameters, self.hidden[0], self.length)

    @property
    def most_units(self) -> int:
        """Filters in all: none is ever born."""
        return len(WIDTHS) * self.hidden[0]


def flops(parameters: Any, filters: int, length: int) -> Any:
    """Count the operations a sample of one step of training: looking a character up costs none.

    Args:
        parameters: Number of parameters, or many such numbers.
        filters: Filters of each width.
        length: Characters.

    Returns:
        Operations, in the shape of ``parameters``.
    """
    from foldscape.data.encoders.characters import SYMBOLS

    passing = filters * (EMBEDDED * sum(WIDTHS) + len(WIDTHS))
    linear = np.asarray(parameters, np.float64) - passing - SYMBOLS * EMBEDDED
    return per_sample(passing * length + linear)
