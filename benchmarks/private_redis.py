"""A Redis of a benchmark's own, in a folder that is gone afterwards."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from workers import embedded_redis
from workers.settings import Settings


@contextmanager
def private_redis() -> Iterator[Settings]:
    """Start a Redis, and give the settings by which workers and the web process find it once it answers."""
    with tempfile.TemporaryDirectory(prefix="fs-bench-") as folder:
        data = Path(folder)
        socket = embedded_redis.socket_path(data)
        line = embedded_redis.command(embedded_redis.find_binary(), data, socket)
        with subprocess.Popen(line, stdout=subprocess.DEVNULL) as server:
            settings = Settings(redis=embedded_redis.redis_address(socket), home=data)
            client = redis.Redis.from_url(settings.redis)
            while True:
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.01)
            try:
                yield settings
            finally:
                server.terminate()
