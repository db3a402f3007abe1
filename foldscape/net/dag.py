"""A net whose nodes form a directed acyclic graph (Caillon & Cerisara 2021, hal-03402267, section 3.1)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from foldscape.arrays import FloatArray
from foldscape.errors import InvalidInput
from foldscape.net import wide
from foldscape.net.abilities import Abilities
from foldscape.net.graph import Graph
from foldscape.net.kinds.dag import DagSpec
from foldscape.net.mlp import Weights, initial
from foldscape.net.spec import Activation


@dataclass(frozen=True)
class Dag(Weights):
    """The parameters of a net that is a graph: one weight an edge, nothing else.

    It is read as the wide layers it makes, ``weights`` and ``biases`` with zeros where there is no edge; it is trained,
    grown and stored as one array of edge weights. Make one by ``Dag.of``.

    Attributes:
        graph: The edges.
        weight: (E,) weight of each edge.
    """

    can: ClassVar[Abilities] = DagSpec.can

    graph: Graph = field(kw_only=True)
    weight: FloatArray = field(kw_only=True)

    @classmethod
    def of(cls, graph: Graph, weight: FloatArray, activation: Activation = "relu", negative_slope: float = 0.1) -> Dag:
        """Make a net of edges and their weights (E,)."""
        return cls(*graph.scatter(weight), activation, negative_slope, graph=graph, weight=weight)

    @classmethod
    def of_layers(cls, net: Weights, *, constant: bool = True) -> Dag:
        """Import a layered net: same function, same number of parameters; all edges are primary.

        Args:
            net: A net without batch normalisation.
            constant: Whether there is a constant input, whose edges are the biases.

        Returns:
            The graph.

        Raises:
            InvalidInput: If there are biases and no constant that they could lead from.
        """
        if not constant and any(bias.any() for bias in net.biases):
            raise InvalidInput("The net has biases and the graph no constant input.", hint="Set constant to True.")
        features = net.weights[0].shape[1]
        first = features + constant
        nodes = [np.arange(features), *_numbered(first + len(net.biases[-1]), net.hidden)]
        into = [*nodes[1:], first + np.arange(len(net.biases[-1]))]
        sources, targets, values = [], [], []
        for layer, (weight, bias) in enumerate(zip(net.weights, net.biases, strict=True)):
            before = nodes[layer] if len(nodes[layer]) == weight.shape[1] else np.concatenate(nodes[: layer + 1])
            sources.append(np.tile(before, len(bias)))
            targets.append(np.repeat(into[layer], len(before)))
            values.append(weight.ravel())
            if constant:
                sources.append(np.full(len(bias), features))
                targets.append(into[layer])
                values.append(bias)
        ends = np.concatenate(targets).astype(np.int32)
        graph = Graph(
            np.concatenate(sources).astype(np.int32), ends, np.ones(len(ends), bool), features, len(net.biases[-1]),
            constant,
        )  # fmt: skip
        return cls.of(graph, np.concatenate(values), net.activation, net.negative_slope)

    def layered(self) -> Weights:
        """Give the same net as wide layers alone."""
        return Weights(self.weights, self.biases, self.activation, self.negative_slope)

    def parts(self) -> Iterator[tuple[int, str, FloatArray]]:
        """Give the one parameter array: the edges' weights."""
        yield 0, "weight", self.weight

    def logits(self, x: FloatArray) -> FloatArray:
        """Give the outputs (N, K) for inputs (N, d), of some points at a time."""
        found: FloatArray = np.concatenate(
            [wide.forward(self, x[some])[0][:, self.neurons :] for some in wide.parts(len(x))]
        )
        return found

    def with_flat(self, parts: Sequence[FloatArray]) -> Dag:
        """Give the same net with other weights, in the order of ``flat``."""
        return self.with_weight(parts[0])

    def in_order(self, parts: Sequence[FloatArray]) -> tuple[FloatArray, ...]:
        """Give of arrays like weights and biases, layer by layer, the entries of edges, in the order of ``flat``."""
        return (self.graph.gather(parts),)

    def connections(self) -> dict[str, Any]:
        """Name the edges as frames do: (E, 2) from and to, and which are primary."""
        return {"edges": self.graph.edges, "primary": self.graph.primary.astype(np.uint8)}

    def layout(self) -> dict[str, Any]:
        """Tell in plain JSON where the edges lie in the wide layers."""
        return {"shapes": self.graph.shapes, "index": [int(place) for place in self.graph.index]}

    def active_counts(self, x: FloatArray) -> list[npt.NDArray[np.int64]]:
        """Count the points (N, d) on which each hidden node weighs up more than 0, one (width,) array a depth."""
        return wide.active_counts(self, x)

    def unit_ids(self) -> list[npt.NDArray[np.int32]]:
        """Give the numbers of the hidden nodes, one array a hidden layer."""
        return list(self.graph.units)

    @property
    def next_unit(self) -> int:
        """The first number above all nodes'."""
        return self.graph.next_node

    def state(self) -> dict[str, tuple[FloatArray, ...]]:
        """Give every array that ``restored`` needs, by name."""
        graph = self.graph
        return {"edge_weight": (self.weight,), "edges": (graph.sources, graph.targets, graph.primary)}  # type: ignore[dict-item]

    @property
    def features(self) -> int:
        """Number of inputs, the constant not counted."""
        return self.graph.n_inputs

    @property
    def has_bias(self) -> bool:
        """Whether there is a constant input, whose edges are the biases."""
        return bool(self.graph.has_constant)

    def restored(self, state: Mapping[str, tuple[FloatArray, ...]]) -> Dag:
        """Give the net whose ``state`` this is, of the same activation, inputs and outputs; its edges may be others."""
        edges: tuple[npt.NDArray[Any], ...] = state["edges"]
        graph = replace(self.graph, sources=edges[0], targets=edges[1], primary=edges[2])
        return Dag.of(graph, state["edge_weight"][0], self.activation, self.negative_slope)

    def astype(self, dtype: npt.DTypeLike) -> Dag:
        """Give a copy in another precision."""
        return self.with_weight(self.weight.astype(dtype))

    def with_weight(self, weight: FloatArray) -> Dag:
        """Give the same net with other weights (E,)."""
        return Dag.of(self.graph, weight, self.activation, self.negative_slope)


def first_graph(spec: DagSpec, features: int, classes: int, rng: np.random.Generator) -> Dag:
    """Draw the graph that a spec describes.

    Args:
        spec: The network, as a spec.
        features: Number of inputs.
        classes: Number of outputs.
        rng: The only source of chance.

    Returns:
        The net at the start of a run.
    """
    net = initial(spec, features, classes, rng)
    if not spec.bias:
        net = replace(net, biases=tuple(np.zeros_like(bias) for bias in net.biases))
    return Dag.of_layers(net, constant=spec.bias)


def recorded_graph(spec: DagSpec, state: Mapping[str, Any], features: int, classes: int) -> Dag:
    """Give the graph whose arrays a frame or a snapshot holds.

    Args:
        spec: What its run began from.
        state: ``edges``, and with a frame ``primary`` and the wide layers, with a snapshot ``edge_weight``.
        features: Number of inputs.
        classes: Number of outputs.

    Returns:
        The graph; its weights are float64.
    """
    is_frame = "weights" in state
    sources, targets, primary = (*state["edges"].T, state["primary"]) if is_frame else state["edges"]
    ends = np.ascontiguousarray(sources), np.ascontiguousarray(targets)
    graph = Graph(*ends, primary.astype(bool), features, classes, spec.bias)
    if is_frame:
        flat = [part for pair in zip(state["weights"], state["biases"], strict=True) for part in pair]
        weight = graph.gather(flat)
    else:
        weight = state["edge_weight"][0]
    return Dag.of(graph, np.asarray(weight, np.float64), spec.activation, spec.negative_slope)


def _numbered(first: int, widths: Sequence[int]) -> list[npt.NDArray[np.int64]]:
    ends = first + np.cumsum((0, *widths))
    return [np.arange(a, b) for a, b in itertools.pairwise(ends)]
