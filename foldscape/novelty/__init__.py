"""How new test points are, and how a net does on those that are (arXiv 1804.09259)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.lazy import exports as _exports

if TYPE_CHECKING:
    from foldscape.neighbours.buckets import ByNovelty as ByNovelty
    from foldscape.neighbours.buckets import by_novelty as by_novelty
    from foldscape.neighbours.buckets import by_quantile as by_quantile
    from foldscape.neighbours.distances import Neighbours as Neighbours
    from foldscape.neighbours.distances import nearest as nearest
    from foldscape.neighbours.kept import neighbours_of as neighbours_of
    from foldscape.neighbours.representation import represented as represented
    from foldscape.novelty.recorded import novelty_of as novelty_of

__all__ = [
    "ByNovelty",
    "Neighbours",
    "by_novelty",
    "by_quantile",
    "nearest",
    "neighbours_of",
    "novelty_of",
    "represented",
]

_HOME = {
    "ByNovelty": "foldscape.neighbours.buckets",
    "Neighbours": "foldscape.neighbours.distances",
    "by_novelty": "foldscape.neighbours.buckets",
    "by_quantile": "foldscape.neighbours.buckets",
    "nearest": "foldscape.neighbours.distances",
    "neighbours_of": "foldscape.neighbours.kept",
    "novelty_of": "foldscape.novelty.recorded",
    "represented": "foldscape.neighbours.representation",
}

__getattr__, __dir__ = _exports(__name__, _HOME)
