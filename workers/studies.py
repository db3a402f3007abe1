"""Carry one study out, of any kind, by its spec."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import TypeAdapter

from foldscape.stored import accepted_today
from foldscape.studies import Study, StudyProgress, StudySpec
from workers.job_lease import AcquiredJob, StudyLease
from workers.jobs import carry
from workers.process import WorkerProcess

spec_adapter: TypeAdapter[Study] = TypeAdapter(StudySpec)


def carry_out(life: WorkerProcess, study_id: str) -> None:
    """Compute a study until it is over, stopped, taken by another worker or until this worker ends.

    A worker's death costs the work done: a study is a pure function of its spec, so another begins it from the start
    and comes to the same bits.
    """

    def work(taken: AcquiredJob) -> Iterator[StudyProgress]:
        study = accepted_today(spec_adapter, taken.spec)
        return study.run(life.settings.study_threads or None)

    lease = StudyLease(life.client, study_id, life.settings.lease_ms)
    carry(life, lease, work, "Stopped; the rows stand as they were then.", "it begins again from the start.")
