"""Carry one ensemble out, going on from the rows that another attempt has finished."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial

import orjson

from foldscape.ensembles.measuring import follow
from foldscape.ensembles.spec import EnsembleSpec
from foldscape.progress import Progress
from foldscape.stored import accepted_today
from workers.job_lease import AcquiredJob, EnsembleLease
from workers.jobs import carry
from workers.process import WorkerProcess
from workers.run_log.record import LoggedRun


def carry_out(life: WorkerProcess, ensemble_id: str) -> None:
    """Measure an ensemble until it is over, stopped, taken by another worker or until this worker ends.

    A worker's death costs only the pairs that it had not told yet.
    """
    lease = EnsembleLease(life.client, ensemble_id, life.settings.lease_ms)

    def work(taken: AcquiredJob) -> Iterator[Progress]:
        spec = accepted_today(EnsembleSpec, taken.spec)
        rows = [orjson.loads(raw) for raw in life.client.hvals(lease.job.rows)]
        opened = cache(partial(LoggedRun, life.client))  # a run with many members is read once
        return follow(spec, opened, rows=rows, threads=life.settings.study_threads or None)

    carry(life, lease, work, "Stopped; its finished pairs stand.", "another goes on with the pairs that are left.")
