"""Binary messages: ``u32 kind, u32 length of head, head, body``, the head padded so that arrays start aligned."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import orjson

from foldscape.wire import ALIGN, pack, unpack

MEDIA_TYPE = "application/octet-stream"


class MessageKind(IntEnum):
    """What a message is."""

    BATCH = 1
    HEARTBEAT = 2
    ERROR = 3


class PackedEntry(NamedTuple):
    """One entry of a stream: its id and a packed event."""

    id: str
    head: bytes
    body: bytes


def message(kind: MessageKind, head: Any, body: bytes = b"") -> bytes:
    """Frame a head and a body.

    Args:
        kind: What it is.
        head: JSON-able, or JSON as bytes; padded with spaces to a multiple of eight bytes.
        body: Arrays, raw.

    Returns:
        The whole message.
    """
    text = head if isinstance(head, bytes) else orjson.dumps(head)
    text += b" " * (-len(text) % ALIGN)
    return struct.pack("<II", kind, len(text)) + text + body


def read_message(data: bytes) -> tuple[MessageKind, dict[str, Any], bytes]:
    """Take a message apart: kind, head and body."""
    kind, length = struct.unpack_from("<II", data)
    return MessageKind(kind), orjson.loads(data[8 : 8 + length]), data[8 + length :]


def join_events(
    entries: Sequence[PackedEntry], metrics: Sequence[PackedEntry] = ()
) -> tuple[list[dict[str, Any]], bytes]:
    """Lay packed events one behind the other in one body.

    Args:
        entries: Events of any kind, in order.
        metrics: Blocks of metrics rows, in order; they become one block.

    Returns:
        The heads, their arrays' offsets rebased to the one body, and the body.
    """
    heads: list[dict[str, Any]] = []
    chunks: list[bytes] = []
    length = 0
    for entry in [*_one_block(metrics), *entries]:
        head = orjson.loads(entry.head)
        head["arrays"] = {name: _moved(spec, length) for name, spec in head.get("arrays", {}).items()}
        heads.append(head)
        pad = -len(entry.body) % ALIGN
        chunks.extend((entry.body, bytes(pad)))
        length += len(entry.body) + pad
    return heads, b"".join(chunks)


def metrics_table(blocks: Sequence[PackedEntry]) -> tuple[np.ndarray, np.ndarray]:
    """Join blocks of metrics rows.

    Args:
        blocks: Packed blocks in order.

    Returns:
        steps (n,) float64 and values (n, columns) float32.
    """
    parts = [unpack(block.head, block.body)[1] for block in blocks]
    if not parts:
        return np.zeros(0), np.zeros((0, 0), np.float32)
    return np.concatenate([part["steps"] for part in parts]), np.concatenate([part["values"] for part in parts])


def _one_block(blocks: Sequence[PackedEntry]) -> list[PackedEntry]:
    if not blocks:
        return []
    if len(blocks) == 1:
        head, body = orjson.loads(blocks[0].head), blocks[0].body
        return [PackedEntry(blocks[0].id, orjson.dumps({**head, "kind": "metrics"}), body)]
    steps, values = metrics_table(blocks)
    head = {name: value for name, value in orjson.loads(blocks[-1].head).items() if name != "arrays"}
    return [PackedEntry(blocks[-1].id, *pack({**head, "kind": "metrics"}, {"steps": steps, "values": values}))]


def _moved(spec: list[Any], by: int) -> list[Any]:
    if not spec or isinstance(spec[0], list):
        return [_moved(part, by) for part in spec]
    dtype, shape, offset = spec
    return [dtype, shape, offset + by]
