"""What other threads want of a run: that it leaves this worker, or that it stops since another has it."""

from __future__ import annotations

import threading

from workers.run_log.lease import Fenced


class Draining(Exception):
    """The worker ends; the run goes on elsewhere."""


class Orders:
    """Orders to one run, and waiting that an order ends. Giving one takes no lock, so a signal handler may.

    Args:
        run_id: The run.
    """

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._wake, self._lost = threading.Event(), threading.Event()
        self.draining = False

    def drain(self) -> None:
        """Ask the run to leave this worker at its next step."""
        self.draining = True
        self._wake.set()

    def lose(self) -> None:
        """Note that another worker has the run."""
        self._lost.set()
        self._wake.set()

    def check_hold(self) -> None:
        """Stop when another worker has the run.

        Raises:
            Fenced: When it has.
        """
        if self._lost.is_set():
            raise Fenced(self._run_id)

    def obey(self) -> None:
        """Stop when anything was ordered.

        Raises:
            Fenced: When another worker has the run.
            Draining: When the run is to leave this worker.
        """
        self.check_hold()
        if self.draining:
            raise Draining(self._run_id)

    def wait(self, seconds: float) -> None:
        """Wait so long, or until something is ordered."""
        self._wake.wait(seconds)

    def wait_although_draining(self, seconds: float) -> None:
        """Wait so long, or until another worker has the run: what a leaving run has to say is said with patience."""
        self._lost.wait(seconds)
