"""Half requests hold no connection; whole ones are served as before."""

import asyncio
import json

import pytest
import websockets

from backend.serve import HEAD_BYTES, Patient

pytestmark = pytest.mark.anyio


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(Patient, "request_seconds", 0.1)


async def connect(served):
    host, _, port = served.address.partition(":")
    return await asyncio.open_connection(host, int(port))


async def ended(reader):
    """Read until the server closes; gives what it said."""
    async with asyncio.timeout(30):
        return await reader.read()


@pytest.mark.parametrize(
    "half",
    [
        b"",
        b"GET /api",
        b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n",
        b"POST /api/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{",
    ],
)
async def test_a_request_that_does_not_arrive_ends_its_connection(served, hurried, half):
    reader, writer = await connect(served)
    writer.write(half)
    assert await ended(reader) == b""
    writer.close()


async def test_a_second_request_on_a_connection_is_waited_for_as_long_as_the_first(served, hurried):
    reader, writer = await connect(served)
    writer.write(b"GET /api/schema HTTP/1.1\r\nHost: localhost\r\n\r\nGET /api/sch")
    assert (await ended(reader)).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_a_head_without_end_is_refused(served):
    reader, writer = await connect(served)
    writer.write(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * (HEAD_BYTES // 6))
    head, _, body = (await ended(reader)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert b"content-type: application/json" in head
    assert "too large" in json.loads(body)["error"]["message"]
    writer.close()


async def test_an_address_that_is_too_long_is_refused_like_all_else(served):
    reader, writer = await connect(served)
    writer.write(b"GET /api/runs?notes=" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head, _, body = (await ended(reader)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert set(json.loads(body)["error"]) == {"code", "message", "hint", "fields"}
    writer.close()


async def test_a_stream_and_a_socket_outlive_the_time_of_a_request(served, hurried):
    made = await served.make()
    reader, writer = await connect(served)
    writer.write(f"GET /api/runs/{made.run}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    async with asyncio.timeout(30), websockets.connect(f"ws://{served.address}/api/live") as socket:
        for _ in range(2):  # heartbeats, each later than a request may be
            await reader.readuntil(b": alive\n\n")
            await socket.recv()
    writer.close()
