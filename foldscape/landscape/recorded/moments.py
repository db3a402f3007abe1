"""The nets of a run's recorded moments, read from its frames."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from foldscape.curvature import Block
from foldscape.errors import FrameNotFound
from foldscape.landscape.edges import node_blocks
from foldscape.landscape.embedding import Moment
from foldscape.landscape.recorded.run_record import Id, RunRecord, StoredFrame
from foldscape.landscape.vectors import dense_blocks, flattened
from foldscape.net.dag import Dag
from foldscape.net.graph import Graph
from foldscape.net.mlp import Weights
from foldscape.net.spec import NetSpec

MOST_MOMENTS = 121
MOST_PARAMETERS = 3_000_000
"""Parameters of all moments of a path together."""
COPYING_RULE = "identity_layer"
NORMALISING_RULE = "batch_norm"


@dataclass(frozen=True)
class Recorded:
    """A net as a run recorded it.

    Attributes:
        moment: Its weights and the lasting ids of its units; batch normalisation is folded in.
        epoch: Epochs done.
        graph: The edges, where the net is a graph: its parameters are theirs alone.
    """

    moment: Moment
    epoch: float
    graph: Graph | None = None

    @property
    def parameters(self) -> int:
        """Number of parameters."""
        if self.graph is not None:
            return len(self.graph.sources)
        return sum(part.size for part in (*self.moment.weights, *self.moment.biases))

    @cached_property
    def theta(self) -> np.ndarray:
        """The parameters as one vector (P,), float64."""
        flat = flattened(self.moment.weights, self.moment.biases)
        return flat if self.graph is None else flat[self.graph.index]

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The block table of ``theta``."""
        return dense_blocks(self.moment.weights) if self.graph is None else node_blocks(self.graph)

    def net(self, spec: NetSpec) -> Weights:
        """Give the net itself.

        Args:
            spec: What its run began from: the activation.

        Returns:
            Its weights.
        """
        if self.graph is not None:
            return Dag.of(self.graph, self.theta, spec.activation, spec.negative_slope)
        return Weights(self.moment.weights, self.moment.biases, spec.activation, spec.negative_slope)


class RecordedRun:
    """The nets of one run, read from its record.

    Args:
        record: What it left behind.
    """

    def __init__(self, record: RunRecord) -> None:
        self._record, self.spec = record, record.spec

    def net(self, step: int | None) -> Recorded:
        """Give the net of the newest frame at or before a step.

        Returns:
            The net with its step and the ids of its units.

        Raises:
            FrameNotFound: When no frame with weights is kept there.
        """  # noqa: DOC501 - a method makes it
        for frame in self._record.frames_before(step):
            if (found := self._read(frame)) is not None:
                return found
        raise FrameNotFound.of(self._record.name, step)

    def path(self, until: int) -> list[Recorded]:
        """Give about a hundred moments up to a step, evenly by step, births and ends among them.

        What a run did between a growth and its being taken back is no part of the way to where it is.

        Returns:
            The moments, in the order of their steps.
        """
        gone = self.taken_back(until)
        ids = [one for one in self._record.frame_ids() if not any(birth <= one < end for birth, end in gone)]
        size = self.net(until).parameters
        chosen = evenly(ids, self._record.lasting_ids(), until, max(3, min(MOST_MOMENTS, MOST_PARAMETERS // size)))
        found = [self._read(frame) for frame in self._record.frames(chosen)]
        return [one for one in found if one is not None]

    def copies(self) -> set[int]:
        """Give the first unit of each layer that was put in as a copy of the one before it."""
        return {head["unit"] for _, head in self._heads if head["kind"] == "grown" and head["method"] == COPYING_RULE}

    def taken_back(self, until: int) -> list[tuple[Id, Id]]:
        """Give beginning and end of each stretch that was taken back up to a step, by their names.

        Returns:
            Stretches that begin with a growth that was undone, or behind the best moment, whose net came back.
        """
        ends = [(end, head) for end, head in self._heads if end[0] <= until]
        undone = [((head["birth_step"], head["birth_seq"]), end) for end, head in ends if head["kind"] == "undone"]
        return undone + [((head["best_step"] + 1, 0), end) for end, head in ends if head["kind"] == "restored"]

    def is_normed(self, step: int) -> bool:
        """Tell whether a layer is normalised over batches at a step."""
        gone = {birth for birth, _ in self.taken_back(step)}
        return any(
            head["kind"] == "grown" and head["method"] == NORMALISING_RULE and birth[0] <= step and birth not in gone
            for birth, head in self._heads
        )

    @cached_property
    def _heads(self) -> Sequence[tuple[Id, Mapping[str, Any]]]:
        return self._record.heads()

    def _read(self, frame: StoredFrame) -> Recorded | None:
        arrays, is_graph, graph = frame.arrays, self.spec.net.wiring == "dag", None
        if "weights" in arrays:
            weights, biases = arrays["weights"], arrays["biases"]
            graph = self._graph((*arrays["edges"].T, arrays["primary"])) if is_graph else None
        elif not frame.state:
            return None
        else:
            state: dict[str, Any] = dict(frame.state)
            if is_graph:
                graph = self._graph(state["edges"])
                weights, biases = graph.scatter(state["edge_weight"][0])
            else:
                net = Weights(state["weights"], state["biases"], self.spec.net.activation, self.spec.net.negative_slope)
                net = net.restored(state).folded()
                weights, biases = net.weights, net.biases
        moment = Moment(frame.head["step"], weights, biases, tuple(arrays["units"]))
        return Recorded(moment, frame.head["epoch"], graph)

    def _graph(self, edges: tuple[np.ndarray, ...]) -> Graph:
        (sources, targets, primary), (features, classes) = edges, self._ends
        ends = np.ascontiguousarray(sources), np.ascontiguousarray(targets)
        return Graph(*ends, primary.astype(bool), features, classes, self.spec.net.bias)

    @cached_property
    def _ends(self) -> tuple[int, int]:
        """Inputs and outputs of the net, which edges alone do not tell."""
        split = self.spec.load()
        return split.train_x.shape[1], split.classes


def evenly(ids: Sequence[Id], kept: AbstractSet[Id], until: int, most: int) -> list[Id]:
    """Choose frames evenly by their step.

    Args:
        ids: Names of all frames, in order.
        kept: Those that matter most: births and ends.
        until: Last step that is wanted.
        most: How many to choose at most.

    Returns:
        The chosen names, in order.
    """
    steps = [step for step, _ in ids]
    end = bisect.bisect_right(steps, until)
    if end <= most:
        return list(ids[:end])
    first, last = steps[0], steps[end - 1]
    chosen = [0, end - 1, *(index for index in range(1, end - 1) if ids[index] in kept)][:most]
    left = most - len(chosen)
    for place in range(left):
        step = first + (last - first) * (place + 1) / (left + 1)
        chosen.append(bisect.bisect_left(steps, step, 0, end - 1))
    return [ids[index] for index in sorted(set(chosen))]
