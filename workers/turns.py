"""Turns at computing for the runs of one process.

Forty threads that all want the interpreter wake each other for nothing, thousands of times a second; a run's portion of
work is short, so it is quicker to let few at a time.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

SEATS = 2
"""Runs that compute at a time: one in the interpreter, one in compiled code."""

PATIENCE = 0.02
"""Seconds after which a run computes without a seat: those that have one are at something long, outside the
interpreter for the most part."""


class Turns:
    """Seats at computing, shared by the runs of a process."""

    def __init__(self, seats: int = SEATS) -> None:
        self._seats = threading.Semaphore(seats)

    def seat(self) -> Seat:
        """Give a run its claim to a seat."""
        return Seat(self._seats)


class Seat:
    """One run's claim; not held at first."""

    def __init__(self, seats: threading.Semaphore) -> None:
        self._seats = seats
        self._held = False

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Let others compute while this run waits or talks, and take a seat again after that."""
        self.leave()
        yield
        self._held = self._seats.acquire(timeout=PATIENCE)

    def leave(self) -> None:
        """Give the seat up, if it is held."""
        if self._held:
            self._held = False
            self._seats.release()
