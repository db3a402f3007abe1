"""A run's log as server-sent events: one order over all its streams, resumed by ``Last-Event-ID``."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

import orjson

from backend.binary import PackedEntry
from backend.live.feed import survive, to_entry
from foldscape.events import COLUMNS
from foldscape.wire import to_json, unpack, unpack_event
from workers.keys import RunKeys, id_pair
from workers.states import OVER

READ_COUNT = 200
MOST_BLOCK_SECONDS = 2.0


class MergedEntries(NamedTuple):
    """Entries of several streams in one order.

    Attributes:
        rows: Kind of stream and entry, by id.
        cursor: Id up to which nothing is missing.
    """

    rows: list[tuple[str, PackedEntry]]
    cursor: str


def merge(streams: dict[str, list[PackedEntry]], cursor: str, count: int) -> MergedEntries:
    """Put entries of several streams, read at one moment, into one order.

    A stream that gave ``count`` entries may have more; nothing beyond its last one is given yet.

    Args:
        streams: Entries by kind of stream, each in order.
        cursor: Where the reading began.
        count: Largest number of entries asked of each stream.

    Returns:
        The entries in their order, and the cursor after them.
    """
    full = [id_pair(entries[-1].id) for entries in streams.values() if len(entries) >= count]
    limit = min(full, default=None)
    rows = [(kind, entry) for kind, entries in streams.items() for entry in entries]
    if limit is not None:
        rows = [row for row in rows if id_pair(row[1].id) <= limit]
    rows.sort(key=lambda row: id_pair(row[1].id))
    return MergedEntries(rows, rows[-1][1].id if rows else cursor)


def event_lines(page: MergedEntries) -> bytes:
    """Write entries as server-sent events; the id comes with the last of those that share it."""
    parts: list[bytes] = []
    for index, (kind, entry) in enumerate(page.rows):
        shared = index + 1 < len(page.rows) and page.rows[index + 1][1].id == entry.id
        data = _metrics(entry) if kind == "metrics" else to_json(unpack_event(entry.head, entry.body))
        name = "metrics" if kind == "metrics" else str(data["kind"])
        head = f"event: {name}\n" + ("" if shared else f"id: {entry.id}\n")
        parts.append(head.encode() + b"data: " + orjson.dumps(data) + b"\n\n")
    return b"".join(parts)


async def stream_of_run(
    redis: Any, run: str, kinds: Sequence[str], cursor: str, heartbeat: float
) -> AsyncIterator[bytes]:
    """Follow a run until it is over.

    Args:
        redis: Client for blocking reads.
        run: The run.
        kinds: Which of its streams: ``metrics``, ``events``, ``frames``.
        cursor: Id after which to begin.
        heartbeat: Seconds between two comments while nothing happens.

    Yields:
        Text of the stream; at the end an event ``end`` with the run's state.
    """
    keys = {getattr(RunKeys(run), kind): kind for kind in kinds}
    loop = asyncio.get_running_loop()
    last = loop.time()
    patience = round(1000 * min(MOST_BLOCK_SECONDS, heartbeat))
    yield b"retry: 2000\n\n"
    while True:
        over = await _over(redis, run)
        streams: dict[str, list[PackedEntry]] = {}

        async def read(block: int | None = None if over else patience, found: Any = streams, at: str = cursor) -> None:
            reply = await redis.xread(dict.fromkeys(keys, at), count=READ_COUNT, block=block)
            found |= {keys[key.decode()]: [to_entry(*row) for row in rows] for key, rows in reply or ()}

        await survive(read, f"stream of {run}")
        if page := merge(streams, cursor, READ_COUNT):
            cursor = page.cursor
        if page.rows:
            yield event_lines(page)
            last = loop.time()
        elif over:
            yield b"event: end\ndata: " + orjson.dumps({"state": over}) + b"\n\n"
            return
        elif loop.time() - last >= heartbeat:
            yield b": alive\n\n"
            last = loop.time()


async def is_at_end(redis: Any, run: str, kinds: Sequence[str], cursor: str) -> bool:
    """Whether a run is over and has nothing behind a cursor."""
    if not await _over(redis, run):
        return False
    return not await redis.xread({getattr(RunKeys(run), kind): cursor for kind in kinds}, count=1)


async def _over(redis: Any, run: str) -> str:
    """Give the state of a run that is over or deleted, else an empty text."""
    raw = ""

    async def read() -> None:
        nonlocal raw
        raw = (await redis.hget(RunKeys(run).hash, "state") or b"deleted").decode()

    await survive(read, f"state of {run}")
    return raw if raw in OVER or raw == "deleted" else ""


def _metrics(entry: PackedEntry) -> dict[str, Any]:
    head, arrays = unpack(entry.head, entry.body)
    columns = head.get("columns", list(COLUMNS))
    rows = [
        {"step": int(step)} | {name: _or_none(value) for name, value in zip(columns, row, strict=False)}
        for step, row in zip(arrays["steps"], arrays["values"].tolist(), strict=True)
    ]
    return {"kind": "metrics", "rows": rows}


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
