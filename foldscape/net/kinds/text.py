"""Nets that read sentences and are trained as a whole, their vectors of words or characters included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from foldscape.model import in_forms
from foldscape.net.abilities import Abilities
from foldscape.net.modular_spec import abilities
from foldscape.net.reading import ReadsSymbols

if TYPE_CHECKING:
    from foldscape.net.blocks.block import NamedLayers, NetBlock
    from foldscape.net.blocks.layer import SampleShape
    from foldscape.net.blocks.plan import NetPlan, Structure

TextWidth = Annotated[int, Field(ge=1, le=1024)]


class TextSpec(ReadsSymbols):
    """A net for sentences: a vector for each word or character, what reads them, and dense layers.

    ``bag`` takes the mean of the vectors, wherever they stand (arXiv 1607.01759); ``filters`` pass over them and tell
    the strongest of their answers (arXiv 1408.5882).
    """

    can: ClassVar[Abilities] = abilities(
        "text", "text net", "a net that reads sentences", "nets that read sentences",
        reads="tokens", also=("characters",),
    )  # fmt: skip

    model_config = ConfigDict(json_schema_extra={"name": can.title})

    unread: ClassVar[tuple[str, ...]] = ("bias", "first_weights", "dropout")

    hidden: tuple[TextWidth, ...] = Field((), max_length=8)
    """Widths of the dense layers behind; empty reads the classes off at once."""
    wiring: Literal["text"]
    """Vectors of words or characters, trained with what reads them."""
    reader: Literal["bag", "filters"] = "bag"
    """What reads the vectors: their mean, or filters that pass over them."""
    width: int = Field(32, ge=1, le=512)
    """Numbers of the vector of a word or character."""
    filters: int = Field(64, ge=1, le=512, json_schema_extra=in_forms(reader="filters"))
    """Filters of each width; they see 3, 5 and 7 places at once."""

    def called_on(self, shape: SampleShape, classes: int) -> str:
        """Name the net by what reads and what follows; see ``NetSpec.called_on``."""
        reader = f"{self.filters} filters" if self.reader == "filters" else "mean of vectors"
        hidden = f", hidden {'-'.join(map(str, self.hidden))}" if self.hidden else ""
        return f"text net, width {self.width}, {reader}{hidden}"

    def plan(self, shape: SampleShape, classes: int, structure: Structure | None = None) -> NetPlan:
        """Say which blocks the net has; see ``ModularSpec.plan``."""
        from foldscape.net.blocks.activation import ActivationLayer
        from foldscape.net.blocks.block import NetBlock
        from foldscape.net.blocks.linear import LinearLayer
        from foldscape.net.blocks.plan import NetPlan

        act = ActivationLayer(self.activation, self.negative_slope)
        blocks = [self._reader(shape)]
        came = blocks[0].out(shape)[0]
        for number, wide in enumerate(structure[0] if structure else self.hidden, start=1):
            dense: NamedLayers = (("linear", LinearLayer(came, wide)), ("act", act))
            blocks.append(NetBlock(f"dense{number}", dense, stage=0, inner="linear"))
            came = wide
        blocks.append(NetBlock("head", (("linear", LinearLayer(came, classes)),)))
        return NetPlan(shape, tuple(blocks))

    def _reader(self, shape: SampleShape) -> NetBlock:
        """Give what makes a row of numbers of a sentence."""
        from foldscape.net.blocks.activation import ActivationLayer
        from foldscape.net.blocks.block import NetBlock
        from foldscape.net.blocks.phrases import PhraseLayer
        from foldscape.net.blocks.symbols import BagLayer, EmbeddingLayer

        if len(shape) != 1 or not self.vocabulary:
            raise ValueError("it reads symbols of sentences")
        if self.reader == "bag":
            return NetBlock("reader", (("bag", BagLayer(self.vocabulary, self.width)),))
        layers: NamedLayers = (
            ("vectors", EmbeddingLayer(self.vocabulary, self.width)),
            ("filters", PhraseLayer(self.width, self.filters)),
            ("act", ActivationLayer(self.activation, self.negative_slope)),
        )
        return NetBlock("reader", layers)
