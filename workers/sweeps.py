"""Carry one sweep out, going on from the runs that another attempt has finished."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from foldscape.spec import RunSpec
from foldscape.start import StartNet
from foldscape.stored import accepted_today
from foldscape.sweep import calibrate, follow
from foldscape.sweep.cost import corrected_by_sweep, estimate
from foldscape.sweep.expand import combinations
from foldscape.sweep.result import SweepProgress
from foldscape.sweep.spec import SweepSpec
from workers import keys
from workers.job_lease import AcquiredJob, SweepLease
from workers.jobs import carry
from workers.keys import SweepKeys
from workers.process import WorkerProcess
from workers.run_log.away import AWAY


def carry_out(life: WorkerProcess, sweep_id: str) -> None:
    """Compute a sweep until it is over, stopped, taken by another worker or until this worker ends.

    A worker's death costs only the runs that it had not finished.
    """
    lease = SweepLease(life.client, sweep_id, life.settings.lease_ms)

    def work(taken: AcquiredJob) -> Iterator[SweepProgress]:
        spec = _accepted(taken.spec)
        done = {key.decode() for key in life.client.hkeys(lease.job.rows)}
        threads = life.settings.study_threads or None
        rates, began = calibrate(threads), time.monotonic()
        kept = life.client.hgetall(SweepKeys(sweep_id).starts)
        starts = {name.decode(): StartNet.unpack(packed) for name, packed in kept.items()}
        yield from follow(spec, done=done, threads=threads, starts=starts)
        if not done and estimate(spec, rates).is_known:
            with contextlib.suppress(*AWAY):  # the next sweep finds it too
                life.client.set(keys.RATES, corrected_by_sweep(spec, rates, time.monotonic() - began).model_dump_json())

    carry(life, lease, work, "Stopped; its finished runs stand.", "another goes on with the runs that are left.")


def _accepted(stored: bytes) -> SweepSpec:
    """Read a sweep whose runs could all begin today."""
    spec = accepted_today(SweepSpec, stored)
    for _, plain in combinations(spec):
        accepted_today(RunSpec, plain)
    return spec
