"""The web process's side of the run log: make, list, read, command, fork, resume and forget runs."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Self

from pydantic import BaseModel

from foldscape.commands import Command
from foldscape.errors import RunNotFound, Unreadable
from foldscape.fitting import without_class
from foldscape.spec import RunSpec, Start
from foldscape.start import StartNet, weights_begun
from foldscape.stored import accepted_today, read_stored
from workers import keys
from workers.broker import Sender
from workers.checkpoints import Store
from workers.errors import CannotResume, RunIsOver
from workers.keys import FIRST, RunKeys
from workers.run_log import fleet
from workers.run_log.branch import Branch, cut, in_batches
from workers.run_log.connect import Client, connect_async
from workers.run_log.naming import new_id, new_name
from workers.run_log.reproduction import reproduction
from workers.run_log.scripts import script
from workers.run_log.starting import start_net
from workers.run_log.summary import summary_of
from workers.settings import Settings
from workers.settings import settings as settings_of_process
from workers.states import MOVES, OVER, State

StreamKind = Literal["metrics", "frames", "events", "commands", "applied"]
MOST_SUMMARIES = 2000
"""Runs of which summaries are told in one answer, the newest."""
AT_ONCE = 200
"""Runs whose summaries are read in one exchange with Redis."""
OVER_LIST = ",".join(sorted(OVER))
RESUMABLE = ",".join(sorted(state for state in State if State.QUEUED in MOVES[state] and state != State.RUNNING))


class StreamEntry(NamedTuple):
    """One entry of a stream: its id ``<step>-<seq + 1>`` and its fields as bytes."""

    id: str
    fields: dict[str, bytes]


class RunLog:
    """All that the web process does with runs.

    Args:
        client: Connection to the run log, with replies as bytes.
        sender: Brings runs to the workers.
        store: Where large checkpoints are.
    """

    def __init__(self, client: Client, sender: Sender, store: Store) -> None:
        self.client = client
        self.sender = sender
        self.store = store

    @classmethod
    def open(cls, settings: Settings | None = None) -> Self:
        """Connect by the settings of this process, or by those given."""
        settings = settings or settings_of_process()
        return cls(connect_async(settings), Sender(settings), Store(settings))

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()
        self.sender.close()

    # -- making ---------------------------------------------------------------------------------------------------

    async def create(
        self,
        spec: RunSpec,
        *,
        name: str = "",
        tags: Sequence[str] = (),
        notes: str = "",
        origin: str = "api",
        branch: Branch | None = None,
    ) -> dict[str, Any]:
        """Make a run and put it into its queue.

        Args:
            spec: What the run is.
            name: Its name, which keeps it from being forgotten; a fresh one, which does not, when empty.
            tags: Its tags.
            notes: Its notes.
            origin: Who made it: ``play``, ``launch``, ``api`` or ``cli``.
            branch: The moment of another run from which this one starts.

        Returns:
            ``{"id", "name", "state", "place"}``; place counts from 0.

        Raises:
            NoDevice: When nobody computes on its device.
            FieldRefused: When its validation part leaves a class without points.
            NoStart: When the weights that it is to begin with are not there, or do not fit.
        """
        await fleet.must_have(self.client, spec.device)
        if refused := without_class(spec):
            raise refused
        spec, start = await self._begun(spec, branch)
        run_id, made = new_id(), time.time_ns() // 1_000_000
        given, name = bool(name), name or new_name()
        run = RunKeys(run_id)
        fields: dict[str, Any] = {
            "spec": spec.model_dump_json(),
            "state": State.QUEUED.value,
            "name": name,
            "tags": json.dumps(list(tags)),
            "notes": notes,
            "origin": origin,
            "queue": spec.queue,
            "created": made,
            "sent": made,
            "step": branch.step if branch else 0,
            "attempt": 0,
            "version": 1,
            **({"named": 1} if given else {}),
            **({"parent": branch.parent, "parent_step": branch.step} if branch else {}),
        }
        where = await asyncio.to_thread(self._stored_moment, run_id, branch) if branch else {}
        async with self.client.pipeline(transaction=True) as pipe:
            pipe.hset(run.hash, mapping=fields)
            if branch:
                branch.write(pipe, run, where)
            if start:
                pipe.set(run.start, start)
            pipe.zadd(keys.RUNS, {run_id: made})
            pipe.zadd(keys.queue(spec.queue), {run_id: made})
            pipe.sadd(keys.ACTIVE, run_id)
            pipe.xadd(keys.CHANGES, {"id": run_id}, maxlen=keys.CHANGES_KEPT, approximate=True)
            await pipe.execute()
        await self.sender.send_async(run_id, spec.queue)
        return {"id": run_id, "name": name, "state": "queued", "place": await self.place(run_id)}

    def _stored_moment(self, run_id: str, branch: Branch) -> dict[str, Any]:
        return self.store.write(run_id, f"{branch.step}-fork", branch.snapshot)

    async def _begun(self, spec: RunSpec, branch: Branch | None) -> tuple[RunSpec, bytes]:
        """Take the weights that a run begins with, and name them in its spec; those of a fork are its parent's."""
        if spec.start is None:
            return spec, b""
        if branch is not None:
            return spec, await self.beginning(branch.parent)
        spec, first = weights_begun(spec, await start_net(self.client, spec.start))
        return spec, first.pack() if first else b""

    async def weights(self, run_id: str, step: int | None) -> StartNet:
        """Give the weights that a run keeps of a moment.

        Args:
            run_id: The run.
            step: Updates done; ``None`` is its newest.

        Returns:
            The weights.

        Raises:
            NoStart: When there are none.
        """
        return await start_net(self.client, Start(run=run_id, step=step))

    async def beginning(self, run_id: str) -> bytes:
        """Give the weights of another run that a run began with, as a file; empty when it began with its own."""
        return bytes(await self.client.get(RunKeys(run_id).start) or b"")

    async def fork(
        self,
        run_id: str,
        *,
        step: int,
        frame: str | None = None,
        name: str = "",
        optimizer: bool = True,
        speed: float | Literal["keep"] | None = "keep",
        batch: int | None = None,
        origin: str = "play",
    ) -> dict[str, Any]:
        """Start a new run from a recorded moment of another.

        Args:
            run_id: The run to branch off.
            step: The moment; the newest kept frame at or before it is taken.
            frame: The exact frame by its entry id, instead.
            name: Name of the new run.
            optimizer: Whether the optimiser's memory comes along.
            speed: Pace of the new run in epochs a second, ``None`` for maximum speed.
            batch: Points a mini-batch of the new run; ``None`` is as before.
            origin: Who asked.

        Returns:
            The new run's summary.

        Raises:
            FrameNotFound: When no frame with a snapshot is kept there.
            InvalidInput: When its spec would be refused today.
            FieldRefused: When it cannot go on in batches of that size.
        """
        spec = accepted_today(RunSpec, await self._stored(run_id))
        branch = await cut(self.client, run_id, step=step, frame=frame, optimizer=optimizer, speed=speed)
        spec = spec if batch is None else in_batches(spec, batch, branch.step)
        return await self.create(spec, name=name, origin=origin, branch=branch)

    # -- reading --------------------------------------------------------------------------------------------------

    async def summary(self, run_id: str) -> dict[str, Any]:
        """Give what tables show of a run, with its place while it waits."""
        raw = await self.client.hgetall(RunKeys(run_id).hash)
        if not raw:
            raise RunNotFound(f"There is no run {run_id}.", hint="It may have been deleted.")
        found = summary_of(run_id, raw)
        found["place"] = await self.place(run_id) if found["state"] == "queued" else None
        return found

    async def summaries(self, after: str = "", most: int = MOST_SUMMARIES) -> dict[str, Any]:
        """Give the summaries that changed since a cursor; all of the newest when the cursor is empty or too old.

        Returns:
            ``{"runs": [summary], "deleted": [ids], "cursor": str, "all": bool}``.
        """
        cursor, ids = await self._changed(after)
        every = ids is None
        if ids is None:
            ids = [raw.decode() for raw in await self.client.zrevrange(keys.RUNS, 0, most - 1)]
        found = await self.read(ids)
        there = {summary["id"] for summary in found}
        deleted = [] if every else [run_id for run_id in ids if run_id not in there]
        return {"runs": found, "deleted": deleted, "cursor": cursor, "all": every}

    async def read(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Give the summaries of some runs, in their order; those that are no more are left out."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(ids), AT_ONCE):
            part = ids[start : start + AT_ONCE]
            async with self.client.pipeline(transaction=False) as pipe:
                for run_id in part:
                    pipe.hgetall(RunKeys(run_id).hash)
                raws = await pipe.execute()
            found += [summary_of(run_id, raw) for run_id, raw in zip(part, raws, strict=True) if raw]
        waiting = [summary for summary in found if summary["state"] == "queued"]
        async with self.client.pipeline(transaction=False) as pipe:
            for summary in waiting:
                pipe.zrank(keys.queue(summary["queue"]), summary["id"])
            places = dict(zip((one["id"] for one in waiting), await pipe.execute(), strict=True)) if waiting else {}
        return [{**summary, "place": places.get(summary["id"])} for summary in found]

    async def count(self) -> int:
        """Give how many runs there are."""
        return int(await self.client.zcard(keys.RUNS))

    async def _changed(self, after: str) -> tuple[str, list[str] | None]:
        newest = await self.client.xrevrange(keys.CHANGES, count=1)
        cursor = newest[0][0].decode() if newest else FIRST
        if after and keys.id_pair(after) > keys.id_pair(cursor):  # the log begins anew
            return cursor, None
        oldest = await self.client.xrange(keys.CHANGES, count=1) if after else []
        if not after or (oldest and keys.id_pair(after) < keys.id_pair(oldest[0][0].decode()) and after != FIRST):
            return cursor, None
        entries = await self.client.xrange(keys.CHANGES, min=f"({after}", max="+")
        if entries:
            cursor = entries[-1][0].decode()
        return cursor, list(dict.fromkeys(fields[b"id"].decode() for _, fields in entries))

    async def detail(self, run_id: str) -> dict[str, Any]:
        """Give the summary with the spec, the record of commands and how to make the run again."""
        summary, spec = await self.summary(run_id), await self.plain_spec(run_id)
        applied = [
            {"id": entry.id, "step": keys.id_pair(entry.id)[0], "src": entry.fields["src"].decode()}
            | {"command": json.loads(entry.fields["c"])}
            for entry in await self.read_stream(run_id, "applied", count=10_000)
        ]
        # Thousands of commands take seconds.
        told = await asyncio.to_thread(reproduction, spec, applied, summary["parent"], run_id)
        return {**summary, "spec": spec, "applied": applied, "again": told}

    async def spec(self, run_id: str) -> RunSpec:
        """Give the spec of a run.

        Returns:
            The spec, as it was accepted.

        Raises:
            RunNotFound: When there is no such run.
            Unreadable: When this version does not know what stands in it.
        """
        return read_stored(RunSpec, await self._stored(run_id), f"The spec of run {run_id}")

    async def plain_spec(self, run_id: str) -> dict[str, Any]:
        """Give the spec of a run as plain values; as it was stored, where this version cannot read it."""
        raw = await self._stored(run_id)
        try:
            return read_stored(RunSpec, raw).model_dump(mode="json")
        except Unreadable:
            found: dict[str, Any] = json.loads(raw)
            return found

    async def _stored(self, run_id: str) -> bytes:
        raw: bytes | None = await self.client.hget(RunKeys(run_id).hash, "spec")
        if raw is None:
            raise RunNotFound(f"There is no run {run_id}.", hint="It may have been deleted.")
        return raw

    async def read_stream(
        self, run_id: str, kind: StreamKind, after: str = FIRST, before: str = "+", count: int = 1000
    ) -> list[StreamEntry]:
        """Give entries of one stream, ``after`` excluded, ``before`` (an id, a step or ``+``) included."""
        key: str = getattr(RunKeys(run_id), kind)
        return [entry_of(raw) for raw in await self.client.xrange(key, min=f"({after}", max=before, count=count)]

    async def follow(
        self, cursors: dict[str, str], *, count: int = 200, block_ms: int = 4000
    ) -> dict[str, list[StreamEntry]]:
        """Wait for entries behind the cursors of several streams (by full key) and give them by key."""
        answer = await self.client.xread(dict(cursors), count=count, block=block_ms)
        return {key.decode(): [entry_of(raw) for raw in entries] for key, entries in answer or []}

    async def place(self, run_id: str) -> int | None:
        """Give how many runs wait before this one in its queue, or ``None`` when it does not wait."""
        queue = await self.client.hget(RunKeys(run_id).hash, "queue")
        rank = await self.client.zrank(keys.queue(queue.decode()), run_id) if queue else None
        return None if rank is None else int(rank)

    async def workers(self) -> list[dict[str, Any]]:
        """Give the workers that have shown a sign of life."""
        return await fleet.workers(self.client)

    async def health(self) -> dict[str, Any]:
        """Tell whether Redis answers, which workers live and how many runs wait, by queue."""
        return await fleet.health(self.client)

    # -- acting ---------------------------------------------------------------------------------------------------

    async def send_command(self, run_id: str, command: Command) -> str:
        """Hand a command to a run; a parked run is brought back to a worker, a waiting run can be stopped at once.

        Returns:
            The command's id in the run's stream of commands.

        Raises:
            RunNotFound: When there is no such run.
            RunIsOver: When it has ended.
        """
        run = RunKeys(run_id)
        queue = (await self.client.hget(run.hash, "queue") or b"").decode()
        answer = await self._eval(
            "command",
            [run.hash, run.lease, run.commands, keys.ACTIVE, keys.CHANGES, keys.queue(queue)],
            [run_id, dump(command), command.kind, OVER_LIST],
        )
        if answer[0] == b"gone":
            raise RunNotFound(f"There is no run {run_id}.", hint="It may have been deleted.")
        if answer[0] == b"over":
            raise RunIsOver(f"The run is {answer[1].decode()}.", hint="Resume it, or fork it from one of its frames.")
        if answer[2]:
            await self.sender.send_async(run_id, queue)
        return str(answer[1].decode())

    async def resume(self, run_id: str) -> None:
        """Let a stopped, failed or lost run go on from its last checkpoint.

        Raises:
            RunNotFound: When there is no such run.
            CannotResume: When it is in no such state, or a worker still has it.
            NoDevice: When nobody computes on its device now.
            InvalidInput: When its spec would be refused today.
        """
        await fleet.must_have(self.client, accepted_today(RunSpec, await self._stored(run_id)).device)
        run = RunKeys(run_id)
        queue = (await self.client.hget(run.hash, "queue") or b"").decode()
        answer = await self._eval(
            "resume",
            [run.hash, run.lease, run.applied, keys.ACTIVE, keys.CHANGES, keys.queue(queue)],
            [run_id, RESUMABLE],
        )
        if answer[0] == b"gone":
            raise RunNotFound(f"There is no run {run_id}.", hint="It may have been deleted.")
        if answer[0] == b"refused":
            raise CannotResume(f"The run is {answer[1].decode()}.", hint="Fork it from one of its frames instead.")
        await self.sender.send_async(run_id, queue)

    async def patch(
        self, run_id: str, *, name: str | None = None, tags: Sequence[str] | None = None, notes: str | None = None
    ) -> dict[str, Any]:
        """Change what people write about a run; gives the summary."""
        given = {"name": name, "notes": notes, "tags": None if tags is None else json.dumps(list(tags))}
        if name is not None:
            given["named"] = "1"
        pairs = [word for key, value in given.items() if value is not None for word in (key, value)]
        if pairs:
            await self._eval("patch", [RunKeys(run_id).hash, keys.CHANGES], [run_id, *pairs])
        return await self.summary(run_id)

    async def delete(self, run_id: str) -> None:
        """Stop and forget a run with all its streams."""
        run = RunKeys(run_id)
        queue = (await self.client.hget(run.hash, "queue") or b"").decode()
        place = (await self.client.hget(run.checkpoint, "place") or b"").decode()
        there = await self._eval(
            "remove", [keys.RUNS, keys.ACTIVE, keys.CHANGES, keys.queue(queue), *run.all], [run_id]
        )
        if not there:
            raise RunNotFound(f"There is no run {run_id}.", hint="It may have been deleted before.")
        if place:
            await asyncio.to_thread(self.store.forget, place)

    async def _eval(self, name: str, names: list[str], values: list[Any]) -> Any:
        return await self.client.register_script(script(name))(keys=names, args=values)


def entry_of(raw: tuple[bytes, dict[bytes, bytes]]) -> StreamEntry:
    """Read an entry as redis-py gives it."""
    return StreamEntry(raw[0].decode(), {key.decode(): value for key, value in raw[1].items()})


def dump(command: BaseModel) -> str:
    """Write a command as JSON."""
    return command.model_dump_json()
