"""All feeds of this process: one reader per watched run, one reader of changes, and none when nobody watches."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from backend.board import Board
from backend.live.feed import BLOCK_MS, Feed, survive
from foldscape.errors import RunNotFound
from workers.keys import CHANGES, FIRST

log = logging.getLogger(__name__)

STATE_SECONDS = 0.1
TABLE_SECONDS = 0.5


class Hub:
    """Starts feeds when somebody watches and ends them when nobody does.

    Args:
        board: Where summaries come from.
        redis: Client for blocking reads; its pool must have room for one connection a run.
    """

    def __init__(self, board: Board, redis: Any) -> None:
        self.board = board
        self.redis = redis
        self.feeds: dict[str, Feed] = {}
        self.table = RunsTable(board)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._cursor = ""
        self.following = asyncio.Event()

    def watch(self, run: str, wake: asyncio.Event) -> Feed:
        """Begin to watch a run; ``wake`` is set whenever there is something new."""
        feed = self.feeds.get(run)
        if feed is None:
            feed = self.feeds[run] = Feed(run, self.redis)
            self._start(f"run {run}", self._serve(feed))
        feed.watchers.add(wake)
        self._start("changes", self._follow())
        return feed

    def leave(self, run: str, wake: asyncio.Event) -> None:
        """Watch a run no longer."""
        feed = self.feeds.get(run)
        if feed is None:
            return
        feed.watchers.discard(wake)
        if not feed.watchers:
            del self.feeds[run]
            self._end(f"run {run}")
        self._end_following()

    def watch_table(self, wake: asyncio.Event) -> None:
        """Begin to watch the table of runs."""
        self.table.watchers.add(wake)
        self._start("changes", self._follow())

    def leave_table(self, wake: asyncio.Event) -> None:
        """Watch the table of runs no longer."""
        self.table.watchers.discard(wake)
        self._end_following()

    async def close(self) -> None:
        """End everything."""
        for name in list(self._tasks):
            self._end(name)
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _serve(self, feed: Feed) -> None:
        await self.following.wait()  # so that no change falls between the first summary and the changes
        await survive(lambda: self._tell(feed), f"summary of {feed.run}")
        await feed.pump()

    async def _tell(self, feed: Feed) -> None:
        try:
            feed.tell_state(await self.board.summary(feed.run))
        except RunNotFound:
            feed.tell_state(None)

    async def _follow(self) -> None:
        await survive(self._begin, "changes")
        self.following.set()
        self.table.changed()
        while True:
            await survive(self._changes, "changes")
            await asyncio.sleep(STATE_SECONDS)

    async def _begin(self) -> None:
        newest = await self.redis.xrevrange(CHANGES, count=1)
        self._cursor = newest[0][0].decode() if newest else FIRST

    async def _changes(self) -> None:
        reply = await self.redis.xread({CHANGES: self._cursor}, block=BLOCK_MS)
        for _, rows in reply or ():
            changed = {fields[b"id"].decode() for _, fields in rows}
            for feed in [self.feeds[run] for run in changed & self.feeds.keys()]:
                await self._tell(feed)
            self.table.changed()
            self._cursor = rows[-1][0].decode()

    def _start(self, name: str, work: Any) -> None:
        if name in self._tasks:
            work.close()
            return
        self._tasks[name] = asyncio.create_task(work, name=name)

    def _end(self, name: str) -> None:
        ending = asyncio.create_task(end(self._tasks.pop(name)))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    def _end_following(self) -> None:
        if not self.feeds and not self.table.watchers and "changes" in self._tasks:
            self.following.clear()
            self._end("changes")
            self.table.reset()


async def end(task: asyncio.Task[None]) -> None:
    """Cancel until it is done: a cancellation that meets redis-py in the act of connecting can be swallowed there."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.2)


class RunsTable:
    """The table of runs: says to its watchers that it changed, at most every half second.

    Args:
        board: Where summaries come from.
    """

    def __init__(self, board: Board) -> None:
        self.watchers: set[asyncio.Event] = set()
        self._board = board
        self._answers: dict[str, dict[str, Any]] = {}
        self._reading = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0

    def changed(self) -> None:
        """Take note that some run changed."""
        if self.watchers and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._last + TABLE_SECONDS), self._wake)

    def reset(self) -> None:
        """Forget everything; nobody watches."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._answers.clear()

    async def next(self, cursor: str) -> dict[str, Any] | None:
        """Give what changed since a cursor, read once for all who stand there; ``None`` when nothing did."""
        async with self._reading:
            found = self._answers.get(cursor)
            if found is None:
                found = self._answers[cursor] = await self._board.summaries(cursor)
        return found if found["runs"] or found["deleted"] or not cursor else None

    def _wake(self) -> None:
        self._timer = None
        self._last = asyncio.get_running_loop().time()
        self._answers.clear()
        for event in self.watchers:
            event.set()
