"""How deep JSON is nested, before anything is built of it: what reads it later goes down as deep."""

from __future__ import annotations

import re

MAX_NESTING = 64
"""Levels of lists and objects in a body; the deepest spec has about ten."""

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


def is_too_deep(body: bytes) -> bool:
    """Whether a text of JSON is nested deeper than ``MAX_NESTING``; takes time in proportion to its length.

    Args:
        body: The text; brackets within strings do not count.

    Returns:
        True if any place is within more than ``MAX_NESTING`` brackets.

    Example:
        >>> is_too_deep(b"[" * 64), is_too_deep(b"[" * 65), is_too_deep(b'["' + b"[" * 99 + b'"]')
        (False, True, False)
    """
    if body.count(b"[") + body.count(b"{") <= MAX_NESTING:
        return False
    depth = 0
    for token in _TOKEN.finditer(body):
        letter = token[0][:1]
        depth += letter in b"[{"
        depth -= letter in b"]}"
        if depth > MAX_NESTING:
            return True
    return False
