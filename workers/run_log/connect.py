"""Connections to the run log and to the broker beside it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

from workers.run_log.away import AsyncParser, Parser
from workers.settings import Settings

Client = Any
"""A connection to Redis; redis-py types each reply as anything that any command may answer."""

PATIENCE = 10.0
"""Seconds after which a silent server counts as away; longer than every blocking read of ours."""

BLOCK_MS = 1000
"""Longest blocking read."""


def connect(settings: Settings) -> Client:
    """Open the run log for a worker; its threads share one pool. Replies are bytes.

    Nothing is retried here: a run decides itself what to send again.

    Returns:
        The client.
    """
    return redis.Redis.from_url(
        settings.redis,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
        parser_class=Parser,
    )


def connect_alone(settings: Settings) -> Client:
    """Open the run log for one run, by a connection of its own.

    Forty runs in one process that borrow their connections from one pool spend more time waiting for its lock than
    talking to Redis.

    Returns:
        The client.
    """
    return redis.Redis.from_url(
        settings.redis,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
        parser_class=Parser,
        single_connection_client=True,
    )


def connect_async(settings: Settings) -> Client:
    """Open the run log for the web process. Replies are bytes; blocking reads must stay below ``PATIENCE``."""
    return redis.asyncio.Redis.from_url(
        settings.redis, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, parser_class=AsyncParser
    )


def broker_url(settings: Settings) -> str:
    """Give the broker's address in kombu's form: the same Redis, another database."""
    parts = urlsplit(settings.redis)
    if parts.scheme == "unix":
        user = f":{quote(parts.password)}@" if parts.password else ""
        return f"redis+socket://{user}{parts.path}?virtual_host={settings.broker_db}"
    return urlunsplit((parts.scheme, parts.netloc, f"/{settings.broker_db}", "", ""))


def broker_client(settings: Settings) -> Client:
    """Open the broker's database, to look at the length of its queues."""
    parts = urlsplit(settings.redis)
    if parts.scheme == "unix":
        url = f"unix://{parts.netloc}{parts.path}?db={settings.broker_db}"
    else:
        url = urlunsplit((parts.scheme, parts.netloc, f"/{settings.broker_db}", "", ""))
    return redis.asyncio.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
