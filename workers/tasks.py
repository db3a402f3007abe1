"""The one task: the message "advance this run" in, computing until the run is over, parked or handed on."""

from __future__ import annotations

from workers.app import app, life
from workers.broker import ADVANCE


@app.task(name=ADVANCE)  # type: ignore[untyped-decorator]
def advance(run_id: str) -> None:
    """Advance a run; a message for a run that is taken or over does nothing."""
    from workers.advance import advance as advance_run

    advance_run(life(), run_id)
