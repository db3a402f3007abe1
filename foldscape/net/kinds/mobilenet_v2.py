"""Inverted residuals with linear bottlenecks (Sandler et al. 2018, arXiv 1801.04381, table 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, Self

from pydantic import ConfigDict, Field

from foldscape.model import held_together, in_forms
from foldscape.net.abilities import Abilities
from foldscape.net.blocks.convolving import Norm
from foldscape.net.modular_spec import ModularSpec, abilities

if TYPE_CHECKING:
    from foldscape.net.blocks.activation import ActivationLayer
    from foldscape.net.blocks.block import NetBlock
    from foldscape.net.blocks.layer import SampleShape
    from foldscape.net.blocks.plan import NetPlan, Structure

TABLE = ((1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1))
"""Of each row: how many times wider a block is within, its channels, and its blocks."""
STEM = 32
"""Channels of the first convolution."""
LAST = 4
"""How many times wider than the last row the last convolution is: 1,280 channels behind 320."""
STEP = 8
"""Channels are multiples of it."""


class _Scale(NamedTuple):
    """What a net has on pictures up to a side, where its spec leaves it open."""

    width: float
    rows: int
    halving: tuple[int, ...]


SCALES = {16: _Scale(0.25, 4, (3,)), 64: _Scale(1, 7, (3, 4, 6)), 2**31: _Scale(1, 7, (0, 2, 3, 4, 6))}
"""By the largest side of a picture: digits, small pictures as of MNIST and CIFAR, and the published net."""


class MobilenetV2Spec(ModularSpec):
    """MobileNetV2: blocks that widen, look at each channel by itself and narrow again, with ways around."""

    can: ClassVar[Abilities] = abilities(
        "mobilenet_v2", "MobileNetV2", "a MobileNetV2", "MobileNetV2s", grown_as="blocks"
    )

    model_config = ConfigDict(json_schema_extra={"name": can.title})

    wiring: Literal["mobilenet_v2"]
    """Inverted residuals; its ReLU is cut off at 6."""
    width: float | None = Field(None, gt=0, le=2)
    """Factor on all channels; empty (``null``) is 1/4 up to 16 pixels, else 1."""
    rows: int | None = Field(None, ge=1, le=len(TABLE))
    """Rows of the published table that are kept; empty (``null``) is 4 up to 16 pixels, else all 7."""
    halving: tuple[int, ...] | None = Field(None, max_length=8, json_schema_extra=in_forms(advanced=True))
    """Rows that begin with a stride of 2, 0 for the first convolution.

    Empty (``null``) is row 3 up to 16 pixels, rows 3, 4 and 6 up to 64, and the published 0, 2, 3, 4 and 6 above."""
    norm: Norm = "batch"
    """Normalisation behind each convolution: over the batch, over groups of a sample's own channels, or none."""

    @held_together
    def _halves_what_is_there(self) -> Self:
        most = self.rows or len(TABLE)
        if strange := [row for row in self.halving or () if not 0 <= row <= most]:
            raise ValueError(f"halving names row {strange[0]}; there are 0, the first convolution, and 1 to {most}")
        return self

    def plan(self, shape: SampleShape, classes: int, structure: Structure | None = None) -> NetPlan:
        """Say which blocks the net has; see ``ModularSpec.plan``."""
        from foldscape.net.blocks.activation import ActivationLayer
        from foldscape.net.blocks.block import NetBlock
        from foldscape.net.blocks.convolving import convolving
        from foldscape.net.blocks.linear import LinearLayer
        from foldscape.net.blocks.plan import NetPlan
        from foldscape.net.blocks.pooling import GlobalMeanLayer

        scale = self._scale(shape)
        # torch's "relu" has no upper end; theirs has
        act = ActivationLayer("relu6" if self.activation == "relu" else self.activation, self.negative_slope)
        came = channels(STEM * scale.width)
        stem = convolving(("conv", "norm"), shape[0], came, 3, self.norm, 2 if 0 in scale.halving else 1)
        blocks = [NetBlock("stem", (*stem, ("act", act)))]
        grown = iter(structure or ())
        for row, (factor, wide, repeats) in enumerate(TABLE[: scale.rows], start=1):
            out = channels(wide * scale.width)
            widths: tuple[int | None, ...] = (None,) * repeats if factor == 1 else next(grown, (None,) * repeats)
            for number, inner in enumerate(widths, start=1):
                stride = 2 if row in scale.halving and number == 1 else 1
                blocks.append(self._block(f"row{row}_{number}", came, inner or factor * came, out, stride, row, act))
                came = out
        last = LAST * came
        blocks.append(NetBlock("last", (*convolving(("conv", "norm"), came, last, 1, self.norm), ("act", act))))
        blocks.append(NetBlock("head", (("mean", GlobalMeanLayer()), ("linear", LinearLayer(last, classes)))))
        return NetPlan(shape, tuple(blocks))

    def _scale(self, shape: SampleShape) -> _Scale:

        if len(shape) != 3:
            raise ValueError("a MobileNetV2 reads pictures")
        usual = SCALES[min(side for side in SCALES if side >= max(shape[1:]))]
        width, rows = self.width or usual.width, self.rows or usual.rows
        halving = tuple(row for row in usual.halving if row <= rows) if self.halving is None else self.halving
        return _Scale(width, rows, halving)

    def _block(
        self, name: str, came: int, inner: int, out: int, stride: int, row: int, act: ActivationLayer
    ) -> NetBlock:
        """Give an inverted residual; the first row's are as wide within as what comes, and widen nothing."""
        from foldscape.net.blocks.block import NetBlock
        from foldscape.net.blocks.convolving import convolving

        widening = row > 1
        layers = (
            *((*convolving(("widen", "norm1"), came, inner, 1, self.norm), ("act1", act)) if widening else ()),
            *convolving(("depthwise", "norm2"), inner, inner, 3, self.norm, stride, groups=inner),
            ("act2", act),
            *convolving(("narrow", "norm3"), inner, out, 1, self.norm),
        )
        around = () if stride == 1 and came == out else None
        return NetBlock(name, layers, around, stage=row - 2 if widening else -1, inner="widen" if widening else "")


def channels(wanted: float) -> int:
    """Round to a multiple of 8 that is at least 8 and not below nine tenths of what is wanted, as published code does.

    Returns:
        Channels.

    Example:
        >>> channels(0.25 * 32), channels(0.25 * 24), channels(96)
        (8, 8, 96)
    """
    rounded = max(STEP, int(wanted + STEP / 2) // STEP * STEP)
    return rounded + STEP if rounded < 0.9 * wanted else rounded
