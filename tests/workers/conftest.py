"""A real Redis on a private socket, emptied before each test; real workers as processes of their own."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import redis

from workers import embedded_redis
from workers.run_log.connect import connect
from workers.run_log.web import RunLog
from workers.settings import Settings

LEASE_MS = 600


class Server:
    """A Redis that can be killed and started again on the same files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.process = None

    @property
    def address(self) -> str:
        return embedded_redis.redis_address(self.socket)

    def start(self) -> None:
        line = embedded_redis.command(embedded_redis.find_binary(), self.folder, self.socket)
        # What Python ignores stays ignored: a file at its limit is then refused as a full disk refuses it.
        self.process = subprocess.Popen(line, stdout=subprocess.DEVNULL, restore_signals=False)
        client = redis.Redis.from_url(self.address)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.005)
            else:
                client.close()
                return
        raise TimeoutError("Redis did not start")

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def fill_memory(self) -> None:
        self._configure("maxmemory", 1_000_000)

    def fill_disk(self) -> None:
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))

    def make_room(self) -> None:
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self._configure("maxmemory", 0)

    def _configure(self, name: str, value: int) -> None:
        with redis.Redis.from_url(self.address) as client:
            client.config_set(name, value)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def server():
    folder = Path(tempfile.mkdtemp(prefix="fs-"))
    one = Server(folder)
    one.start()
    yield one
    one.kill()
    shutil.rmtree(folder)


@pytest.fixture
def settings(server, tmp_path):
    with redis.Redis.from_url(server.address) as client:
        client.flushall()
    return Settings(
        redis=server.address,
        home=tmp_path,
        lease_ms=LEASE_MS,
        reaper_seconds=0.1,
        checkpoint_seconds=0.2,
        heartbeat_seconds=0.2,
        lost_seconds=2,
        flush_ms=20,
    )


@pytest.fixture
def client(settings):
    with connect(settings) as one:
        yield one


@pytest.fixture
async def run_log(anyio_backend, settings):
    log = RunLog.open(settings)
    yield log
    await log.close()


def environment(settings: Settings) -> dict[str, str]:
    told = {f"FOLDSCAPE_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
    return {**os.environ, **told}


class Worker:
    """A worker process."""

    def __init__(self, settings: Settings, queue: str = "interactive") -> None:
        self.log = settings.home / f"worker-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workers.cli", "worker", queue],
                env=environment(settings),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()


@pytest.fixture
def start_worker(settings):
    running = []

    def start(queue: str = "interactive", **changes: object) -> Worker:
        running.append(Worker(settings.model_copy(update=changes), queue))
        return running[-1]

    yield start
    for worker in running:
        worker.end()


@pytest.fixture
def anyio_backend():
    return "asyncio"
