"""What lives on through a growth: the optimiser's memory and the units' lasting ids (science 0.7)."""

from __future__ import annotations

import numpy as np

from foldscape.engine.base import Memory
from foldscape.growth.base import Change
from foldscape.net.mlp import Weights

Parts = tuple[np.ndarray, ...]


def memory_after(memory: Memory, before: Weights, change: Change) -> Memory:
    """Give the optimiser's memory of the grown net: old entries stay, new ones start blank.

    Args:
        memory: Memory of the old net.
        before: The old net.
        change: What becomes of it.
    """
    return Memory(
        *(_padded(parts, before, change) if parts else () for parts in (memory.first, memory.second, memory.age))
    )


def fresh_parts(parts: Parts, before: Weights, change: Change) -> list[np.ndarray]:
    """Give those entries of arrays shaped like the grown net's parameters that no old entry goes on in.

    Args:
        parts: One array a parameter array, in the order of ``Weights.flat``.
        before: The old net.
        change: What becomes of it.
    """
    fresh = []
    for part, old in zip(parts, _sources(before.flat(), before, change), strict=True):
        mask = np.ones(part.shape, bool)
        if old is not None:
            mask[tuple(slice(size) for size in old.shape)] = False
        fresh.append(part[mask])
    return fresh


def units_after(units: list[np.ndarray], change: Change, next_unit: int) -> list[np.ndarray]:
    """Give the lasting ids of the grown net's units: old ones keep theirs, new ones count on from ``next_unit``.

    Args:
        units: Ids of the old net, one (width,) array a hidden layer.
        change: What becomes of the net.
        next_unit: First id not used yet.
    """
    came_from = change.came_from[:-1] if change.units_from is None else change.units_from
    after = []
    for width, source in zip(change.net.hidden, came_from, strict=True):
        old = units[source] if source is not None else np.zeros(0, np.int32)
        new = np.arange(next_unit, next_unit + width - len(old), dtype=np.int32)
        next_unit += len(new)
        after.append(np.concatenate([old, new]))
    return after


def _padded(parts: Parts, before: Weights, change: Change) -> Parts:
    padded = []
    for target, old in zip(change.net.flat(), _sources(parts, before, change), strict=True):
        wide = np.zeros(target.shape, parts[0].dtype)
        if old is not None:
            wide[tuple(slice(size) for size in old.shape)] = old
        padded.append(wide)
    return tuple(padded)


def _sources(parts: list[np.ndarray] | Parts, before: Weights, change: Change) -> list[np.ndarray | None]:
    """Give for each parameter array of the grown net the one of ``parts``, shaped like the old net's, that goes on."""
    old = dict(zip(before.places(), parts, strict=True))
    return [
        old.get((source, name)) if (source := change.came_from[layer]) is not None else None
        for layer, name in change.net.places()
    ]
