"""One viewer: which runs it watches, how far it has got, and its credit."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Annotated, Any

import anyio
import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from redis.exceptions import RedisError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from backend.binary import MessageKind, message
from backend.errors import ApiError, describe
from backend.live.feed import Cursors, Feed
from backend.live.hub import Hub
from foldscape.errors import RunNotFound

CREDIT = 2
MAX_WATCHED = 256
MAX_TEXT = 65_536
REDIS_SECONDS = 0.5
STALLED = 4408
"""Close code of a viewer that read nothing for too long; it may come back with its cursors."""

EntryId = Annotated[str, Field(pattern=re.compile(r"^\d{1,15}-\d{1,15}$"))]


class WatchedFrom(BaseModel):
    """How far a viewer has got in one run."""

    model_config = ConfigDict(extra="forbid")

    metrics: EntryId = "0-0"
    events: EntryId = "0-0"
    frames: EntryId = "0-0"


class Wish(BaseModel):
    """What a viewer wants to watch from now on; what is not named stays as it is."""

    model_config = ConfigDict(extra="forbid")

    watch: dict[Annotated[str, Field(max_length=64)], WatchedFrom] | None = Field(None, max_length=MAX_WATCHED)
    watch_runs: bool | EntryId | None = None


@dataclass
class WatchedRun:
    """One run under watch."""

    feed: Feed
    cursors: Cursors
    state_seen: int = 0


@dataclass
class Viewer:
    """Serves one socket until it closes.

    Attributes:
        socket: The accepted socket.
        hub: Where feeds come from.
        heartbeat: Seconds between two heartbeats.
        stall: Seconds without any reading after which the viewer is dropped.
    """

    socket: WebSocket
    hub: Hub
    heartbeat: float
    stall: float
    _watched: dict[str, WatchedRun] = field(default_factory=dict)
    _table: str | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _credit: int = CREDIT
    _spent_at: float | None = None
    _sending_since: float | None = None
    _credited: asyncio.Event = field(default_factory=asyncio.Event)
    _sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def serve(self) -> None:
        """Read and write at the same time; when one ends, so does the other."""
        try:
            async with anyio.create_task_group() as group:
                for work in (self._read, self._write, self._beat, self._notice_stall):
                    group.start_soon(self._until_closed, work, group.cancel_scope)
        finally:
            self._watch({})
            self._watch_table(None)

    async def _until_closed(self, work: Any, scope: anyio.CancelScope) -> None:
        try:
            await work()
        except WebSocketDisconnect:
            pass
        except TimeoutError:
            with anyio.move_on_after(1, shield=True):
                await self.socket.close(STALLED, "nothing was read")
        scope.cancel()

    async def _read(self) -> None:
        while True:
            text = await self._receive()
            if text == "a":
                if self._credit < CREDIT:
                    self._credit += 1
                    self._spent_at = None
                    self._credited.set()
                continue
            try:
                wish = Wish.model_validate(orjson.loads(text))
            except (orjson.JSONDecodeError, ValidationError) as problem:
                await self._complain(_in_words(problem))
                continue
            if wish.watch is not None:
                self._watch({run: Cursors(**cursors.model_dump()) for run, cursors in wish.watch.items()})
            if wish.watch_runs is not None:
                cursor = wish.watch_runs if isinstance(wish.watch_runs, str) else ""
                self._watch_table(cursor if wish.watch_runs else None)
            self._wake.set()

    async def _receive(self) -> str:
        got = await self.socket.receive()
        if got["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(got.get("code", 1000))
        text = got.get("text") or ""
        return text if len(text) <= MAX_TEXT else ""

    async def _write(self) -> None:
        while True:
            while not self._credit:
                self._credited.clear()
                await self._credited.wait()
            self._wake.clear()
            try:
                data = await self._next()
            except RedisError:
                await asyncio.sleep(REDIS_SECONDS)
                continue
            if data is None:
                await self._wake.wait()
                continue
            self._credit -= 1
            if not self._credit:
                self._spent_at = asyncio.get_running_loop().time()
            await self._send(data)

    async def _next(self) -> bytes | None:
        """Give the next message for this viewer; the run that was served moves to the end of the line."""
        for run, watch in list(self._watched.items()):
            if watch.feed.gone:
                self._watch({other: kept.cursors for other, kept in self._watched.items() if other != run})
                problem = RunNotFound(f"There is no run {run}.", hint="It may have been deleted.")
                await self._complain(describe(problem)[1], run)
                continue
            if not watch.feed.ready.is_set():
                continue
            batch = await watch.feed.next(watch.cursors, watch.state_seen)
            if batch is not None and self._watched.get(run) is watch:
                watch.cursors, watch.state_seen = batch.cursors, batch.state_seen
                self._watched[run] = self._watched.pop(run)
                return batch.data
        asked = self._table
        if asked is None or not self.hub.following.is_set():
            return None
        changed = await self.hub.table.next(asked)
        if changed is None or self._table != asked:
            return None
        self._table = changed["cursor"]
        return message(MessageKind.BATCH, {"run": None, "events": [], **changed})

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.heartbeat)
            await self._send(message(MessageKind.HEARTBEAT, {}))

    async def _notice_stall(self) -> None:
        """End a viewer whose line takes nothing or who acknowledges nothing; cheaper than a timer a message."""
        while True:
            await asyncio.sleep(self.stall / 8)
            since = [moment for moment in (self._spent_at, self._sending_since) if moment is not None]
            if since and asyncio.get_running_loop().time() - min(since) > self.stall:
                raise TimeoutError

    async def _send(self, data: bytes) -> None:
        async with self._sending:
            if self.socket.application_state is not WebSocketState.CONNECTED:
                raise WebSocketDisconnect(1006)
            self._sending_since = asyncio.get_running_loop().time()
            await self.socket.send_bytes(data)
            self._sending_since = None

    async def _complain(self, error: ApiError, run: str | None = None) -> None:
        await self._send(message(MessageKind.ERROR, {"run": run, "error": error.model_dump()}))

    def _watch(self, wanted: dict[str, Cursors]) -> None:
        """Watch exactly these runs; one that is watched already goes on where it is."""
        for run in self._watched.keys() - wanted.keys():
            del self._watched[run]
            self.hub.leave(run, self._wake)
        for run, cursors in wanted.items():
            if run not in self._watched:
                self._watched[run] = WatchedRun(self.hub.watch(run, self._wake), cursors)

    def _watch_table(self, cursor: str | None) -> None:
        """Watch the table of runs or not; one that is watched already goes on where it is."""
        if cursor is None and self._table is not None:
            self.hub.leave_table(self._wake)
            self._table = None
        if cursor is not None and self._table is None:
            self.hub.watch_table(self._wake)
            self._table = cursor


def _in_words(problem: Exception) -> ApiError:
    if isinstance(problem, ValidationError):
        return describe(problem)[1]
    return ApiError(code="bad_json", message="That was neither 'a' nor a JSON wish.", hint="See docs/architecture.md.")
