"""Data sets, each a small spec class beside its own loader."""

from __future__ import annotations

from foldscape.data.base import DataSet, Split
from foldscape.data.plane import PlaneSet

__all__ = ["DataSet", "PlaneSet", "Split"]
