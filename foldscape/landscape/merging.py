"""The merge tree of losses on a grid: where the basins below a rising level begin, and which takes in which.

A level rises from the lowest loss. A basin begins at each cell whose neighbours are all higher, and ends at the saddle
where it meets an older one, which goes on: the elder rule. Neighbours are the up to eight cells around a cell. Equal
losses are told apart by their place, so a tree depends on the order of the losses alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foldscape.arrays import BoolArray, Float64Array, Int64Array


@dataclass(frozen=True)
class MergeTree:
    """Basins of a grid of losses, deepest first, so that each stands behind the one that takes it in.

    Attributes:
        lowest: (m,) each basin's lowest cell, counted row by row.
        birth: (m,) the loss there.
        saddle: (m,) the cell at which an older basin takes it in; -1 for one that none does.
        death: (m,) the loss there; infinite for one that none takes in.
        parent: (m,) the basin that takes it in; -1 for none.
        labels: (rows, columns) the basin that each cell runs down to, from neighbour to lowest neighbour; -1 for walls.
    """

    lowest: Int64Array
    birth: Float64Array
    saddle: Int64Array
    death: Float64Array
    parent: Int64Array
    labels: Int64Array


def merge_tree(losses: Float64Array, relative_error: float = 0.0) -> MergeTree:
    """Build the merge tree of the sets of cells below a level (Edelsbrunner & Harer 2010, chapter VII).

    Args:
        losses: (rows, columns); a cell that is not finite is a wall, through which no way leads.
        relative_error: Error of a loss as a share of it. A basin no deeper than twice the error at its saddle cannot
            be told from rounding, and belongs to the one that takes it in.

    Returns:
        The tree; one of several roots where walls part the cells.

    Example:
        >>> tree = merge_tree(np.array([[0.0, 3.0, 1.0, 2.0, 0.5]]))
        >>> tree.birth, tree.death, tree.parent
        (array([0. , 0.5, ...]), array([inf,  3.,  2.]), array([-1,  0,  1]))
    """
    flat, walls = losses.ravel(), ~np.isfinite(losses)
    order = np.argsort(np.where(walls.ravel(), np.inf, flat), kind="stable")
    rank = np.empty(flat.size, np.int64)
    rank[order] = np.arange(flat.size)
    labels, lowest = _descended(rank.reshape(losses.shape), order, walls)
    parent, at = _absorbed(_passes(rank.reshape(losses.shape), labels), len(lowest))
    birth = flat[lowest]
    saddle = np.where(at < 0, -1, order[at])
    death = np.where(at < 0, np.inf, flat[saddle])
    with np.errstate(invalid="ignore"):
        is_kept = (at < 0) | ((death > birth) & (death - birth > 2 * relative_error * np.abs(death)))
    kept = np.flatnonzero(is_kept)
    kept = kept[np.argsort(-(death - birth)[kept], kind="stable")]
    new = np.full(len(lowest) + 1, -1)  # The last place, which -1 names, stands for no basin.
    new[kept] = np.arange(len(kept))
    new[:-1] = new[homes(is_kept, parent)]
    return MergeTree(lowest[kept], birth[kept], saddle[kept], death[kept], new[parent[kept]], new[labels])


_BESIDE = (
    (np.s_[:, :-1], np.s_[:, 1:]),
    (np.s_[:-1], np.s_[1:]),
    (np.s_[:-1, :-1], np.s_[1:, 1:]),
    (np.s_[:-1, 1:], np.s_[1:, :-1]),
)
"""All cells with their neighbours: to the right, below, and on the two diagonals."""


def homes(is_kept: BoolArray, parent: Int64Array) -> Int64Array:
    """Give the basin that each belongs to when only some are kept: itself, or the first kept one that takes it in.

    Args:
        is_kept: (m,) which are; all roots are.
        parent: (m,) the basin that takes each in.

    Returns:
        (m,) basins.
    """
    return _followed(np.where(is_kept, np.arange(len(parent)), parent))


def _followed(target: NDArray[np.int64]) -> Int64Array:
    """Follow pointers to where they end, twice as far each time."""
    while not np.array_equal(further := target[target], target):
        target = further
    return target


def _descended(rank: Int64Array, order: Int64Array, walls: BoolArray) -> tuple[Int64Array, Int64Array]:
    """Let every cell run down to its lowest neighbour and on; number the ends from the lowest."""
    count = rank.size
    held = np.full((rank.shape[0] + 2, rank.shape[1] + 2), count)
    held[1:-1, 1:-1] = np.where(walls, count, rank)
    of_three = np.minimum.reduce([held[:-2], held[1:-1], held[2:]])
    least = np.minimum.reduce([of_three[:, :-2], of_three[:, 1:-1], of_three[:, 2:]])
    cells, is_wall = np.arange(count), walls.ravel()
    target = np.where(is_wall, cells, order[np.minimum(least.ravel(), count - 1)])
    lowest = cells[(target == cells) & ~is_wall]
    lowest = lowest[np.argsort(rank.ravel()[lowest])]
    number = np.full(count, -1)
    number[lowest] = np.arange(len(lowest))
    return number[_followed(target)].reshape(rank.shape), lowest


def _passes(rank: Int64Array, labels: Int64Array) -> Int64Array:
    """Give (passes, 3) rank, basin and basin of the lowest pass between each two basins side by side, lowest first."""
    found = []
    for here, there in _BESIDE:
        a, b = labels[here], labels[there]
        beside = (a != b) & (a >= 0) & (b >= 0)
        a, b, at = a[beside], b[beside], np.maximum(rank[here], rank[there])[beside]
        found.append(np.stack([at, np.minimum(a, b), np.maximum(a, b)], axis=1))
    passes = np.concatenate(found)
    passes = passes[np.lexsort((passes[:, 2], passes[:, 1], passes[:, 0]))]
    _, first = np.unique(passes[:, 1] * (rank.size + 1) + passes[:, 2], return_index=True)
    return passes[np.sort(first)]


def _absorbed(passes: Int64Array, basins: int) -> tuple[Int64Array, Int64Array]:
    """Join basins pass by pass with a union-find: who takes each in, and the rank of the cell at which; -1 for none."""
    root = list(range(basins))
    parent, at = np.full(basins, -1), np.full(basins, -1)

    def oldest(basin: int) -> int:
        while root[basin] != basin:
            root[basin] = root[root[basin]]
            basin = root[basin]
        return basin

    for level, a, b in passes.tolist():
        elder, younger = sorted((oldest(a), oldest(b)))
        if elder != younger:
            root[younger] = parent[younger] = elder
            at[younger] = level
    return parent, at
