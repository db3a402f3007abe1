"""Server-sent events over HTTP: where a reader goes on, how many may read, and the answer itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Header, Query
from fastapi.responses import StreamingResponse

from backend.errors import RequestError
from backend.parts import WebParts

MAX_STREAMS = 100
ENTRY = r"^\d{1,15}-\d{1,15}$"
After = Annotated[str, Query(pattern=ENTRY, description="Id of the last entry that is known already.")]
LastEventId = Annotated[str | None, Header(pattern=ENTRY, description="Where to go on.")]


def described(thing: str) -> dict[int | str, dict[str, Any]]:
    """Describe the answers of a route that streams what a thing says.

    Args:
        thing: What it is, for people, as ``run``.

    Returns:
        The answers by status, for the route's ``responses``.
    """
    return {
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "The stream."},
        204: {"description": f"The {thing} is over and everything was sent; do not ask again."},
    }


def streamed(events: AsyncIterator[bytes], parts: WebParts, hint: str = "Close one.") -> StreamingResponse:
    """Answer with an event stream.

    Args:
        events: Its text.
        parts: The parts of this process, which count the open streams.
        hint: The way out when there are too many.

    Returns:
        The answer, which goes on for as long as there are events.

    Raises:
        RequestError: When there are too many open streams.
    """
    if parts.streams >= MAX_STREAMS:
        raise RequestError(503, "too_many_streams", f"There are {MAX_STREAMS} event streams open already.", hint)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_counted(events, parts), media_type="text/event-stream", headers=headers)


async def _counted(events: AsyncIterator[bytes], parts: WebParts) -> AsyncIterator[bytes]:
    """Count an event stream as open for as long as somebody reads it."""
    parts.streams += 1
    try:
        async for part in events:
            yield part
    finally:
        parts.streams -= 1
