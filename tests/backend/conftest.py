"""A Redis for the folder, the application in a test client, and the application behind a real server."""

import shutil

import pytest
import redis as redis_py
from fastapi.testclient import TestClient

from backend.app import create_app
from backend.settings import WebSettings
from tests.backend.running import RedisServer, serving
from tests.backend.stream_writer import Writer
from workers.settings import Settings


@pytest.fixture(scope="session")
def redis_server():
    server = RedisServer()
    server.start()
    yield server
    server.kill()
    shutil.rmtree(server.folder)


@pytest.fixture
def redis(redis_server):
    with redis_py.Redis.from_url(redis_server.url) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="session")
def settings(redis_server):
    return Settings(redis=redis_server.url)


@pytest.fixture(scope="session")
def started(settings):
    api = create_app(settings, WebSettings(), pages=False, reaper=False)
    with TestClient(api, base_url="http://localhost") as client:
        yield client


@pytest.fixture
def client(started, redis):
    return started


@pytest.fixture
def run(client):
    return client.post("/api/runs", json={}).json()["id"]


@pytest.fixture
def writer(redis, run):
    return Writer(redis, run)


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def stall_seconds():
    """Longer than a busy machine keeps a viewer from reading; a test of what comes after it gives its own."""
    return 60.0


@pytest.fixture
async def served(anyio_backend, redis, settings, stall_seconds):
    web = WebSettings(stall_seconds=stall_seconds, live_heartbeat_seconds=0.2)
    async with serving(create_app(settings, web, pages=False, reaper=False), redis) as served:
        yield served
