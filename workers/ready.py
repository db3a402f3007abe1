"""Whether the parts are there."""

from __future__ import annotations

import contextlib
import http.client

import redis.exceptions

from workers.run_log import fleet
from workers.run_log.connect import connect_async
from workers.settings import Settings


async def worker_queues(settings: Settings) -> set[str]:
    """Give the queues that have a warm worker."""
    client = connect_async(settings)
    try:
        return {str(worker["queue"]) for worker in await fleet.workers(client) if worker.get("ready", 1)}
    except (redis.exceptions.RedisError, OSError):
        return set()
    finally:
        await client.aclose()


def web_answers(settings: Settings, token: str) -> bool:
    """Ask the web process for its health; any answer but an error of its own will do."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request("GET", "/api/health", headers=headers)
        return connection.getresponse().status < 500
    return False
