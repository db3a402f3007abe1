"""Small transformers that read pictures in patches (arXiv 2010.11929) or sentences (arXiv 1706.03762)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import ConfigDict, Field

from foldscape.model import held_together
from foldscape.net.abilities import Abilities
from foldscape.net.modular_spec import abilities
from foldscape.net.reading import ReadsSymbols

if TYPE_CHECKING:
    from foldscape.net.blocks.block import NamedLayers, NetBlock
    from foldscape.net.blocks.layer import SampleShape
    from foldscape.net.blocks.plan import NetPlan, Structure


class TransformerSpec(ReadsSymbols):
    """A transformer: places look at each other, then each is worked on by itself; layers are normalised before.

    Pictures are cut into square patches, symbols of sentences become vectors; the mean over all places decides.
    """

    can: ClassVar[Abilities] = abilities(
        "transformer", "transformer", "a transformer", "transformers", also=("tokens", "characters")
    )

    model_config = ConfigDict(json_schema_extra={"name": can.title})

    wiring: Literal["transformer"]
    """Attention of every place to all."""
    width: int = Field(32, ge=2, le=512)
    """Numbers of each place."""
    heads: int = Field(4, ge=1, le=16)
    """Parts of them that look around apart; they share ``width`` out evenly."""
    depth: int = Field(2, ge=1, le=16)
    """How often places look at each other and are worked on."""
    inner: int = Field(64, ge=1, le=2048)
    """Units that work on each place."""
    patch: int = Field(2, ge=1, le=32)
    """Side of a patch of pictures, pixels."""

    @held_together
    def _shares_out(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"{self.heads} heads cannot share width {self.width} out evenly; take a multiple of them")
        return self

    def called_on(self, shape: SampleShape, classes: int) -> str:
        """Name the net by its width and depth; see ``NetSpec.called_on``."""
        return f"transformer, width {self.width}, depth {self.depth}"

    def plan(self, shape: SampleShape, classes: int, structure: Structure | None = None) -> NetPlan:
        """Say which blocks the net has; see ``ModularSpec.plan``."""
        from foldscape.net.blocks.activation import ActivationLayer
        from foldscape.net.blocks.attention import AttentionLayer
        from foldscape.net.blocks.block import NetBlock
        from foldscape.net.blocks.linear import LinearLayer
        from foldscape.net.blocks.plan import NetPlan
        from foldscape.net.blocks.sequence import LayerNormLayer, PlaceMeanLayer

        width, norm = self.width, LayerNormLayer(self.width)
        act = ActivationLayer(self.activation, self.negative_slope)
        blocks = [self._stem(shape)]
        for number, wide in enumerate(structure[0] if structure else (self.inner,) * self.depth, start=1):
            looking = (("norm", norm), ("attention", AttentionLayer(width, self.heads)))
            working: NamedLayers = (
                ("norm", norm),
                ("linear1", LinearLayer(width, wide)),
                ("act", act),
                ("linear2", LinearLayer(wide, width)),
            )
            blocks.append(NetBlock(f"looking{number}", looking, ()))
            blocks.append(NetBlock(f"working{number}", working, (), stage=0, inner="linear1"))
        head = ("norm", norm), ("mean", PlaceMeanLayer()), ("linear", LinearLayer(width, classes))
        blocks.append(NetBlock("head", head))
        return NetPlan(shape, tuple(blocks))

    def _stem(self, shape: SampleShape) -> NetBlock:
        """Give what makes vectors of patches or symbols, and marks their places."""
        from foldscape.net.blocks.block import NetBlock
        from foldscape.net.blocks.convolution import ConvLayer
        from foldscape.net.blocks.layer import told
        from foldscape.net.blocks.sequence import InPlacesLayer, PlaceLayer
        from foldscape.net.blocks.symbols import EmbeddingLayer

        layers: NamedLayers
        if len(shape) == 3:
            if any(side % self.patch for side in shape[1:]):
                raise ValueError(f"patches of {self.patch}×{self.patch} pixels do not cover {told(shape)} evenly")
            patches = ConvLayer(shape[0], self.width, self.patch, self.patch, bias=True, padded=False)
            layers = ("patches", patches), ("row", InPlacesLayer())
            places = shape[1] * shape[2] // self.patch**2
        elif self.vocabulary:
            layers = (("vectors", EmbeddingLayer(self.vocabulary, self.width)),)
            places = shape[0]
        else:
            raise ValueError(f"a transformer reads pictures and symbols of sentences, and {told(shape)} is neither")
        return NetBlock("stem", (*layers, ("places", PlaceLayer(places, self.width))))
