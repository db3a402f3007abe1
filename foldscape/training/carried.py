"""What lives on through a growth: the optimiser's memory and the units' lasting ids (docs/growth.md)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foldscape.engine.base import Memory
from foldscape.growth.base import Change
from foldscape.net.mlp import Weights
from foldscape.terms import Term
from foldscape.terms.held import grown

StateArrays = tuple[np.ndarray, ...]


def memory_after(memory: Memory, before: Weights, change: Change, terms: Sequence[Term] = ()) -> Memory:
    """Give the optimiser's memory of the grown net: old entries stay, new ones start blank, copies inherit.

    A unit and its copies share the outgoing weights, so the gradient by what comes into each of c of them is the
    c-th part of what it was, and that by what goes out is the same. Their moments are scaled likewise: they are those
    the copies would have had if they had always been there. Their age is that of the unit.

    Args:
        memory: Memory of the old net.
        before: The old net.
        change: What becomes of it.
        terms: The gradient terms, each of which says how what it holds lives on.

    Returns:
        The memory, in the shape of the grown net.
    """

    def carry(
        blocks: StateArrays, *, order: int = 0, blank: StateArrays | None = None, embed: bool = False
    ) -> StateArrays:
        if not blocks:
            return ()
        if embed:
            return _embedded(_padded(blocks, before, change, blank), before, change)
        return _inherited(_padded(blocks, before, change, blank), change, order)

    first, second, age = carry(memory.first, order=1), carry(memory.second, order=2), carry(memory.age)
    return Memory(first, second, age, grown(terms, memory.terms, tuple(change.net.flat()), carry))


def fresh_parts(parts: StateArrays, before: Weights, change: Change) -> list[np.ndarray]:
    """Give those entries of arrays shaped like the grown net's parameters that no old entry goes on in.

    Args:
        parts: One array a parameter array, in the order of ``Weights.flat``.
        before: The old net.
        change: What becomes of it.

    Returns:
        One array a parameter array, flat.
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

    Returns:
        One array a hidden layer, int32.
    """
    if change.units is not None:
        return list(change.units)
    came_from = change.came_from[:-1] if change.units_from is None else change.units_from
    after = []
    for width, source in zip(change.net.hidden, came_from, strict=True):
        old = units[source] if source is not None else np.zeros(0, np.int32)
        new = np.arange(next_unit, next_unit + width - len(old), dtype=np.int32)
        next_unit += len(new)
        after.append(np.concatenate([old, new]))
    return after


def _padded(parts: StateArrays, before: Weights, change: Change, blank: StateArrays | None = None) -> StateArrays:
    padded = []
    targets = change.net.flat()
    for target, new, old in zip(targets, blank or targets, _sources(parts, before, change), strict=True):
        wide = np.zeros(target.shape, parts[0].dtype) if blank is None else new.astype(parts[0].dtype)
        if old is not None:
            wide[tuple(slice(size) for size in old.shape)] = old
        padded.append(wide)
    return tuple(padded)


def _embedded(parts: StateArrays, before: Weights, change: Change) -> StateArrays:
    """Give 0 to what is new in arrays that go on: the net computes what it did. In place."""
    for part, old in zip(parts, _sources(before.flat(), before, change), strict=True):
        if old is not None:
            new = np.ones(part.shape, bool)
            new[tuple(slice(size) for size in old.shape)] = False
            part[new] = 0
    return parts


def _inherited(parts: StateArrays, change: Change, order: int) -> StateArrays:
    """Give copies what their units have, which is of that order in the gradient; in place."""
    reading = change.copies_read
    if reading is None:
        reading = {layer + 1: pairs for layer, pairs in change.copies.items()}
    for (layer, name), part in zip(change.net.places(), parts, strict=True):
        if change.came_from[layer] is None:
            continue
        if pairs := change.copies.get(layer):
            new, old = np.array(pairs).T
            if order:
                shared = 1.0 + np.bincount(old, minlength=len(part))
                part /= (shared**order).astype(part.dtype).reshape(-1, *[1] * (part.ndim - 1))
            part[new] = part[old]
        if name == "weight" and (pairs := reading.get(layer)):
            new, old = np.array(pairs).T
            part[:, new] = part[:, old]
    return parts


def _sources(parts: list[np.ndarray] | StateArrays, before: Weights, change: Change) -> list[np.ndarray | None]:
    """Give for each parameter array of the grown net the one of ``parts``, shaped like the old net's, that goes on."""
    old = dict(zip(before.places(), parts, strict=True))
    return [
        old.get((source, name)) if (source := change.came_from[layer]) is not None else None
        for layer, name in change.net.places()
    ]
