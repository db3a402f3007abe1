"""The directed acyclic graph of a net: who receives from whom, and in which layers it lies (hal-03402267, section 3.1).

Nodes are numbered: the inputs first, then the constant 1 if there is one, the outputs, and the hidden nodes as they
are born. A number is never given twice, so numbers of hidden nodes may have gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foldscape.arrays import FloatArray, Int64Array
from foldscape.errors import InvalidInput
from foldscape.lazy import lazy

Nodes = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Graph:
    """An explicit set of edges; an edge keeps its place in the arrays when the graph grows.

    Laid out in layers, every layer receives the inputs and all hidden nodes of smaller depth, in the order of depth and
    number; the outputs are the last layer, and edges from the constant are the biases.

    Attributes:
        sources: (E,) node that each edge leaves.
        targets: (E,) node that it enters.
        primary: (E,) whether it is a primary one, see ``random_insertion``.
        n_inputs: Number of inputs, the constant not counted.
        n_outputs: Number of outputs.
        has_constant: Whether there is a node that is always 1.
    """

    sources: Nodes
    targets: Nodes
    primary: npt.NDArray[np.bool_]
    n_inputs: int
    n_outputs: int
    has_constant: bool

    @property
    def first_output(self) -> int:
        """Number of the first output."""
        return self.n_inputs + self.has_constant

    @property
    def first_hidden(self) -> int:
        """The smallest number that a hidden node can have."""
        return self.first_output + self.n_outputs

    @property
    def next_node(self) -> int:
        """The first number above all that are in use."""
        return int(self.hidden[-1]) + 1 if len(self.hidden) else self.first_hidden

    @property
    def edges(self) -> Nodes:
        """Source and target of each edge, (E, 2)."""
        return np.stack([self.sources, self.targets], axis=1)

    @lazy
    def hidden(self) -> Nodes:
        """Numbers of the hidden nodes, in the order of their birth, (H,)."""
        born = np.flatnonzero(np.bincount(self.targets)[self.first_hidden :])  # quicker than sorting the targets
        return (born + self.first_hidden).astype(np.int32)

    @lazy
    def hidden_depths(self) -> Int64Array:
        """Longest path from an input or the constant to each node of ``hidden``, (H,).

        Returns:
            (H,) int64.

        Raises:
            InvalidInput: If there is a cycle.
        """
        inner = (self.sources >= self.first_hidden) & (self.targets >= self.first_hidden)
        sources, targets = (np.searchsorted(self.hidden, ends[inner]) for ends in (self.sources, self.targets))
        depths = np.ones(len(self.hidden), np.int64)
        for _ in range(len(depths) + 1):
            before = depths.copy()
            np.maximum.at(depths, targets, before[sources] + 1)
            if np.array_equal(depths, before):
                return depths
        raise InvalidInput("The edges go round in a circle.", hint="Give a directed acyclic graph.")

    @lazy
    def output_depths(self) -> Int64Array:
        """Longest path to each output, (K,)."""
        depths = np.ones(self.n_outputs, np.int64)
        into = self.is_output(self.targets) & (self.sources >= self.first_hidden)
        known = self.hidden_depths[np.searchsorted(self.hidden, self.sources[into])]
        np.maximum.at(depths, self.targets[into] - self.first_output, known + 1)
        return depths

    def depth(self, nodes: npt.ArrayLike) -> Int64Array:
        """Give the longest path from an input or the constant to each of some nodes; 0 for those themselves."""
        nodes = np.asarray(nodes)
        depths = np.zeros(nodes.shape, np.int64)
        outputs, hidden = self.is_output(nodes), nodes >= self.first_hidden
        depths[outputs] = self.output_depths[nodes[outputs] - self.first_output]
        depths[hidden] = self.hidden_depths[np.searchsorted(self.hidden, nodes[hidden])]
        return depths

    def is_output(self, nodes: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Say which of some nodes are outputs."""
        nodes = np.asarray(nodes)
        return (nodes >= self.first_output) & (nodes < self.first_hidden)

    @lazy
    def units(self) -> tuple[Nodes, ...]:
        """Numbers of the hidden nodes of each depth, ascending, from depth 1 on."""
        deepest = int(self.hidden_depths.max(initial=0))
        return tuple(self.hidden[self.hidden_depths == depth] for depth in range(1, deepest + 1))

    @property
    def widths(self) -> tuple[int, ...]:
        """Number of hidden nodes of each depth."""
        return tuple(len(ids) for ids in self.units)

    @lazy
    def rows(self) -> Int64Array:
        """Place of each edge's target among all hidden nodes by (depth, number), outputs last, (E,)."""
        return self._ranks(self.targets)

    @lazy
    def columns(self) -> Int64Array:
        """Place of each edge's source among inputs and hidden nodes by (depth, number), -1 for the constant, (E,)."""
        columns = np.where(self.sources < self.n_inputs, self.sources, -1).astype(np.int64)
        hidden = self.sources >= self.first_hidden
        columns[hidden] = self.n_inputs + self._ranks(self.sources[hidden])
        return columns

    def _ranks(self, nodes: Nodes) -> Int64Array:
        place = np.empty(len(self.hidden), np.int64)
        place[np.lexsort((self.hidden, self.hidden_depths))] = np.arange(len(place))
        ranks = len(place) + nodes.astype(np.int64) - self.first_output
        hidden = nodes >= self.first_hidden
        ranks[hidden] = place[np.searchsorted(self.hidden, nodes[hidden])]
        return ranks

    @lazy
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Shape (out, in) of each layer's weights, the output layer last."""
        sizes = (*self.widths, self.n_outputs)
        return tuple((size, self.n_inputs + sum(sizes[:layer])) for layer, size in enumerate(sizes))

    @lazy
    def index(self) -> Int64Array:
        """Place of each edge in the layers' weights and biases laid end to end as in ``Weights.flat``, (E,)."""
        outs, ins = np.array(self.shapes).T
        first_rows, offsets = np.cumsum(outs) - outs, np.cumsum(outs * (ins + 1)) - outs * (ins + 1)
        layers = np.searchsorted(first_rows, self.rows, side="right") - 1
        rows = self.rows - first_rows[layers]
        within = np.where(self.columns < 0, outs[layers] * ins[layers] + rows, rows * ins[layers] + self.columns)
        places: Int64Array = offsets[layers] + within
        return places

    def scatter(self, weight: FloatArray) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
        """Lay the edges' weights (E,) out as weights and biases of the layers; 0 where there is no edge."""
        flat = np.zeros(sum(rows * (columns + 1) for rows, columns in self.shapes), weight.dtype)
        flat[self.index] = weight
        weights, biases, at = [], [], 0
        for rows, columns in self.shapes:
            end = at + rows * columns
            weights.append(flat[at:end].reshape(rows, columns))
            biases.append(flat[end : end + rows])
            at = end + rows
        return tuple(weights), tuple(biases)

    def gather(self, parts: Sequence[FloatArray]) -> FloatArray:
        """Give the edges' entries (E,) of arrays like weights and biases of the layers, in turn."""
        found: FloatArray = np.concatenate([part.ravel() for part in parts])[self.index]
        return found
