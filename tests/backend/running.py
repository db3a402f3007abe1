"""A real Redis on a private socket, and the application behind a real server."""

import asyncio
import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import redis as redis_py
import uvicorn

from backend.serve import options
from foldscape.spec import RunSpec
from tests.backend.stream_writer import Writer


class RedisServer:
    """A Redis of this machine, on a socket in a folder of its own."""

    def __init__(self):
        beside = Path(sys.executable).parent / "redis-server"
        self.binary = str(beside) if beside.exists() else shutil.which("redis-server")
        self.folder = Path(tempfile.mkdtemp(prefix="fs-", dir="/tmp"))
        self.path = self.folder / "redis.sock"
        self.process = None

    @property
    def url(self):
        return f"unix://{self.path}?db=0"

    def start(self):
        options = ["--port", "0", "--unixsocket", str(self.path), "--dir", str(self.folder), "--save", ""]
        kept = ["--appendonly", "yes", "--appendfsync", "always"]
        self.process = subprocess.Popen([self.binary, *options, *kept], stdout=subprocess.DEVNULL)
        until = time.monotonic() + 10
        with redis_py.Redis.from_url(self.url) as client:
            while time.monotonic() < until:
                with contextlib.suppress(redis_py.RedisError):
                    if client.ping():
                        return
                time.sleep(0.01)
        raise RuntimeError("redis-server did not start")

    def kill(self):
        self.process.kill()
        self.process.wait()


class Served:
    """The application behind a real uvicorn in this event loop."""

    def __init__(self, app, port, redis):
        self.app, self.redis = app, redis
        self.address = f"localhost:{port}"

    @property
    def parts(self):
        return self.app.state.parts

    async def make(self, **spec):
        made = await self.parts.log.create(RunSpec(**spec))
        return Writer(self.redis, made["id"])


@contextlib.asynccontextmanager
async def serving(app, redis):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, **options(log_level="error", lifespan="on", ws_max_size=2**24))
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve([listener]))
        while not server.started and not task.done():
            await asyncio.sleep(0.005)
        try:
            yield Served(app, listener.getsockname()[1], redis)
        finally:
            server.should_exit = True
            await task
