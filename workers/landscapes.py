"""Carry one landscape out, going on from the cells that another attempt has finished."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import orjson
from pydantic import TypeAdapter

from foldscape.landscape import Evaluator
from foldscape.landscape.recorded.measuring import follow
from foldscape.landscape.recorded.spec import Landscape, LandscapeSpec
from foldscape.progress import Progress
from foldscape.stored import accepted_today
from workers.job_lease import AcquiredJob, LandscapeLease
from workers.jobs import carry
from workers.process import WorkerProcess
from workers.run_log.record import LoggedRun

landscape_adapter: TypeAdapter[Landscape] = TypeAdapter(LandscapeSpec)


def carry_out(life: WorkerProcess, landscape_id: str) -> None:
    """Measure a landscape until it is over, stopped, taken by another worker or until this worker ends.

    A worker's death costs only the cells that it had not told yet.
    """
    lease = LandscapeLease(life.client, landscape_id, life.settings.lease_ms)

    def work(taken: AcquiredJob) -> Iterator[Progress]:
        spec = accepted_today(landscape_adapter, taken.spec)
        rows = [orjson.loads(raw) for raw in life.client.hvals(lease.job.rows)]
        return follow(spec, partial(LoggedRun, life.client), rows=rows, threads=life.settings.study_threads or None)

    carry(life, lease, work, "Stopped; its finished cells stand.", "another goes on with the cells that are left.")


def warm() -> None:
    """Compile or load what measures cells, so that the first landscape does not wait for it."""
    nothing = np.zeros(2)
    for activation in ("relu", "tanh"):
        evaluator = Evaluator.of_net(
            [np.zeros((2, 2))] * 2, [nothing] * 2, activation, np.zeros((2, 2)), np.zeros(2, int)
        )
        evaluator.on_plane(nothing, nothing, evaluator.theta, evaluator.theta)
        evaluator.gradient(evaluator.theta, np.zeros(1, int))
