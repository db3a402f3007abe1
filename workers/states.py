"""The states of a run and the moves between them."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What a run is doing."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"

    @property
    def is_over(self) -> bool:
        """Whether no worker may advance the run any more."""
        return self in OVER


OVER = frozenset({State.DONE, State.STOPPED, State.FAILED})

_ENDS = frozenset({State.DONE, State.STOPPED, State.FAILED})

MOVES: dict[State, frozenset[State]] = {
    State.QUEUED: _ENDS | {State.RUNNING, State.PAUSED},
    State.RUNNING: _ENDS | {State.PAUSED, State.LOST, State.QUEUED},
    State.PAUSED: _ENDS | {State.RUNNING, State.QUEUED, State.LOST},
    State.LOST: _ENDS | {State.RUNNING, State.PAUSED, State.QUEUED},
    State.STOPPED: frozenset({State.QUEUED}),
    State.FAILED: frozenset({State.QUEUED}),
    State.DONE: frozenset(),
}
"""From each state, the states a run may move to; staying is always allowed."""
