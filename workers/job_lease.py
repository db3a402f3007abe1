"""A worker's hold on one job, a study, a landscape, an ensemble or a sweep: take it, speak under it, give it back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from workers import keys
from workers.broker import queue_of
from workers.keys import EnsembleKeys, JobKeys, LandscapeKeys, StudyKeys, SweepKeys
from workers.run_log.connect import Client
from workers.run_log.lease import OVER_LIST, Fenced
from workers.run_log.scripts import script
from workers.states import State

ENTRIES_KEPT = 2000
"""Entries of the stream of progress that are kept; what they told stands in the rows anyway."""


class AcquiredJob(NamedTuple):
    """A job that is ours now.

    Attributes:
        attempt: How many workers have taken it, this one included.
        spec: Its spec as JSON.
    """

    attempt: int
    spec: bytes


class JobLease:
    """The hold on one job.

    Args:
        client: Connection to the run log.
        job_id: The job.
        lease_ms: How long the hold lasts without renewing.
    """

    keys_of: ClassVar[type[JobKeys]]
    keeps_rows: ClassVar[bool]
    """Whether another attempt goes on from the rows that are there."""

    def __init__(self, client: Client, job_id: str, lease_ms: int) -> None:
        self.job = self.keys_of(job_id)
        self._client, self._queue = client, ""
        self.token = secrets.token_hex(8)
        self._lease_ms = lease_ms
        self._attempt = self._told = 0
        names = ("job_take", "job_tell", "job_leave", "renew")
        self._scripts = {name: client.register_script(script(name)) for name in names}

    def take(self, worker: str, most_attempts: int) -> AcquiredJob | None:
        """Take the job, or give ``None`` when it is over, forgotten, poisonous or taken."""
        job = self.job
        self._queue = keys.queue(queue_of(self._client.hget(job.hash, "queue")))
        answer = self._scripts["job_take"](
            keys=[job.hash, job.lease, job.rows, job.active, self._queue],
            args=[job.id, self.token, self._lease_ms, worker, OVER_LIST, most_attempts, int(self.keeps_rows)],
        )
        if answer[0] != b"ok":
            return None
        self._attempt = int(answer[1])
        return AcquiredJob(self._attempt, answer[2])

    def tell(
        self, entry: str, fields: Mapping[str, Any], rows: Mapping[str, str], *, although_full: bool = False
    ) -> bool:
        """Append an entry to the progress, and keep fields and rows.

        Args:
            entry: What is said, as JSON.
            fields: Fields of the job's hash.
            rows: Rows that changed, as JSON.
            although_full: Whether this is so little that it is to be said even when the memory of Redis is full.

        Returns:
            Whether somebody asked it to stop.

        Raises:
            Fenced: When the job is no longer ours.
        """
        job = self.job
        flat = [word for pair in (*fields.items(), *rows.items()) for word in pair]
        name = f"{self._attempt}-{self._told + 1}"
        answer = self._scripts["job_tell"](
            keys=[job.hash, job.lease, job.rows, job.progress],
            args=[
                *(self.token, self._lease_ms, OVER_LIST, int(although_full), name, entry, ENTRIES_KEPT),
                *(len(fields), *flat),
            ],
        )
        if answer[0] == b"fenced":
            raise Fenced(job.id)
        self._told += 1
        return bool(answer[1])

    def renew(self) -> bool:
        """Renew the hold; tell whether the job is still ours."""
        args = [self.token, self._lease_ms, OVER_LIST]
        return bool(self._scripts["renew"](keys=[self.job.hash, self.job.lease], args=args))

    def leave(self, state: State, **fields: Any) -> None:
        """End the job, or leave it queued for another worker."""
        job = self.job
        flat = [word for pair in fields.items() for word in pair]
        self._scripts["job_leave"](
            keys=[job.hash, job.lease, job.active, self._queue],
            args=[job.id, self.token, OVER_LIST, state.value, *flat],
        )


class StudyLease(JobLease):
    """The hold on one study, which each attempt begins from the start."""

    keys_of = StudyKeys
    keeps_rows = False


class LandscapeLease(JobLease):
    """The hold on one landscape, whose finished cells stand."""

    keys_of = LandscapeKeys
    keeps_rows = True


class EnsembleLease(JobLease):
    """The hold on one ensemble, whose finished rows stand."""

    keys_of = EnsembleKeys
    keeps_rows = True


class SweepLease(JobLease):
    """The hold on one sweep, whose runs that are over stand."""

    keys_of = SweepKeys
    keeps_rows = True
