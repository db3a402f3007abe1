"""The web process's side of the studies: make, list, read, stop, forget, and look after them."""

from __future__ import annotations

import time
from typing import Any

import orjson

from foldscape.studies import Study
from workers import keys
from workers.broker import STUDY_QUEUE, Sender
from workers.errors import StudyNotFound
from workers.keys import StudyKeys
from workers.run_log.connect import Client
from workers.run_log.lease import OVER_LIST
from workers.run_log.naming import new_id, new_name
from workers.run_log.scripts import script

LISTED = 200
WORDS = ("state", "reason", "message", "name", "doing", "verdict", "worker", "last", "log")
NUMBERS = ("created", "started", "ended", "heartbeat", "attempt", "deaths")


class StudyLog:
    """All that the web process does with studies.

    Args:
        client: Connection to the run log, with replies as bytes.
        sender: Brings studies to the workers.
    """

    def __init__(self, client: Client, sender: Sender) -> None:
        self._client = client
        self._sender = sender

    async def create(self, spec: Study, name: str = "") -> dict[str, Any]:
        """Make a study and put it into the queue.

        Args:
            spec: What it is.
            name: Its name; a fresh one when empty.

        Returns:
            Its summary.
        """
        study, made = StudyKeys(new_id()), time.time_ns() // 1_000_000
        fields: dict[str, Any] = {
            "spec": spec.model_dump_json(),
            "kind": spec.kind,
            "name": name or new_name(),
            "state": "queued",
            "created": made,
            "sent": made,
            "share": 0,
        }
        rows = {row.key: row.model_dump_json() for row in spec.rows_at_first()}
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.hset(study.hash, mapping=fields)
            pipe.hset(study.rows, mapping=rows)
            pipe.zadd(keys.STUDIES, {study.id: made})
            pipe.sadd(keys.ACTIVE_STUDIES, study.id)
            pipe.zadd(keys.queue(STUDY_QUEUE), {study.id: made})
            await pipe.execute()
        await self._sender.send_study(study.id)
        return await self.summary(study.id)

    async def summary(self, study_id: str) -> dict[str, Any]:
        """Give a study with its spec, without its rows.

        Raises:
            StudyNotFound: When there is no such study.
        """
        raw = await self._client.hgetall(StudyKeys(study_id).hash)
        if not raw:
            raise _unknown(study_id)
        found = _plain(study_id, raw)
        rank = await self._client.zrank(keys.queue(STUDY_QUEUE), study_id) if found["state"] == "queued" else None
        return {**found, "place": rank}

    async def rows(self, study_id: str) -> list[dict[str, Any]]:
        """Give the rows of a study's table as they stand, in any order."""
        return [orjson.loads(raw) for raw in await self._client.hvals(StudyKeys(study_id).rows)]

    async def summaries(self) -> list[dict[str, Any]]:
        """Give the studies, the newest first."""
        ids = [raw.decode() for raw in await self._client.zrevrange(keys.STUDIES, 0, LISTED - 1)]
        async with self._client.pipeline(transaction=False) as pipe:
            for study_id in ids:
                pipe.hgetall(StudyKeys(study_id).hash)
            raws = await pipe.execute() if ids else []
        return [_plain(study_id, raw) for study_id, raw in zip(ids, raws, strict=True) if raw]

    async def stop(self, study_id: str) -> str:
        """Ask a study to stop; gives its state after that, which is still ``running`` until its worker heard it.

        Raises:
            StudyNotFound: When there is no such study.
        """
        study = StudyKeys(study_id)
        answer = await self._eval(
            "study_stop",
            [study.hash, study.lease, keys.ACTIVE_STUDIES, keys.queue(STUDY_QUEUE)],
            [study_id, OVER_LIST],
        )
        if answer[0] == b"gone":
            raise _unknown(study_id)
        return str(answer[0].decode())

    async def delete(self, study_id: str) -> None:
        """Stop and forget a study.

        Raises:
            StudyNotFound: When there is no such study.
        """
        names = [keys.STUDIES, keys.ACTIVE_STUDIES, keys.queue(STUDY_QUEUE), *StudyKeys(study_id).all]
        if not await self._eval("study_remove", names, [study_id]):
            raise _unknown(study_id)

    async def look_after(self, waiting: int, lease_ms: int) -> None:
        """Bring back every study whose worker died or whose message got lost.

        Args:
            waiting: Messages in the queue; as long as there are some, none is taken for lost.
            lease_ms: Time in which a worker would have taken a message.
        """
        for raw in await self._client.smembers(keys.ACTIVE_STUDIES):
            study = StudyKeys(raw.decode())
            names = [study.hash, study.lease, keys.ACTIVE_STUDIES, keys.queue(STUDY_QUEUE)]
            answer = await self._eval("study_settle", names, [study.id, OVER_LIST])
            if answer[0] == b"idle" and (answer[2] or (int(answer[1]) >= lease_ms and not waiting)):
                await self._client.hset(study.hash, "sent", time.time_ns() // 1_000_000)
                await self._sender.send_study(study.id)

    async def _eval(self, name: str, names: list[str], values: list[Any]) -> Any:
        return await self._client.register_script(script(name))(keys=names, args=values)


def _plain(study_id: str, raw: dict[bytes, bytes]) -> dict[str, Any]:
    text = {key.decode(): value.decode() for key, value in raw.items()}
    return {
        "id": study_id,
        "kind": text.get("kind", ""),
        "spec": orjson.loads(text["spec"]),
        **{name: text.get(name, "") for name in WORDS},
        **{name: int(text[name]) if text.get(name) else None for name in NUMBERS},
        "share": float(text.get("share") or 0),
        "left_s": float(text["left_s"]) if text.get("left_s") else None,
        "stopping": "stop" in text and text.get("state") == "running",
        "findings": orjson.loads(text.get("findings") or "[]"),
    }


def _unknown(study_id: str) -> StudyNotFound:
    return StudyNotFound(f"There is no study {study_id}.", hint="It may have been deleted.")
