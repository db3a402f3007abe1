"""Answers that grow with what is stored: worked out and written off the event loop, so that nobody else waits."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Literal

import orjson
from fastapi import Query, Response

from foldscape.csv_text import csv_text


async def as_json(make: Callable[[], Any]) -> Response:
    """Answer with JSON that is made in a thread of its own.

    Args:
        make: Gives plain values; what is not finite becomes null.

    Returns:
        The answer, status 200.
    """
    content = await asyncio.to_thread(lambda: orjson.dumps(make(), option=orjson.OPT_SERIALIZE_NUMPY))
    return Response(content, media_type="application/json")


CsvForm = Annotated[Literal["csv"], Query(alias="format", description="csv.")]


def csv_described(content: str) -> dict[int | str, dict[str, Any]]:
    """Describe an answer of CSV for the documentation."""
    return {200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": content}}


async def as_csv(make: Callable[[], Iterable[Sequence[object]]], name: str) -> Response:
    """Answer with a table as CSV that is made in a thread of its own.

    Args:
        make: Gives its lines, the heads first.
        name: What the file is called, without its ending.

    Returns:
        The answer, status 200.
    """
    content = await asyncio.to_thread(lambda: csv_text(make()))
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(content, media_type="text/csv", headers=headers)


def file_name(name: str) -> str:
    """Make a name fit for a header and for any disk: letters of ASCII, digits, points and hyphens."""
    return re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.") or "foldscape"
