"""The nets of a run's recorded moments, read from its frames."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import orjson

from foldscape.curvature import Block
from foldscape.landscape.edges import node_blocks
from foldscape.landscape.embedding import Moment
from foldscape.landscape.vectors import dense_blocks, flattened
from foldscape.net.dag import Dag
from foldscape.net.graph import Graph
from foldscape.net.mlp import Weights
from foldscape.net.spec import NetSpec
from foldscape.spec import RunSpec
from foldscape.wire import unpack
from workers import keys
from workers.errors import FrameNotFound, RunNotFound
from workers.keys import RunKeys
from workers.run_log.connect import Client

MOST_MOMENTS = 121
MOST_PARAMETERS = 3_000_000
"""Parameters of all moments of a path together."""
COPYING_RULE = "identity_layer"
NORMALISING_RULE = "batch_norm"
Id = tuple[int, int]


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
    """One run in the run log, read by a worker.

    Args:
        client: Connection to the run log.
        run_id: The run.

    Raises:
        RunNotFound: When there is no such run.
    """

    def __init__(self, client: Client, run_id: str) -> None:
        self._client, self._keys = client, RunKeys(run_id)
        raw = client.hget(self._keys.hash, "spec")
        if raw is None:
            raise RunNotFound(f"There is no run {run_id}.", hint="It may have been deleted.")
        self.spec = RunSpec.model_validate_json(raw)

    def net(self, step: int | None) -> Recorded:
        """Give the net of the newest frame at or before a step.

        Returns:
            The net with its step and the ids of its units.

        Raises:
            FrameNotFound: When no frame with weights is kept there.
        """  # noqa: DOC501 - a method makes it
        before = "+" if step is None else str(step)
        for _, fields in self._client.xrevrange(self._keys.frames, max=before, count=20):
            if (found := self._read(fields)) is not None:
                return found
        raise FrameNotFound.of(self._keys.id, step)

    def path(self, until: int) -> list[Recorded]:
        """Give about a hundred moments up to a step, evenly by step, births and ends among them.

        What a run did between a growth and its being taken back is no part of the way to where it is.

        Returns:
            The moments, in the order of their steps.
        """
        gone = self.taken_back(until)
        ids = [raw.decode() for raw in self._client.lrange(self._keys.frame_ids, 0, -1)]
        ids = [one for one in ids if not any(birth <= keys.id_pair(one) < end for birth, end in gone)]
        kept = {raw.decode() for raw in self._client.smembers(self._keys.kept)}
        size = self.net(until).parameters
        chosen = evenly(ids, kept, until, max(3, min(MOST_MOMENTS, MOST_PARAMETERS // size)))
        pipe = self._client.pipeline(transaction=False)
        for one in chosen:
            pipe.xrange(self._keys.frames, one, one)
        found = [self._read(fields) for rows in pipe.execute() for _, fields in rows]
        return [one for one in found if one is not None]

    def copies(self) -> set[int]:
        """Give the first unit of each layer that was put in as a copy of the one before it."""
        return {head["unit"] for _, head in self._events if head["kind"] == "grown" and head["method"] == COPYING_RULE}

    def taken_back(self, until: int) -> list[tuple[Id, Id]]:
        """Give birth and end of each growth that was taken back up to a step, as ids of the log."""
        undone = [(end, head) for end, head in self._events if head["kind"] == "undone" and end[0] <= until]
        return [((head["birth_step"], head["birth_seq"] + 1), end) for end, head in undone]

    def is_normed(self, step: int) -> bool:
        """Tell whether a layer is normalised over batches at a step."""
        gone = {birth for birth, _ in self.taken_back(step)}
        return any(
            head["kind"] == "grown" and head["method"] == NORMALISING_RULE and birth[0] <= step and birth not in gone
            for birth, head in self._events
        )

    @cached_property
    def _events(self) -> list[tuple[Id, dict[str, Any]]]:
        """Ids and heads of what the run said."""
        rows = self._client.xrange(self._keys.events)
        return [(keys.id_pair(name.decode()), orjson.loads(fields[b"h"])) for name, fields in rows]

    def _read(self, fields: dict[bytes, bytes]) -> Recorded | None:
        head, arrays = unpack(fields[b"h"], fields[b"b"])
        units, is_graph, graph = tuple(arrays["units"]), self.spec.net.wiring == "dag", None
        if "weights" in arrays:
            weights, biases = arrays["weights"], arrays["biases"]
            graph = self._graph((*arrays["edges"].T, arrays["primary"])) if is_graph else None
        elif b"sh" not in fields:
            return None
        else:
            state: dict[str, Any] = unpack(fields[b"sh"], fields[b"sb"])[1]
            if is_graph:
                graph = self._graph(state["edges"])
                weights, biases = graph.scatter(state["edge_weight"][0])
            else:
                net = Weights(state["weights"], state["biases"], self.spec.net.activation, self.spec.net.negative_slope)
                net = net.restored(state).folded()
                weights, biases = net.weights, net.biases
        return Recorded(Moment(head["step"], weights, biases, units), head["epoch"], graph)

    def _graph(self, edges: tuple[np.ndarray, ...]) -> Graph:
        (sources, targets, primary), (features, classes) = edges, self._ends
        ends = np.ascontiguousarray(sources), np.ascontiguousarray(targets)
        return Graph(*ends, primary.astype(bool), features, classes, self.spec.net.bias)

    @cached_property
    def _ends(self) -> tuple[int, int]:
        """Inputs and outputs of the net, which edges alone do not tell."""
        split = self.spec.data.load(self.spec.seed)
        return split.train_x.shape[1], split.classes


def evenly(ids: Sequence[str], kept: set[str], until: int, most: int) -> list[str]:
    """Choose frames evenly by their step.

    Args:
        ids: Ids of all frames, in order.
        kept: Those that matter most: births and ends.
        until: Last step that is wanted.
        most: How many to choose at most.

    Returns:
        The chosen ids, in order.
    """
    steps = [keys.id_pair(one)[0] for one in ids]
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
