"""Answers that grow with what is stored: worked out and written off the event loop, so that nobody else waits."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import orjson
from fastapi import Response


async def as_json(make: Callable[[], Any]) -> Response:
    """Answer with JSON that is made in a thread of its own.

    Args:
        make: Gives plain values; what is not finite becomes null.

    Returns:
        The answer, status 200.
    """
    content = await asyncio.to_thread(lambda: orjson.dumps(make(), option=orjson.OPT_SERIALIZE_NUMPY))
    return Response(content, media_type="application/json")


def file_name(name: str) -> str:
    """Make a name fit for a header and for any disk: letters of ASCII, digits, points and hyphens."""
    return re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.") or "foldscape"
