"""The tasks: a message "advance this run" or "carry this job out" in, computing until it is over or handed on."""

from __future__ import annotations

from workers.app import app, worker_process
from workers.broker import ADVANCE, ENSEMBLE, LANDSCAPE, STUDY, SWEEP


@app.task(name=ADVANCE)  # type: ignore[untyped-decorator]
def advance(run_id: str) -> None:
    """Advance a run; a message for a run that is taken or over does nothing."""
    from workers.advance import advance as advance_run

    advance_run(worker_process(), run_id)


@app.task(name=STUDY)  # type: ignore[untyped-decorator]
def study(study_id: str) -> None:
    """Carry a study out; a message for a study that is taken or over does nothing."""
    from workers.studies import carry_out

    carry_out(worker_process(), study_id)


@app.task(name=LANDSCAPE)  # type: ignore[untyped-decorator]
def landscape(landscape_id: str) -> None:
    """Measure a landscape; a message for one that is taken or over does nothing."""
    from workers.landscapes import carry_out

    carry_out(worker_process(), landscape_id)


@app.task(name=ENSEMBLE)  # type: ignore[untyped-decorator]
def ensemble(ensemble_id: str) -> None:
    """Measure an ensemble; a message for one that is taken or over does nothing."""
    from workers.ensembles import carry_out

    carry_out(worker_process(), ensemble_id)


@app.task(name=SWEEP)  # type: ignore[untyped-decorator]
def sweep(sweep_id: str) -> None:
    """Carry a sweep out; a message for one that is taken or over does nothing."""
    from workers.sweeps import carry_out

    carry_out(worker_process(), sweep_id)
