"""Averages of the weights along a run, one file a kind: a second net that training never sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.averaging.base import AverageRule
from foldscape.averaging.none import NoAverage
from foldscape.registry import union_of

if TYPE_CHECKING:
    AverageSpec = AverageRule
else:
    AverageSpec = union_of("foldscape.averaging", AverageRule)

__all__ = ["AverageRule", "AverageSpec", "NoAverage"]
