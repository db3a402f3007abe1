"""The studies, for the web process."""

from __future__ import annotations

from typing import Any

from foldscape.studies import Study
from workers.broker import STUDY
from workers.errors import StudyNotFound
from workers.job_log import JobLog
from workers.keys import StudyKeys
from workers.run_log.naming import new_id, new_name


class StudyLog(JobLog):
    """All that the web process does with studies."""

    keys_of = StudyKeys
    task = STUDY
    begins_again = "it begins again from the start."

    async def create(self, spec: Study, name: str = "") -> dict[str, Any]:
        """Make a study and put it into the queue.

        Args:
            spec: What it is.
            name: Its name; a fresh one when empty.

        Returns:
            Its summary.
        """
        study = StudyKeys(new_id())
        fields = {"spec": spec.model_dump_json(), "kind": spec.kind, "name": name or new_name()}
        await self._make(study, fields, {row.key: row.model_dump_json() for row in spec.rows_at_first()}, spec.device)
        return await self.summary(study.id)

    def _unknown(self, job_id: str) -> StudyNotFound:
        return StudyNotFound(f"There is no study {job_id}.", hint="It may have been deleted.")
