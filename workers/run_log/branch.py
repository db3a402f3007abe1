"""Branching off: one recorded moment of a run, as the start of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import orjson

from foldscape.wire import pack, unpack
from workers import keys
from workers.errors import FrameNotFound, RunNotFound
from workers.keys import RunKeys
from workers.run_log.connect import Client


@dataclass(frozen=True)
class Branch:
    """A moment of a run with its snapshot.

    Attributes:
        parent: The run it was cut from.
        step: Updates done.
        head: Head of the packed snapshot.
        body: Body of the packed snapshot.
        frame: Id and fields of the frame of that moment, so that the new run shows something at once.
        metrics: Id and fields of the metrics row of that moment, if it was measured.
    """

    parent: str
    step: int
    head: bytes
    body: bytes
    frame: tuple[str, dict[bytes, bytes]]
    metrics: tuple[str, dict[str, bytes]] | None

    def write(self, pipe: Any, run: RunKeys) -> None:
        """Put the moment into a new run's keys."""
        pipe.hset(
            run.checkpoint,
            mapping={"step": self.step, "attempt": 0, "applied": keys.FIRST, "h": self.head, "b": self.body},
        )
        pipe.xadd(run.frames, self.frame[1], id=self.frame[0])
        pipe.rpush(run.frame_ids, self.frame[0])
        pipe.sadd(run.kept, self.frame[0])
        if self.metrics:
            pipe.xadd(run.metrics, self.metrics[1], id=self.metrics[0])


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
            head = _changed(fields[b"sh"], optimizer=optimizer, speed=speed)
            metrics = await _row(client, run, at)
            return Branch(run_id, at, head, fields.get(b"sb", b""), (entry, fields), metrics)
    raise FrameNotFound(f"Run {run_id} keeps no frame at or before step {step}.", hint="Choose a later moment.")


def _changed(head: bytes, *, optimizer: bool, speed: float | Literal["keep"] | None) -> bytes:
    """Change what the snapshot says about the pace and the optimiser's memory; the arrays stay as they are."""
    data = orjson.loads(head)
    if speed != "keep" and "speed" in data:
        data["speed"] = speed
    if not optimizer:
        data["fresh_optimizer"] = True
    return orjson.dumps(data)


async def _row(client: Client, run: RunKeys, step: int) -> tuple[str, dict[str, bytes]] | None:
    """Cut the metrics row of one step out of its block."""
    for _, fields in await client.xrange(run.metrics, min=keys.entry_id(step), count=1):
        data, arrays = unpack(fields[b"h"], fields[b"b"])
        chosen = arrays["steps"] == np.float64(step)
        if chosen.any():
            packed = pack(data, {name: value[chosen] for name, value in arrays.items()})
            return keys.entry_id(step), {"h": packed.head, "b": packed.body}
    return None
