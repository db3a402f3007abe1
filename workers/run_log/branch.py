"""Branching off: one recorded moment of a run, as the start of another."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import ValidationError

from foldscape.commands import Speed
from foldscape.errors import FieldRefused, FrameNotFound, RunNotFound
from foldscape.explain import explain
from foldscape.spec import RunSpec
from foldscape.wire import Packed, pack, unpack
from workers import keys
from workers.checkpoints import Store
from workers.keys import RunKeys
from workers.run_log.connect import Client

MEMORY = ("first", "second", "age")
"""The optimiser's memory in a snapshot."""


@dataclass(frozen=True)
class Branch:
    """A moment of a run with its snapshot.

    Attributes:
        parent: The run it was cut from.
        step: Updates done.
        snapshot: The packed snapshot.
        frame: Id and fields of a frame of that moment or the last before it, so that the new run shows something at
            once; ``None`` where there is none.
        metrics: Id and fields of the metrics row of that moment, if it was measured.
        command: A first command for the new run, as JSON.
    """

    parent: str
    step: int
    snapshot: Packed
    frame: tuple[str, dict[bytes, bytes]] | None
    metrics: tuple[str, dict[str, bytes]] | None
    command: str | None

    def write(self, pipe: Any, run: RunKeys, where: Mapping[str, Any]) -> None:
        """Put the moment into a new run's keys; ``where`` is what finds its snapshot, see ``Store.write``."""
        pipe.hset(run.checkpoint, mapping={"step": self.step, "attempt": 0, "applied": keys.FIRST, **where})
        if self.frame:
            pipe.xadd(run.frames, self.frame[1], id=self.frame[0])
            pipe.rpush(run.frame_ids, self.frame[0])
            pipe.sadd(run.kept, self.frame[0])
        if self.metrics:
            pipe.xadd(run.metrics, self.metrics[1], id=self.metrics[0])
        if self.command:
            pipe.xadd(run.commands, {"c": self.command})


async def cut(
    client: Client,
    run_id: str,
    *,
    step: int,
    frame: str | None,
    optimizer: bool,
    speed: float | Literal["keep"] | None,
) -> Branch:
    """Find the newest frame at or before a step and read its snapshot.

    Returns:
        The snapshot, and what the new run takes from the old.

    Raises:
        RunNotFound: When there is no such run.
        FrameNotFound: When no frame with a snapshot is kept there.
    """
    run = RunKeys(run_id)
    if not await client.exists(run.hash):
        raise RunNotFound(f"There is no run {run_id}.", hint="It may have been deleted.")
    newest, oldest = (frame, frame) if frame else (str(step), "-")
    rows = [(raw.decode(), fields) for raw, fields in await client.xrevrange(run.frames, newest, oldest, count=20)]
    found = await _snapshot(client, run, rows, step)
    if found is None:
        raise FrameNotFound(f"Run {run_id} keeps no frame at or before step {step}.", hint="Choose a later moment.")
    at, snapshot = found
    return Branch(
        parent=run_id,
        step=at,
        snapshot=snapshot if optimizer else _forgetful(*snapshot),
        frame=next((row for row in rows if keys.id_pair(row[0])[0] <= at), None),
        metrics=await _row(client, run, at),
        command=None if speed == "keep" else Speed(epochs_per_second=speed).model_dump_json(),
    )


async def _snapshot(
    client: Client, run: RunKeys, rows: Sequence[tuple[str, dict[bytes, bytes]]], step: int
) -> tuple[int, Packed] | None:
    """Give the newest snapshot beside a frame; of a net that is too large for it, the last checkpoint before the step.

    Returns:
        Its step and the snapshot; ``None`` where there is none.
    """
    for entry, fields in rows:
        if b"sh" in fields:
            return keys.id_pair(entry)[0], Packed(fields[b"sh"], fields[b"sb"])
    checkpoint = {name.decode(): value for name, value in (await client.hgetall(run.checkpoint)).items()}
    if not checkpoint or int(checkpoint["step"]) > step:
        return None
    packed = await asyncio.to_thread(Store.read, checkpoint)
    return None if packed is None else (int(checkpoint["step"]), packed)


def in_batches(spec: RunSpec, batch: int, step: int) -> RunSpec:
    """Give the spec of a run that goes on in batches of another size, its epochs counted by its updates.

    Args:
        spec: The run.
        batch: Points a mini-batch.
        step: Updates done.

    Returns:
        Its spec.

    Raises:
        FieldRefused: When it could not have such batches, or would be over.
    """
    try:
        changed = RunSpec.model_validate(spec.model_dump() | {"batch": batch})
    except ValidationError as error:
        told = explain(error.errors(include_url=False), RunSpec)[0]
        message, _, hint = str(told["message"]).partition("; ")
        raise FieldRefused(message, path="batch", given=batch, allowed=str(told["allowed"]), hint=hint) from None
    if step >= changed.updates:
        raise FieldRefused(
            f"batch {batch} makes {changed.updates:,} updates of all its epochs, and {step:,} are done",
            path="batch", given=batch, hint="Take a smaller batch, or an earlier moment.",
        )  # fmt: skip
    return changed


def _forgetful(head: bytes, body: bytes) -> Packed:
    """Clear the optimiser's memory in a packed snapshot."""
    data, arrays = unpack(head, body)
    for name in MEMORY:
        kept = arrays[name]
        arrays[name] = tuple(map(np.zeros_like, kept)) if isinstance(kept, tuple) else np.zeros_like(kept)
    return pack(data, arrays)


async def _row(client: Client, run: RunKeys, step: int) -> tuple[str, dict[str, bytes]] | None:
    """Cut the metrics row of one step out of its block."""
    for _, fields in await client.xrange(run.metrics, min=keys.entry_id(step), count=1):
        data, arrays = unpack(fields[b"h"], fields[b"b"])
        chosen = arrays["steps"] == np.float64(step)
        if chosen.any():
            packed = pack(data, {name: value[chosen] for name, value in arrays.items()})
            return keys.entry_id(step), {"h": packed.head, "b": packed.body}
    return None
