"""Branching off: one recorded moment of a run, as the start of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from foldscape.commands import Speed
from foldscape.errors import FrameNotFound, RunNotFound
from foldscape.wire import Packed, pack, unpack
from workers import keys
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
        frame: Id and fields of the frame of that moment, so that the new run shows something at once.
        metrics: Id and fields of the metrics row of that moment, if it was measured.
        command: A first command for the new run, as JSON.
    """

    parent: str
    step: int
    snapshot: Packed
    frame: tuple[str, dict[bytes, bytes]]
    metrics: tuple[str, dict[str, bytes]] | None
    command: str | None

    def write(self, pipe: Any, run: RunKeys) -> None:
        """Put the moment into a new run's keys."""
        head, body = self.snapshot
        start = {"step": self.step, "attempt": 0, "applied": keys.FIRST, "place": "", "h": head, "b": body}
        pipe.hset(run.checkpoint, mapping=start)
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
    for raw_id, fields in await client.xrevrange(run.frames, max=newest, min=oldest, count=20):
        if b"sh" in fields:
            entry = raw_id.decode()
            at = keys.id_pair(entry)[0]
            snapshot = Packed(fields[b"sh"], fields[b"sb"])
            return Branch(
                parent=run_id,
                step=at,
                snapshot=snapshot if optimizer else _forgetful(*snapshot),
                frame=(entry, fields),
                metrics=await _row(client, run, at),
                command=None if speed == "keep" else Speed(epochs_per_second=speed).model_dump_json(),
            )
    raise FrameNotFound(f"Run {run_id} keeps no frame at or before step {step}.", hint="Choose a later moment.")


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
