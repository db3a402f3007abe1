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
from foldscape.kept_frames import KeptFrame, net_of
from foldscape.landscape.embedding import MomentNet
from foldscape.landscape.recorded.run_record import EventId, RunRecord
from foldscape.landscape.recorded.space import Space
from foldscape.net.mlp import Weights
from foldscape.optimizer.memory import Memory
from foldscape.terms.standing import Standing

MOST_MOMENTS = 121
MOST_PARAMETERS = 3_000_000
"""Parameters of all moments of a path together."""
COPYING_RULE = "identity_layer"
NORMALISING_RULE = "batch_norm"


@dataclass(frozen=True)
class RecordedMoment:
    """A net as a run recorded it.

    Attributes:
        moment: Its weights and the lasting ids of its units; batch normalisation is folded in.
        epoch: Epochs done.
        net: The net itself.
        hills: Hills that stood then, as far as the frame has them.
    """

    moment: MomentNet
    epoch: float
    net: Weights
    hills: Standing

    @cached_property
    def theta(self) -> np.ndarray:
        """The parameters as one vector (P,), float64."""
        return self.net.vector()

    @property
    def space(self) -> Space:
        """How nets of its kind lie in their parameters."""
        found: Space = self.net.can.part("space")()
        return found

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The block table of ``theta``."""
        return self.space.blocks(self.net)


class RecordedRun:
    """The nets of one run, read from its record.

    Args:
        record: What it left behind.
    """

    def __init__(self, record: RunRecord) -> None:
        self._record, self.spec = record, record.spec

    def net(self, step: int | None) -> RecordedMoment:
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

    def path(self, until: int) -> list[RecordedMoment]:
        """Give about a hundred moments up to a step, evenly by step, births and ends among them.

        What a run did between a growth and its being taken back is no part of the way to where it is.

        Returns:
            The moments, in the order of their steps.
        """
        gone = self.taken_back(until)
        ids = [one for one in self._record.frame_ids() if not any(birth <= one < end for birth, end in gone)]
        size = self.net(until).net.parameters
        chosen = evenly(ids, self._record.lasting_ids(), until, max(3, min(MOST_MOMENTS, MOST_PARAMETERS // size)))
        found = [self._read(frame) for frame in self._record.frames(chosen)]
        return [one for one in found if one is not None]

    def copies(self) -> set[int]:
        """Give the first unit of each layer that was put in as a copy of the one before it."""
        return {head["unit"] for _, head in self._heads if head["kind"] == "grown" and head["method"] == COPYING_RULE}

    def taken_back(self, until: int) -> list[tuple[EventId, EventId]]:
        """Give beginning and end of each stretch that was taken back up to a step, by their names.

        Returns:
            Stretches that begin with a growth that was undone, or behind the best moment, whose net came back.
        """
        ends = [(end, head) for end, head in self._heads if end[0] <= until]
        undone = [((head["birth_step"], head["birth_seq"]), end) for end, head in ends if head["kind"] == "undone"]
        return undone + [((head["best_step"] + 1, 0), end) for end, head in ends if head["kind"] == "restored"]

    def hills_at(self, step: int) -> Mapping[str, Any] | None:
        """Give strength, kernel and scope of the run's hills at a step, as its last measurement tells them."""
        told = [head for at, head in self._heads if head["kind"] == "hills" and at[0] <= step]
        return told[-1] if told else None

    def is_normed(self, step: int) -> bool:
        """Tell whether a layer is normalised over batches at a step."""
        gone = {birth for birth, _ in self.taken_back(step)}
        return any(
            head["kind"] == "grown" and head["method"] == NORMALISING_RULE and birth[0] <= step and birth not in gone
            for birth, head in self._heads
        )

    @cached_property
    def _heads(self) -> Sequence[tuple[EventId, Mapping[str, Any]]]:
        return self._record.heads()

    def _read(self, frame: KeptFrame) -> RecordedMoment | None:
        net = net_of(frame, self.spec, folded=True)
        if net is None:
            return None
        moment = MomentNet(frame.head["step"], net.weights, net.biases, tuple(frame.arrays["units"]))
        held = Memory.of_arrays(frame.state).terms if "first" in frame.state else {}
        return RecordedMoment(moment, frame.head["epoch"], net, Standing.among(held))


def evenly(ids: Sequence[EventId], kept: AbstractSet[EventId], until: int, most: int) -> list[EventId]:
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
