"""One run in the run log, as landscapes read it: its spec, its frames, what it said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import orjson

from foldscape.errors import RunNotFound
from foldscape.landscape.recorded.run_record import EventId, StoredFrame
from foldscape.spec import RunSpec
from foldscape.stored import read_stored
from foldscape.wire import unpack
from workers import keys
from workers.checkpoints import Store
from workers.keys import RunKeys
from workers.run_log.connect import Client

TRIED = 20
"""Frames that are read at once, in search of one with weights."""


class LoggedRun:
    """A run in the run log, read by a worker.

    Args:
        client: Connection to the run log.
        run_id: The run.

    Raises:
        RunNotFound: When there is no such run.
    """

    def __init__(self, client: Client, run_id: str) -> None:
        self._client, self._keys, self.name = client, RunKeys(run_id), run_id
        raw = client.hget(self._keys.hash, "spec")
        if raw is None:
            raise RunNotFound(f"There is no run {run_id}.", hint="It may have been deleted.")
        self.spec = read_stored(RunSpec, raw)

    @cached_property
    def _heads(self) -> list[tuple[EventId, dict[str, Any]]]:
        rows = self._client.xrange(self._keys.events)
        return [(event_id(name), orjson.loads(fields[b"h"])) for name, fields in rows]

    def heads(self) -> list[tuple[EventId, dict[str, Any]]]:
        """Give name and plain values of all that it said besides rows and frames, in order."""
        return self._heads

    def frame_ids(self) -> list[EventId]:
        """Give the names of the frames that are kept, in order."""
        return [event_id(raw) for raw in self._client.lrange(self._keys.frame_ids, 0, -1)]

    def lasting_ids(self) -> set[EventId]:
        """Give the names of the frames that are never thinned."""
        return {event_id(raw) for raw in self._client.smembers(self._keys.kept)}

    def frames(self, ids: Sequence[EventId]) -> Iterator[StoredFrame]:
        """Read frames by name, in that order; what is not kept is left out."""
        pipe = self._client.pipeline(transaction=False)
        for step, seq in ids:
            entry = keys.entry_id(step, seq)
            pipe.xrange(self._keys.frames, entry, entry)
        return (stored(fields, self._last) for rows in pipe.execute() for _, fields in rows)

    def frames_before(self, step: int | None) -> Iterator[StoredFrame]:
        """Read the newest frames at or before a step, the newest first."""
        newest = "+" if step is None else str(step)
        rows = self._client.xrevrange(self._keys.frames, max=newest, count=TRIED)
        return (stored(fields, self._last) for _, fields in rows)

    @cached_property
    def _last_state(self) -> Mapping[int, Any]:
        return last_state(self._client.hgetall(self._keys.checkpoint))

    def _last(self) -> Mapping[int, Any]:
        return self._last_state


def event_id(entry: bytes) -> EventId:
    """Read the id of an entry, which counts from 1, as the name of the event."""
    step, place = keys.id_pair(entry.decode())
    return step, place - 1


def stored(fields: dict[bytes, bytes], last: Callable[[], Mapping[int, Any]] = dict) -> StoredFrame:
    """Read the fields of a frame.

    Args:
        fields: What stands in the log.
        last: Gives ``last_state`` of the run, for the frame of a net that is too large to stand beside it.

    Returns:
        The frame.
    """
    head, arrays = unpack(fields[b"h"], fields[b"b"])
    state = unpack(fields[b"sh"], fields[b"sb"])[1] if b"sh" in fields else last().get(head["step"], {})
    return StoredFrame(head, arrays, state)


def last_state(checkpoint: Mapping[bytes, bytes]) -> dict[int, Any]:
    """Give the arrays of the checkpoint that a run with a large net left at its end.

    Args:
        checkpoint: Its fields.

    Returns:
        The arrays by the step; empty where none was left.
    """
    if checkpoint.get(b"kept") != b"1":
        return {}
    packed = Store.read({name.decode(): value for name, value in checkpoint.items()})
    return {} if packed is None else {int(checkpoint[b"step"]): unpack(*packed)[1]}
