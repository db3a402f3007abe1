"""The nets that a run keeps in its frames, however it is kept. Importing this loads no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from foldscape.net.dag import Dag
from foldscape.net.graph import Graph
from foldscape.net.mlp import Weights
from foldscape.net.norm import from_rows
from foldscape.spec import RunSpec

Id = tuple[int, int]
"""Name of an event: updates done, and its place among the events of that step."""


class KeptFrame(Protocol):
    """A frame as it is kept."""

    @property
    def head(self) -> Mapping[str, Any]:
        """Its plain values by name, ``step`` among them."""

    @property
    def arrays(self) -> Mapping[str, Any]:
        """Its arrays by name."""

    @property
    def state(self) -> Mapping[str, Any]:
        """The arrays of the snapshot beside it, by name; empty where none is kept."""


@runtime_checkable
class Keeper(Protocol):
    """Whoever has the frames of a run."""

    @property
    def name(self) -> str:
        """What the run is called."""

    @property
    def spec(self) -> RunSpec:
        """What decided the run."""

    def frame_ids(self) -> Sequence[Id]:
        """Give the names of the frames that are kept, in order."""

    def frames(self, ids: Sequence[Id]) -> Iterable[KeptFrame]:
        """Read frames by name, in that order; what is not kept is left out."""

    def frames_before(self, step: int | None) -> Iterable[KeptFrame]:
        """Read the frames at or before a step, the newest first; ``None`` is the end."""


def net_of(frame: KeptFrame, spec: RunSpec, *, folded: bool = False) -> Weights | None:
    """Read the net of a frame.

    Args:
        frame: The frame.
        spec: What decided its run.
        folded: Whether batch normalisation counts as folded into weights and biases; else it stays where it is kept.

    Returns:
        The net, or ``None`` where the frame keeps no weights.
    """
    if spec.net.wiring == "dag":
        return _graph_of(frame, spec)
    kind, state = (spec.net.activation, spec.net.negative_slope), frame.state
    norms = from_rows(state["norms"]) if "norms" in state else ()
    if "weights" in frame.arrays and (folded or not any(norms)):
        return Weights(frame.arrays["weights"], frame.arrays["biases"], *kind)
    if "weights" not in state:
        return None
    net = Weights(state["weights"], state["biases"], *kind, norms)
    return net.folded() if folded else net


def _graph_of(frame: KeptFrame, spec: RunSpec) -> Dag | None:
    arrays, state = frame.arrays, frame.state
    if "weights" in arrays:
        (sources, targets), primary = arrays["edges"].T, arrays["primary"]
    elif "edges" in state:
        sources, targets, primary = state["edges"]
    else:
        return None
    ends = np.ascontiguousarray(sources), np.ascontiguousarray(targets)
    graph = Graph(*ends, primary.astype(bool), spec.data.features, spec.data.classes, spec.net.bias)
    if "weights" not in arrays:
        weight = state["edge_weight"][0]
    else:
        weight = graph.gather([part for pair in zip(arrays["weights"], arrays["biases"], strict=True) for part in pair])
    return Dag.of(graph, weight, spec.net.activation, spec.net.negative_slope)
