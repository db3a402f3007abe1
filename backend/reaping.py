"""The reaper beside the web process's own work: in a thread with an event loop and connections of its own.

Whatever keeps the requests waiting, runs that lost their worker are brought back.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.live.hub import end
from workers.reaper import Reaper
from workers.run_log.web import RunLog
from workers.settings import Settings


@asynccontextmanager
async def reaping(settings: Settings) -> AsyncIterator[None]:
    """Let a reaper do its rounds as long as the context lasts.

    Args:
        settings: The settings of this process.
    """
    begun: asyncio.Future[asyncio.AbstractEventLoop] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_rounds(settings, begun, stop)), name="reaper", daemon=True)
    thread.start()
    theirs = await begun
    try:
        yield
    finally:
        theirs.call_soon_threadsafe(stop.set)
        await asyncio.to_thread(thread.join)


async def _rounds(settings: Settings, begun: asyncio.Future[asyncio.AbstractEventLoop], stop: asyncio.Event) -> None:
    run_log = RunLog.open(settings)
    task = asyncio.create_task(Reaper(run_log, settings).run())
    begun.get_loop().call_soon_threadsafe(begun.set_result, asyncio.get_running_loop())
    await stop.wait()
    await end(task)
    await run_log.close()
