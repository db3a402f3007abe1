"""Long work on one objective that reports while it lasts, and can be stopped at its next Hessian product."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from foldscape.arrays import FloatArray
from foldscape.curvature import Objective
from foldscape.progress import Progress

SECONDS = 0.2
"""Seconds between two reports."""


class Left(Exception):
    """Nobody waits for the work any more."""


def meanwhile(objective: Objective, work: Callable[[], None], told: Callable[[], Progress]) -> Iterator[Progress]:
    """Do some work in a thread of its own, and report on it again and again until it is done.

    When nobody takes the reports any more, as after a request to stop, the work ends at its next product.

    Args:
        objective: What the work multiplies by the Hessian of, at the net's own parameters.
        work: The work.
        told: What to report meanwhile.

    Yields:
        That, until the work is done.
    """
    left, done = threading.Event(), threading.Event()
    failed: list[Exception] = []

    def worked() -> None:
        try:
            with _watched(objective, left):
                work()
        except Left:
            pass
        except Exception as error:
            failed.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=worked, name="spectrum", daemon=True)
    thread.start()
    try:
        while not done.wait(SECONDS):
            yield told()
    finally:
        left.set()
        thread.join()
    if failed:
        raise failed[0]


@contextmanager
def _watched(objective: Objective, left: threading.Event) -> Iterator[None]:
    """Let every product with the Hessian look first whether somebody still waits."""
    operator = objective.at()
    products = operator.products

    def checked(vectors: FloatArray) -> FloatArray:
        if left.is_set():
            raise Left
        return products(vectors)

    operator.products = checked  # type: ignore[method-assign]
    try:
        yield
    finally:
        del operator.products
