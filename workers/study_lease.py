"""A worker's hold on one study: take it, speak under it, give it back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from workers import keys
from workers.broker import STUDY_QUEUE
from workers.keys import StudyKeys
from workers.run_log.connect import Client
from workers.run_log.lease import OVER_LIST, Fenced
from workers.run_log.scripts import script
from workers.states import State

ENTRIES_KEPT = 2000
"""Entries of the stream of progress that are kept; a row's newest word is in the table anyway."""


class Taken(NamedTuple):
    """A study that is ours now.

    Attributes:
        attempt: How many workers have taken it, this one included.
        spec: Its spec as JSON.
    """

    attempt: int
    spec: bytes


class StudyLease:
    """The hold on one study.

    Args:
        client: Connection to the run log.
        study_id: The study.
        lease_ms: How long the hold lasts without renewing.
    """

    def __init__(self, client: Client, study_id: str, lease_ms: int) -> None:
        self.study = StudyKeys(study_id)
        self.token = secrets.token_hex(8)
        self._lease_ms = lease_ms
        self._attempt = self._told = 0
        names = ("study_take", "study_tell", "study_leave", "renew")
        self._scripts = {name: client.register_script(script(name)) for name in names}

    def take(self, worker: str, most_attempts: int) -> Taken | None:
        """Take the study, or give ``None`` when it is over, forgotten, poisonous or taken."""
        study = self.study
        answer = self._scripts["study_take"](
            keys=[study.hash, study.lease, study.rows, keys.ACTIVE_STUDIES, keys.queue(STUDY_QUEUE)],
            args=[study.id, self.token, self._lease_ms, worker, OVER_LIST, most_attempts],
        )
        if answer[0] != b"ok":
            return None
        self._attempt = int(answer[1])
        return Taken(self._attempt, answer[2])

    def tell(self, entry: str, fields: Mapping[str, Any], rows: Mapping[str, str]) -> bool:
        """Append an entry to the progress, and keep fields and rows.

        Args:
            entry: What is said, as JSON.
            fields: Fields of the study's hash.
            rows: Rows of the table that changed, as JSON.

        Returns:
            Whether somebody asked it to stop.

        Raises:
            Fenced: When the study is no longer ours.
        """
        study = self.study
        flat = [word for pair in (*fields.items(), *rows.items()) for word in pair]
        name = f"{self._attempt}-{self._told + 1}"
        answer = self._scripts["study_tell"](
            keys=[study.hash, study.lease, study.rows, study.progress],
            args=[self.token, self._lease_ms, OVER_LIST, name, entry, ENTRIES_KEPT, len(fields), *flat],
        )
        if answer[0] == b"fenced":
            raise Fenced(study.id)
        self._told += 1
        return bool(answer[1])

    def renew(self) -> bool:
        """Renew the hold; tell whether the study is still ours."""
        args = [self.token, self._lease_ms, OVER_LIST]
        return bool(self._scripts["renew"](keys=[self.study.hash, self.study.lease], args=args))

    def leave(self, state: State, **fields: Any) -> None:
        """End the study, or leave it queued for another worker."""
        study = self.study
        flat = [word for pair in fields.items() for word in pair]
        self._scripts["study_leave"](
            keys=[study.hash, study.lease, keys.ACTIVE_STUDIES, keys.queue(STUDY_QUEUE)],
            args=[study.id, self.token, OVER_LIST, state.value, *flat],
        )
