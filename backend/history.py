"""The recorded streams of a run: frames evenly thinned, all metrics rows, the points of its data set."""

from __future__ import annotations

import bisect
import math
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import orjson

from backend.binary import MessageKind, PackedEntry, message
from foldscape.events import Validation
from foldscape.measures.declared import values_of
from foldscape.spec import RunSpec
from foldscape.wire import pack, unpack
from workers.keys import FIRST, RunKeys, id_pair
from workers.run_log.web import RunLog

LEARNT = ("data", "seed", "member", "validation_share", "corrupt", "resample")
"""Fields of a run that decide what it learns."""
READ_COUNT = 500
READ_FRAMES = 50


async def blocks(log: RunLog, run: str, after: str = FIRST) -> AsyncIterator[list[PackedEntry]]:
    """Read the metrics blocks of a run, some hundred at a time."""
    while rows := await log.read_stream(run, "metrics", after=after, count=READ_COUNT):
        yield [PackedEntry(row.id, row.fields["h"], row.fields["b"]) for row in rows]
        after = rows[-1].id


async def validated(log: RunLog, run: str) -> dict[int, dict[str, float]]:
    """Read what a run told of its validation part: its columns by step, NaN for what was not found."""
    found: dict[int, dict[str, float]] = {}
    after = FIRST
    while rows := await log.read_stream(run, "events", after=after, count=READ_COUNT):
        for head in (orjson.loads(row.fields["h"]) for row in rows):
            if head["kind"] == Validation.kind:
                told = values_of(head).items()
                found[head["step"]] = {name: math.nan if value is None else value for name, value in told}
        after = rows[-1].id
    return found


async def told_by(kind: str, log: RunLog, run: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Read what a run told in events of a kind: plain values and arrays of each, in order."""
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    after = FIRST
    while rows := await log.read_stream(run, "events", after=after, count=READ_COUNT):
        for row in rows:
            if orjson.loads(row.fields["h"])["kind"] == kind:
                found.append(unpack(row.fields["h"], row.fields["b"]))
        after = rows[-1].id
    return found


async def frames(log: RunLog, run: str, after: str, before: str, most: int) -> list[PackedEntry]:
    """Read frames of a stretch of a run.

    Args:
        log: The run log.
        run: The run.
        after: Id of the last frame that is not wanted.
        before: Id of the last frame that is, or ``+``.
        most: About how many to give; births, and the first and the last frame, come on top.

    Returns:
        The frames in order, evenly thinned.
    """
    client: Any = log.client
    keys = RunKeys(run)
    ids = [raw.decode() for raw in await client.lrange(keys.frame_ids, 0, -1)]
    kept = {raw.decode() for raw in await client.smembers(keys.kept)}
    chosen = thin(ids, kept, after, before, most)
    found: list[PackedEntry] = []
    for start in range(0, len(chosen), READ_FRAMES):
        async with client.pipeline(transaction=False) as pipe:
            for frame in chosen[start : start + READ_FRAMES]:
                pipe.xrange(keys.frames, frame, frame)
            for rows in await pipe.execute():
                found += [PackedEntry(name.decode(), fields[b"h"], fields[b"b"]) for name, fields in rows]
    return found


def thin(ids: Sequence[str], kept: set[str], after: str, before: str, most: int) -> list[str]:
    """Choose frames evenly by their step.

    Args:
        ids: Ids of all frames, in order.
        kept: Those that are always given.
        after: Id of the last frame that is not wanted.
        before: Id of the last frame that is, or ``+``.
        most: About how many to choose.

    Returns:
        The chosen ids, in order.
    """
    pairs = [id_pair(one) for one in ids]
    first = bisect.bisect_right(pairs, id_pair(after))
    last = len(pairs) if before == "+" else bisect.bisect_right(pairs, id_pair(before))
    if last - first <= most:
        return list(ids[first:last])
    chosen = {index for index in range(first, last) if ids[index] in kept} | {first, last - 1}
    low, high = pairs[first][0], pairs[last - 1][0]
    for place in range(most):
        step = low + (high - low) * place / max(1, most - 1)
        index = bisect.bisect_left(pairs, (step, 0), first, last)
        if index > first and (index == last or step - pairs[index - 1][0] <= pairs[index][0] - step):
            index -= 1
        chosen.add(index)
    return [ids[index] for index in sorted(chosen)]


@lru_cache(maxsize=16)
def data_message(run: RunSpec) -> bytes:
    """Give what a run learns as one binary message: of plane sets all points, of others none."""
    data, held = run.data, run.validation_size
    about = {
        "classes": data.classes,
        "names": data.names,
        "image_shape": data.image_shape,
        "ink": data.ink,
        "train_size": run.train_size,
        "validation_size": held,
        "test_size": data.size - data.train_size,
    }
    arrays: dict[str, np.ndarray | tuple[np.ndarray, ...]] = {}
    if data.features == 2:
        split = run.load()
        # A browser's typed arrays of 64-bit integers hold no numbers that it could count with.
        arrays = {
            "train_x": split.train_x,
            "train_y": split.train_y.astype("<i4"),
            "test_x": split.test_x,
            "test_y": split.test_y.astype("<i4"),
            "validation_x": split.validation_x.reshape(-1, 2),
            "validation_y": split.validation_y.astype("<i4"),
        }
        if run.corrupt:
            arrays |= {"true_y": split.true_y.astype("<i4"), "noise": split.noise.astype(np.uint8)}
    return message(MessageKind.BATCH, *pack(about, arrays))
