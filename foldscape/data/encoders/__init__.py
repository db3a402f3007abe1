"""Frozen encoders: what turns a sentence into the inputs of a net, and is never trained with it (docs/paper.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.data.encoders.base import Encoder
from foldscape.registry import union_of

if TYPE_CHECKING:
    EncoderSpec = Encoder
else:
    EncoderSpec = union_of("foldscape.data.encoders", Encoder)

__all__ = ["Encoder", "EncoderSpec"]
