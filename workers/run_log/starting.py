"""Weights that a run begins with, taken out of the log once, when it is queued."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from foldscape.kept_frames import EventId
from foldscape.landscape.recorded.run_record import StoredFrame
from foldscape.spec import RunSpec, Start
from foldscape.start import NoStart, StartNet, weights_of_moment
from foldscape.stored import read_stored
from workers.keys import RunKeys
from workers.run_log.connect import Client
from workers.run_log.record import TRIED, event_id, last_state, stored


async def start_net(client: Client, start: Start) -> StartNet:
    """Read the weights of a moment of a run.

    Args:
        client: Connection to the run log.
        start: Which moment of which run.

    Returns:
        The weights.

    Raises:
        NoStart: When there is no such run, or it keeps no weights of that moment.
    """
    run = RunKeys(start.run)
    raw = await client.hget(run.hash, "spec")
    if raw is None:
        raise NoStart(start, f"start.run {start.run} is no run of this server", "Choose one from the table of runs.")
    ids = [event_id(entry) for entry in await client.lrange(run.frame_ids, 0, -1)]
    if start.step is None:
        rows = (await client.xrevrange(run.frames, count=TRIED))[::-1]
    else:
        rows = await client.xrange(run.frames, min=str(start.step), max=str(start.step))
    last = await _last(client, run, rows)
    read = {event_id(entry): stored(fields, lambda: last) for entry, fields in rows}
    return weights_of_moment(start, _Read(start.run, read_stored(RunSpec, raw), ids, read))


async def _last(client: Client, run: RunKeys, rows: Sequence[tuple[bytes, dict[bytes, bytes]]]) -> dict[int, Any]:
    """Read the net that a run left at its end, where it stands beside none of its frames."""
    if any(b"sh" in fields for _, fields in rows):
        return {}
    return await asyncio.to_thread(last_state, await client.hgetall(run.checkpoint))


@dataclass(frozen=True)
class _Read:
    """As much of a run as was read."""

    name: str
    spec: RunSpec
    ids: Sequence[EventId]
    read: dict[EventId, StoredFrame]

    def frame_ids(self) -> Sequence[EventId]:
        return self.ids

    def frames(self, ids: Sequence[EventId]) -> Iterator[StoredFrame]:
        return (self.read[one] for one in ids if one in self.read)

    def frames_before(self, step: int | None) -> Iterator[StoredFrame]:
        return self.frames([one for one in reversed(self.read) if step is None or one[0] <= step])
