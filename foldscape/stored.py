"""What was stored stays readable: rules that became stricter since are asked of what is new, and of what goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from foldscape.errors import InvalidInput, Unreadable
from foldscape.explain import explain
from foldscape.model import ACCEPTED_ONCE

M = TypeVar("M", bound=BaseModel)
Stored = bytes | str | Mapping[str, Any]


def read_stored(kind: type[M] | TypeAdapter[M], stored: Stored, name: str = "What was stored") -> M:
    """Read a record that was accepted when it was stored, to show it.

    Args:
        kind: Its type.
        stored: The record as JSON, or as plain values.
        name: What it is, at the beginning of a sentence.

    Returns:
        The record; what its fields have to fulfil together today is not asked.

    Raises:
        Unreadable: If this version does not know what stands in it.
    """
    try:
        return _validated(kind, stored, ACCEPTED_ONCE)
    except ValidationError as error:
        raise Unreadable(
            f"{name} cannot be read by this version: {_words(error, kind)}.",
            hint="It was made by another version, or with a plugin that is not installed now.",
        ) from None


def accepted_today(kind: type[M] | TypeAdapter[M], stored: Stored) -> M:
    """Read a record that was stored, to compute with it.

    Args:
        kind: Its type.
        stored: The record as JSON, or as plain values.

    Returns:
        The record.

    Raises:
        InvalidInput: If it would be refused today.
    """
    try:
        return _validated(kind, stored, None)
    except ValidationError as error:
        raise InvalidInput(
            f"It was accepted by an earlier version and is refused now: {_words(error, kind)}.",
            hint="What was measured stays; start anew with other settings.",
        ) from None


def _validated(kind: type[M] | TypeAdapter[M], stored: Stored, context: object) -> M:
    reader = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
    if isinstance(stored, Mapping):
        return reader.validate_python(stored, context=context)
    return reader.validate_json(stored, context=context)


def _words(error: ValidationError, kind: Any) -> str:
    told = kind if isinstance(kind, type) else None
    first, *others = explain(error.errors(include_url=False), told)
    more = f", and {len(others)} more" if others else ""
    return str(first["message"]).rstrip(".") + more
