"""The outbox of a run: events that Redis does not have yet, and those it may still lose."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from foldscape.events import FRAME_KINDS, Event, Metrics
from foldscape.wire import Packed, pack, pack_event
from workers.keys import FIRST, entry_id, id_pair

EMPTY = Packed(b"", b"")


@dataclass
class OutboxBatch:
    """Packed entries that travel together; once sealed it never changes, so that sending it again is harmless.

    Attributes:
        metrics: Id and block.
        frames: Id, frame and snapshot.
        events: Id and event.
        keep: Ids of frames that are never thinned.
        size: Bytes.
        sealed: When it was closed, by the monotonic clock.
    """

    metrics: list[tuple[str, Packed]] = field(default_factory=list)
    frames: list[tuple[str, Packed, Packed]] = field(default_factory=list)
    events: list[tuple[str, Packed]] = field(default_factory=list)
    keep: list[str] = field(default_factory=list)
    size: int = 0
    sealed: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send."""
        return not (self.metrics or self.frames or self.events or self.keep)


class Outbox:
    """Collects events into batches and keeps each until Redis has surely kept it.

    Args:
        last_metrics: Last id in the stream of metrics; rows up to it are there already and are cut.
        last_frame: Last id in the stream of frames.
        last_event: Last id in the stream of events.
        memory: Seconds for which sent batches are held, because Redis writes its file once a second.
    """

    def __init__(
        self, last_metrics: str = FIRST, last_frame: str = FIRST, last_event: str = FIRST, memory: float = 3.0
    ) -> None:
        self._last_row = id_pair(last_metrics)[0] if last_metrics != FIRST else -1
        self._last_frame, self._last_event = id_pair(last_frame), id_pair(last_event)
        self._memory = memory
        self._rows: list[tuple[int, np.ndarray]] = []
        self._open = OutboxBatch()
        self._waiting: deque[OutboxBatch] = deque()
        self._sent: deque[OutboxBatch] = deque()
        self._newest_frame = ""

    def add(self, event: Event, snapshot: Packed = EMPTY) -> None:
        """Take an event in; what Redis has from an earlier attempt is dropped here."""
        entry = entry_id(event.step, event.seq)
        if isinstance(event, Metrics):
            if event.step > self._last_row:
                self._last_row = event.step
                self._rows.append((event.step, np.asarray(event.values, np.float32)))
                self._open.size += 8 + event.values.nbytes
            return
        if event.kind in FRAME_KINDS:
            self._newest_frame = entry
            if id_pair(entry) > self._last_frame:
                packed = pack_event(event)
                self._open.frames.append((entry, packed, snapshot))
                self._open.size += sum(map(len, (*packed, *snapshot)))
        elif id_pair(entry) > self._last_event:
            packed = pack_event(event)
            self._open.events.append((entry, packed))
            self._open.size += sum(map(len, packed))

    def keep_newest_frame(self) -> None:
        """Protect the frame that came last from thinning."""
        if self._newest_frame and self._newest_frame not in self._open.keep:
            self._open.keep.append(self._newest_frame)

    def wants(self, event: Event) -> bool:
        """Whether this frame is new to Redis."""
        return id_pair(entry_id(event.step, event.seq)) > self._last_frame

    def all_but_last(self) -> Iterator[OutboxBatch]:
        """Close the open batch and give those before it, oldest first; call ``done`` after each."""
        self._seal()
        while len(self._waiting) > 1:
            yield self._waiting[0]

    @property
    def first(self) -> OutboxBatch:
        """The oldest batch that Redis does not have; an empty one when it has all."""
        return self._waiting[0] if self._waiting else OutboxBatch()

    def done(self) -> None:
        """Note that Redis took the first batch."""
        if self._waiting:
            self._sent.append(self._waiting.popleft())
        limit = time.monotonic() - self._memory
        while self._sent and self._sent[0].sealed < limit:
            self._sent.popleft()

    def again(self) -> None:
        """Send once more what was sent lately: Redis was away and may have lost its last second."""
        self._waiting.extendleft(reversed(self._sent))
        self._sent.clear()

    @property
    def is_empty(self) -> bool:
        """Whether Redis has everything."""
        return not (self._waiting or self._rows) and self._open.is_empty

    @property
    def size(self) -> int:
        """Bytes that wait to be sent."""
        return self._open.size + sum(batch.size for batch in self._waiting)

    def _seal(self) -> None:
        if self._rows:
            steps = np.array([step for step, _ in self._rows], np.float64)
            block = pack({"kind": "metrics"}, {"steps": steps, "values": np.stack([row for _, row in self._rows])})
            self._open.metrics.append((entry_id(self._rows[-1][0]), block))
            self._rows = []
        if not self._open.is_empty:
            self._open.sealed = time.monotonic()
            self._waiting.append(self._open)
            self._open = OutboxBatch()
