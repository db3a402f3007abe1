"""A key that stands twice in one object of JSON: readers take the last without a word, and a setting is lost."""

from __future__ import annotations

import json
from typing import Any


class _Twice(Exception):
    """Names the key."""


def repeated_key(body: bytes) -> str | None:
    """Find a key that stands twice in an object of a text of JSON, at any depth.

    Args:
        body: The text.

    Returns:
        The key, or ``None`` when every key stands once or the text is no JSON.

    Example:
        >>> repeated_key(b'{"a": 1, "b": {"c": 2, "c": 3}}'), repeated_key(b'[{"a": 1}, {"a": 2}]')
        ('c', None)
    """
    try:
        json.loads(body, object_pairs_hook=_count)
    except _Twice as found:
        return str(found)
    except (ValueError, RecursionError):
        return None
    return None


def _count(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise _Twice(key)
        seen.add(key)
