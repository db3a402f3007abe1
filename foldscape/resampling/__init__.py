"""How the training points of a run are drawn from those of its data, one file a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.registry import union_of
from foldscape.resampling.base import Resampling
from foldscape.resampling.whole import AllPoints

if TYPE_CHECKING:
    ResamplingSpec = Resampling
else:
    ResamplingSpec = union_of("foldscape.resampling", Resampling)

__all__ = ["AllPoints", "Resampling", "ResamplingSpec"]
