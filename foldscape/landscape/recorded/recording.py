"""A run kept in memory: what it said, with the net beside each frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from foldscape.errors import InvalidInput
from foldscape.events import FRAME_KINDS, Event
from foldscape.landscape.recorded.run_record import EventId, RunRecord, StoredFrame
from foldscape.spec import RunSpec
from foldscape.training import Controller, Loop
from foldscape.training.snapshot import Arrays
from foldscape.wire import pack_event, unpack


class Recording:
    """A run as a list of what it said; frames of nets on the plane hold their weights themselves.

    Args:
        spec: What decided the run.
        events: What it said, in order.
        name: What the run is called in errors and in specs of landscapes.

    Example:
        >>> import foldscape
        >>> from foldscape.landscape.recorded import Recording
        >>> spec = foldscape.RunSpec(stop={"epochs": 2})
        >>> len(Recording(spec, foldscape.run(spec)).frame_ids())
        3
    """

    def __init__(self, spec: RunSpec, events: Iterable[Event] = (), name: str = "run") -> None:
        self.spec, self.name = spec, name
        self._heads: list[tuple[EventId, dict[str, object]]] = []
        self._frames: dict[EventId, StoredFrame] = {}
        for event in events:
            self.add(event)

    def add(self, event: Event, state: Arrays | None = None) -> None:
        """Take what the run says.

        Args:
            event: What it says.
            state: Arrays of a snapshot taken just then, from which a net can be read that the frame does not hold.
        """
        head, arrays = unpack(*pack_event(event))
        if event.kind in FRAME_KINDS:
            self._frames[event.step, event.seq] = StoredFrame(head, arrays, state or {})
        elif event.kind != "metrics":
            self._heads.append(((event.step, event.seq), head))

    def heads(self) -> list[tuple[EventId, dict[str, object]]]:
        """Give name and plain values of all that it said besides rows and frames, in order."""
        return self._heads

    def frame_ids(self) -> list[EventId]:
        """Give the names of the frames, in order."""
        return list(self._frames)

    def lasting_ids(self) -> set[EventId]:
        """Give the names of the first and the last frame, of those around each growth and at the ends of cycles."""
        ids = self.frame_ids()
        births = [step for (step, _), head in self._heads if head["kind"] == "grown"]
        places = np.searchsorted([step for step, _ in ids], births)
        around = {0, len(ids) - 1, *(places - 1).tolist(), *places.tolist()}
        ends = set(self.spec.cycle_ends)
        return {ids[place] for place in around if 0 <= place < len(ids)} | {one for one in ids if one[0] in ends}

    def frames(self, ids: Sequence[EventId]) -> Iterator[StoredFrame]:
        """Read frames by name, in that order."""
        return (self._frames[one] for one in ids if one in self._frames)

    def frames_before(self, step: int | None) -> Iterator[StoredFrame]:
        """Read the frames at or before a step, the newest first."""
        ids = [one for one in self._frames if step is None or one[0] <= step]
        return self.frames(ids[::-1])


def record(spec: RunSpec, controller: Controller | None = None, *, name: str = "run") -> Recording:
    """Train a network as a spec says, and keep its net at every frame.

    Args:
        spec: Everything that decides the run.
        controller: Says commands while it runs; without one the run ends where it first pauses.
        name: What to call the run.

    Returns:
        The recording, which the recorded landscapes read like a run of the dashboard.

    Example:
        >>> import foldscape
        >>> from foldscape.landscape.recorded import record
        >>> record(foldscape.RunSpec(stop={"epochs": 2})).name
        'run'
    """
    kept, loop = Recording(spec, name=name), Loop(spec)
    for event in loop.events(controller):
        kept.add(event, loop.snapshot(with_past=False).arrays if event.kind in FRAME_KINDS else None)
    return kept


def record_of(run: RunRecord | Iterable[Event], spec: RunSpec | None) -> RunRecord:
    """Give what a run left behind; events need the spec of their run."""
    if isinstance(run, RunRecord):
        return run
    if spec is None:
        raise InvalidInput("The events of a run came without its spec.", hint="Give it as spec=.")
    return Recording(spec, run)
