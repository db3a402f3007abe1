"""The states of a run and the moves between them."""

from __future__ import annotations

from enum import StrEnum

from foldscape.errors import FoldscapeError


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


class IllegalMove(FoldscapeError):
    """A change of state that the table does not know."""

    code = "illegal_move"


def check_move(old: State, new: State) -> None:
    """Refuse a change of state that is not in the table.

    Raises:
        IllegalMove: When ``old`` may not become ``new``.
    """
    if old != new and new not in MOVES[old]:
        allowed = ", ".join(sorted(MOVES[old])) or "none"
        raise IllegalMove(f"A run that is {old} cannot become {new}.", hint=f"Possible: {allowed}.")
