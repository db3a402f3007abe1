"""A worker's hold on one run: take it, exchange with it, checkpoint it, give it back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

import orjson

from foldscape.commands import Command, command_adapter
from workers import keys
from workers.keys import FIRST, RunKeys
from workers.run_log.connect import Client
from workers.run_log.outbox import OutboxBatch
from workers.run_log.scripts import script
from workers.states import MOVES, OVER, State

OVER_LIST = ",".join(sorted(OVER))


class Fenced(Exception):
    """Another worker has the run, or it is over or forgotten: drop everything."""


class AppliedCommand(NamedTuple):
    """A command in the record: its id ``<step>-<n>``, who said it, and the group that was taken together."""

    id: str
    src: str
    command: Command
    group: int = 1

    @property
    def step(self) -> int:
        """Updates done when it takes effect."""
        return keys.id_pair(self.id)[0]


@dataclass(frozen=True)
class AcquiredRun:
    """What a worker finds when it takes a run.

    Attributes:
        attempt: How many workers have taken it, this one included.
        spec: The spec as JSON.
        state: Its state now.
        last: Last ids in the streams of metrics, frames and events.
        cursor: Last command taken.
        best_accuracy: Best accuracy so far, or ``None``.
        checkpoint: Fields of the latest checkpoint; empty when there is none.
        record: All commands that took effect.
        start: The weights of another run that it began with; empty when it began with its own.
    """

    attempt: int
    spec: bytes
    state: State
    last: tuple[str, str, str]
    cursor: str
    best_accuracy: float | None
    checkpoint: dict[str, bytes]
    record: list[AppliedCommand]
    start: bytes = b""


class Lease:
    """The hold on one run.

    Args:
        client: Connection to the run log.
        run_id: The run.
        lease_ms: How long the hold lasts without renewing.
        renewing: Another connection, for a thread that renews; the same when not given.
    """

    def __init__(self, client: Client, run_id: str, lease_ms: int, renewing: Client | None = None) -> None:
        self._client = client
        self._renewing = renewing or client
        self.run_id = run_id
        self.run = RunKeys(run_id)
        self.token = secrets.token_hex(8)
        self._lease_ms = lease_ms
        self.known = FIRST
        self.cursor = FIRST
        self._scripts = {name: client.register_script(script(name)) for name in SCRIPTS}

    def acquire(self, worker: str, queue: str, most_tries: int) -> AcquiredRun | None:
        """Take the run, or give ``None`` when it is over, forgotten, poisonous or taken."""
        run = self.run
        answer = self._scripts["acquire"](
            keys=[
                *(run.hash, run.lease, run.metrics, run.frames, run.events, run.applied, run.checkpoint),
                *(keys.ACTIVE, keys.CHANGES, keys.queue(queue)),
            ],
            args=[self.run_id, self.token, self._lease_ms, worker, OVER_LIST, most_tries],
        )
        if answer[0] != b"ok":
            return None
        attempt, spec, state, metrics, frames, events, cursor, best, flat, record = answer[1:]
        checkpoint = {key.decode(): value for key, value in zip(flat[::2], flat[1::2], strict=True)}
        recorded = [_recorded(entry) for entry in record]
        self.known = recorded[-1].id if recorded else FIRST
        self.cursor = cursor.decode()
        return AcquiredRun(
            attempt=int(attempt),
            spec=spec,
            state=State(state.decode()),
            last=(metrics.decode(), frames.decode(), events.decode()),
            cursor=self.cursor,
            best_accuracy=float(best) if best else None,
            checkpoint=checkpoint,
            record=recorded,
            start=self._client.get(run.start) or b"",
        )

    def publish(
        self,
        batch: OutboxBatch,
        *,
        step: int,
        take: bool,
        pacer: Sequence[str] = (),
        state: State | None = None,
        fields: Mapping[str, Any] | None = None,
        although_full: bool = False,
    ) -> list[AppliedCommand]:
        """Exchange with Redis in one round trip.

        Args:
            batch: What to append.
            step: Updates done; commands taken now are recorded with it.
            take: Whether commands are taken.
            pacer: Commands that the pacer says, as JSON.
            state: What the run does, whatever is said of it meanwhile.
            fields: Fields of the run's hash to set.
            although_full: Whether this is so little that it is to be said even when the memory of Redis is full.

        Returns:
            The commands that take effect now, recorded.

        Raises:
            Fenced: When the run is no longer ours.
        """
        run = self.run
        ask = {
            "id": self.run_id,
            "token": self.token,
            "lease": self._lease_ms,
            "over": OVER_LIST,
            "step": str(step),
            "take": take,
            "known": self.known,
            "pacer": list(pacer),
            "metrics": [entry for entry, _ in batch.metrics],
            "frames": [entry for entry, _, _ in batch.frames],
            "events": [entry for entry, _ in batch.events],
            "keep": batch.keep,
            "to": state or "",
            "from": came_from(state) if state else "",
            "fields": [str(word) for pair in (fields or {}).items() for word in pair],
            "although_full": although_full,
        }
        bodies: list[bytes] = []
        for _, packed in batch.metrics:
            bodies += packed
        for _, packed, snapshot in batch.frames:
            bodies += (*packed, *snapshot)
        for _, packed in batch.events:
            bodies += packed
        answer = self._scripts["publish"](
            keys=[
                *(run.hash, run.lease, run.metrics, run.frames, run.events, run.commands, run.applied),
                *(keys.CHANGES, run.frame_ids, run.kept),
            ],
            args=[orjson.dumps(ask), *bodies],
        )
        if answer[0] == b"fenced":
            raise Fenced(self.run_id)
        taken = [AppliedCommand(entry.decode(), src.decode(), _command(raw)) for entry, src, raw in answer[1:]]
        if taken:
            self.known = taken[-1].id
            self.cursor = next((item.src for item in reversed(taken) if item.src != "pacer"), self.cursor)
        return taken

    def wait(self, block_ms: int) -> bool:
        """Wait for a command behind the cursor; tell whether there is one."""
        return bool(self._client.xread({self.run.commands: self.cursor}, count=1, block=max(1, block_ms)))

    def checkpoint(self, fields: Mapping[str, Any]) -> str:
        """Store a checkpoint; gives the address of the large one that it replaces, or an empty string."""
        flat = [word for pair in fields.items() for word in pair]
        answer = self._scripts["checkpoint"](
            keys=[self.run.hash, self.run.lease, self.run.checkpoint], args=[self.token, OVER_LIST, *flat]
        )
        if answer[0] == b"fenced":
            raise Fenced(self.run_id)
        return str(answer[1].decode())

    def renew(self) -> bool:
        """Renew the hold; tell whether the run is still ours."""
        hold = [self.run.hash, self.run.lease]
        return bool(
            self._scripts["renew"](keys=hold, args=[self.token, self._lease_ms, OVER_LIST], client=self._renewing)
        )

    def park(self) -> bool:
        """Leave a paused run until its next command; ``False`` when a command has just come in."""
        return self._release("park")[0] == b"ok"

    def drain(self) -> None:
        """Leave the run to another worker."""
        self._release("drain")

    def end(self, state: State, **fields: Any) -> str:
        """End the run; gives the address of a large checkpoint that is no longer needed, or an empty string."""
        flat = [str(word) for pair in fields.items() for word in pair]
        return str(self._release("end", state.value, came_from(state), *flat)[1].decode())

    def _release(self, how: Literal["park", "drain", "end"], *more: str) -> list[bytes]:
        run = self.run
        answer: list[bytes] = self._scripts["release"](
            keys=[run.hash, run.lease, run.commands, keys.ACTIVE, keys.CHANGES, run.checkpoint],
            args=[self.run_id, self.token, OVER_LIST, how, *more],
        )
        if answer[0] == b"fenced":
            raise Fenced(self.run_id)
        return answer


SCRIPTS = ("acquire", "publish", "checkpoint", "renew", "release")


@cache
def came_from(state: State) -> str:
    """List the states that may become this one."""
    return ",".join(sorted(old for old, allowed in MOVES.items() if state in allowed))


def _command(raw: bytes) -> Command:
    return command_adapter.validate_json(raw)


def _recorded(entry: list[Any]) -> AppliedCommand:
    flat = entry[1]
    fields = dict(zip(flat[::2], flat[1::2], strict=True))
    return AppliedCommand(entry[0].decode(), fields[b"src"].decode(), _command(fields[b"c"]), int(fields[b"group"]))
