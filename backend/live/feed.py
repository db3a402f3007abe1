"""One reader of one run's streams for all who watch it in this process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from redis.exceptions import RedisError

from backend.binary import MessageKind, PackedEntry, join_events, message
from backend.live.tail import Tail, within_size
from workers.keys import FIRST, RunKeys, id_pair

log = logging.getLogger(__name__)

BLOCK_MS = 4000  # below the ten seconds after which the client takes Redis for dead
READ_COUNT = 50
BATCH_ENTRIES = 1000
BATCH_BYTES = 2**20
PACKED_KEPT = 8


class Cursors(NamedTuple):
    """How far a viewer has got in each stream of a run: ids of the last entries it was sent."""

    metrics: str = FIRST
    events: str = FIRST
    frames: str = FIRST


class ViewerMessage(NamedTuple):
    """A message for a viewer and where the viewer stands after it.

    Attributes:
        data: The whole binary message.
        cursors: The viewer's cursors after it.
        state_seen: Generation of the run's summary that the viewer has seen after it.
    """

    data: bytes
    cursors: Cursors
    state_seen: int


class Feed:
    """Reads a run's streams with one blocking XREAD and wakes everybody who watches.

    Args:
        run: Id of the run.
        redis: Client for blocking reads, with replies as bytes, which redis-py's types cannot say.
    """

    def __init__(self, run: str, redis: Any) -> None:
        self.run = run
        self.watchers: set[asyncio.Event] = set()
        self.gone = False
        self._keys = RunKeys(run)
        self._redis = redis
        self._metrics = Tail(FIRST)
        self._events = Tail(FIRST)
        self._frame: PackedEntry | None = None
        self._state: dict[str, Any] | None = None
        self._state_generation = 0
        self._front = Cursors()
        self._packed: dict[tuple[Cursors, int], ViewerMessage] = {}
        self._history = asyncio.Lock()
        self.ready = asyncio.Event()

    def tell_state(self, summary: dict[str, Any] | None) -> None:
        """Take note of the run's summary; ``None`` when the run was deleted."""
        if summary is None:
            self.gone = True
        elif summary == self._state:
            return
        self._state = summary
        self._state_generation += 1
        self._wake()

    async def pump(self) -> None:
        """Read for ever, through every outage of Redis."""
        await survive(self._begin, f"feed of {self.run}")
        self.ready.set()
        self._wake()
        while True:
            await survive(self._read, f"feed of {self.run}")

    async def next(self, cursors: Cursors, state_seen: int) -> ViewerMessage | None:
        """Give what a viewer lacks, packed once for all who stand at the same place.

        Args:
            cursors: Where the viewer stands.
            state_seen: Generation of the run's summary that it has seen.

        Returns:
            The next batch, or ``None`` when the viewer has everything.
        """
        if cursors == self._front and state_seen == self._state_generation:
            return None
        if (batch := self._packed.get((cursors, state_seen))) is not None:
            return batch
        if self._metrics.covers(cursors.metrics) and self._events.covers(cursors.events):
            metrics = self._metrics.after(cursors.metrics, BATCH_ENTRIES, BATCH_BYTES)
            events = self._events.after(cursors.events, BATCH_ENTRIES, BATCH_BYTES)
            return self._pack(cursors, state_seen, metrics, events)
        async with self._history:
            if (batch := self._packed.get((cursors, state_seen))) is not None:
                return batch
            metrics = await self._after(self._keys.metrics, self._metrics, cursors.metrics)
            events = await self._after(self._keys.events, self._events, cursors.events)
            return self._pack(cursors, state_seen, metrics, events)

    def _pack(
        self, cursors: Cursors, state_seen: int, metrics: list[PackedEntry], events: list[PackedEntry]
    ) -> ViewerMessage | None:
        frame = self._frame
        if frame is not None and id_pair(frame.id) <= id_pair(cursors.frames):
            frame = None
        state = self._state if state_seen != self._state_generation else None
        if not (metrics or events or frame or state):
            return None
        after = Cursors(
            metrics[-1].id if metrics else cursors.metrics,
            events[-1].id if events else cursors.events,
            frame.id if frame else cursors.frames,
        )
        heads, body = join_events([*events, frame] if frame else events, metrics)
        head = {"run": self.run, "cursors": after._asdict(), "state": state, "events": heads}
        batch = ViewerMessage(message(MessageKind.BATCH, head, body), after, self._state_generation)
        if len(self._packed) >= PACKED_KEPT:
            self._packed.pop(next(iter(self._packed)))
        self._packed[cursors, state_seen] = batch
        return batch

    async def _after(self, key: str, tail: Tail, cursor: str) -> list[PackedEntry]:
        """Give the entries after a cursor, from Redis as far as the tail does not reach back."""
        if tail.covers(cursor):
            return tail.after(cursor, BATCH_ENTRIES, BATCH_BYTES)
        last = f"{tail.start[0]}-{tail.start[1]}"
        rows = await self._redis.xrange(key, f"({cursor}", last, count=BATCH_ENTRIES)
        if not rows:  # cut or deleted meanwhile: go on where the tail begins
            return tail.after(last, BATCH_ENTRIES, BATCH_BYTES)
        return within_size([to_entry(*row) for row in rows], BATCH_BYTES)

    async def _begin(self) -> None:
        """Find concrete ids to read from: with ``$`` whatever falls between two reads would be lost."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for key in (self._keys.metrics, self._keys.events, self._keys.frames):
                pipe.xrevrange(key, count=1)
            metrics, events, frames = await pipe.execute()
        self._metrics = Tail(_last(metrics))
        self._events = Tail(_last(events))
        self._frame = to_entry(*frames[0]) if frames else None

    async def _read(self) -> None:
        keys = self._keys
        cursors = zip((keys.metrics, keys.events, keys.frames), self._front, strict=True)
        reply = await self._redis.xread(dict(cursors), count=READ_COUNT, block=BLOCK_MS)
        for key, rows in reply or ():
            name = key.decode()
            if name == keys.frames:
                self._frame = to_entry(*rows[-1])
            else:
                tail = self._metrics if name == keys.metrics else self._events
                for row in rows:
                    tail.add(to_entry(*row))
        if reply:
            self._wake()

    def _wake(self) -> None:
        self._packed.clear()
        self._front = Cursors(self._metrics.end, self._events.end, self._frame.id if self._frame else FIRST)
        for event in self.watchers:
            event.set()


def to_entry(entry_id: bytes, fields: dict[bytes, bytes]) -> PackedEntry:
    """Read an entry of a stream of packed events."""
    return PackedEntry(entry_id.decode(), fields[b"h"], fields[b"b"])


async def survive(work: Callable[[], Awaitable[None]], name: str) -> None:
    """Do a piece of work until it succeeds, however long Redis is away."""
    wait = 0.1
    while True:
        try:
            return await work()
        except (RedisError, OSError) as problem:
            log.warning("%s waits for Redis: %s", name, problem)
        except Exception:
            log.exception("%s failed and begins again", name)
        await asyncio.sleep(wait)
        wait = min(2 * wait, 2.0)


def _last(rows: list[tuple[bytes, Any]]) -> str:
    return rows[0][0].decode() if rows else FIRST
