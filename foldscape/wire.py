"""The one serialiser of everything with arrays: a JSON header and the arrays raw behind it.

A packed thing is two byte strings, ``head`` and ``body``. The head is JSON; under ``arrays`` it lists, for each array
field, ``[dtype, shape, offset]`` into the body (or a list of those for a tuple of arrays). Arrays are little-endian,
row-major and start at multiples of eight bytes. Numbers that are not finite become ``null`` in the head and stay what
they are inside arrays.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np
import orjson

from foldscape.events import KINDS, Event

ALIGN = 8


class Packed(NamedTuple):
    """A thing ready to travel."""

    head: bytes
    body: bytes


def pack(data: Mapping[str, Any], arrays: Mapping[str, np.ndarray | tuple[np.ndarray, ...]]) -> Packed:
    """Serialise plain values and arrays.

    Args:
        data: JSON-able values by name; must not use the name ``arrays``.
        arrays: Arrays, or tuples of arrays, by name.

    Returns:
        Head and body.
    """
    chunks: list[bytes] = []
    length = 0

    def place(array: np.ndarray) -> list[Any]:
        nonlocal length
        array = np.asarray(array, order="C")  # keeps an array without axes as it is
        spec = [array.dtype.str, list(array.shape), length]
        raw = array.tobytes()
        pad = -len(raw) % ALIGN
        chunks.extend((raw, bytes(pad)))
        length += len(raw) + pad
        return spec

    table = {
        name: [place(part) for part in value] if isinstance(value, tuple) else place(value)
        for name, value in arrays.items()
    }
    head = orjson.dumps({**_finite(dict(data)), "arrays": table}, option=orjson.OPT_SERIALIZE_NUMPY)
    return Packed(head, b"".join(chunks))


def unpack(head: bytes, body: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read back what ``pack`` wrote: plain values and arrays by name (tuples stay tuples)."""
    data = orjson.loads(head)
    table = data.pop("arrays")
    return data, {name: read_array(spec, body) for name, spec in table.items()}


def read_array(spec: list[Any], body: bytes) -> Any:
    """Read one array, or one tuple of arrays, from a body by its entry in the head."""
    if not spec or isinstance(spec[0], list):
        return tuple(read_array(part, body) for part in spec)
    dtype, shape, offset = spec
    count = math.prod(shape)
    return np.frombuffer(body, dtype=dtype, count=count, offset=offset).reshape(shape)


def pack_event(event: Event) -> Packed:
    """Serialise an event; the head carries its ``kind``."""
    data: dict[str, Any] = {"kind": event.kind}
    arrays: dict[str, Any] = {}
    for field in fields(event):
        value = getattr(event, field.name)
        if value is None and ("ndarray" in str(field.type) or field.metadata.get("added")):
            continue  # an array that nobody asked for, or what this event has nothing to say of
        is_array = isinstance(value, np.ndarray) or (isinstance(value, tuple) and "ndarray" in str(field.type))
        (arrays if is_array else data)[field.name] = value
    return pack(data, arrays)


def unpack_event(head: bytes, body: bytes) -> Event:
    """Read an event back."""
    data, arrays = unpack(head, body)
    return KINDS[data.pop("kind")](**data, **arrays)


def to_json(event: Event) -> dict[str, Any]:
    """Give an event as plain JSON with base64 arrays ``{dtype, shape, bdata}``, the form that Plotly reads."""
    head, body = pack_event(event)
    data, arrays = unpack(head, body)
    return {**data, **{name: as_base64(value) for name, value in arrays.items()}}


def as_base64(value: Any) -> Any:
    """Give an array as ``{dtype, shape, bdata}``; of a tuple of arrays, a list of those."""
    if isinstance(value, tuple):
        return [as_base64(part) for part in value]
    shape = ", ".join(str(size) for size in value.shape)
    return {
        "dtype": value.dtype.str[1:],
        "shape": shape,
        "bdata": base64.b64encode(np.ascontiguousarray(value).tobytes()).decode(),
    }


def from_base64(value: Mapping[str, str]) -> np.ndarray:
    """Read back what ``as_base64`` wrote of one array."""
    shape = tuple(int(size) for size in value["shape"].split(",") if size.strip())
    raw = base64.b64decode(value["bdata"])
    return np.frombuffer(raw, dtype=np.dtype("<" + value["dtype"])).reshape(shape).copy()


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float | np.floating):
        return finite(value)
    return value


def finite(value: float | np.floating[Any]) -> float | None:
    """Give a number as JSON holds it; ``None`` when it is not finite."""
    return float(value) if math.isfinite(value) else None
